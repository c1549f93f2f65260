import ArgumentParser
import CorfuRepl

/// `corfu unit`: looks into a unit's folder while nobody has it open.
struct UnitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unit",
    abstract: "Look into the folder of a storage unit.",
    subcommands: [Verify.self, Dump.self, AcceptLoss.self]
  )

  /// `corfu unit verify`: reads and checks every file.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Read and check every file; damage makes the exit status 1."
    )

    @Argument(help: "The unit's folder.")
    var folder: String

    @Flag(help: "Print a JSON document.")
    var json = false

    func run() async throws {
      let inspector = try openInspector(folder: folder)
      try await Inspection(
        inspector,
        output: .standardOutput(),
        mode: json ? .json : .table,
        errors: .standardError(),
        clock: ContinuousClock()
      ).verify()
    }
  }

  /// `corfu unit dump`: prints every record.
  struct Dump: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dump",
      abstract: "Print every record, file by file, as it stands on disk."
    )

    @Argument(help: "The unit's folder.")
    var folder: String

    @OptionGroup var rendering: RenderingOptions

    func run() async throws {
      let inspector = try openInspector(folder: folder)
      try await Inspection(inspector, output: .standardOutput(), mode: rendering.mode).dump()
    }
  }

  /// `corfu unit accept-loss`: an operator's word that what was lost is lost.
  struct AcceptLoss: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "accept-loss",
      abstract: "Give up what damage took, so that the log can be written again.",
      discussion: """
        A log that was damaged answers "corrupt" for what it lost, and refuses positions of which \
        it does not know whether something stood there. Restore a backup or copy the folder first \
        if there is any hope: this trims what is corrupt, and takes what is absent for empty. One \
        disk of several is left alone, as the others may have copies.
        """
    )

    @Argument(help: "The unit's folder.")
    var folder: String

    @Flag(help: "Also for one disk of several, though others may have copies of what it lost.")
    var despiteCopies = false

    @Flag(help: "Print a JSON document.")
    var json = false

    func run() async throws {
      if !despiteCopies { try FolderContent.checkHasNoCopies(folder) }
      var random = SystemRandomNumberGenerator()
      let inspector = try openInspector(folder: folder)
      let facts = try await inspector.acceptLosses(using: &random)
      try Inspection(inspector, output: .standardOutput(), mode: json ? .json : .table).show(facts)
    }
  }
}
