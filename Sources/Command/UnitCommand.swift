import ArgumentParser
import CorfuRepl

/// `corfu unit`: looks into a unit's folder while nobody has it open.
struct UnitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unit",
    abstract: "Look into the folder of a storage unit, without changing it.",
    subcommands: [Verify.self, Dump.self]
  )

  /// `corfu unit verify`: reads and checks every file.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read and check every file; damage makes the exit status 1."
    )

    @Argument(help: "The unit's folder.")
    var folder: String

    @Flag(help: "Print a JSON document.")
    var json = false

    func run() async throws {
      let inspector = try await openInspector(folder: folder)
      try await Inspection(inspector, output: .standardOutput(), mode: json ? .json : .table)
        .verify()
    }
  }

  /// `corfu unit dump`: prints every record.
  struct Dump: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print every record, file by file, as it stands on disk."
    )

    @Argument(help: "The unit's folder.")
    var folder: String

    @OptionGroup var rendering: RenderingOptions

    func run() async throws {
      let inspector = try await openInspector(folder: folder)
      try await Inspection(inspector, output: .standardOutput(), mode: rendering.mode).dump()
    }
  }
}
