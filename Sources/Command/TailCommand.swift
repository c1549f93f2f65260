import ArgumentParser
import CorfuRepl

/// `corfu tail`: where the log ends.
struct TailCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Show the end of a log: the position the next entry gets at the earliest."
  )

  @OptionGroup var options: DataOptions

  @Flag(help: "Print a JSON document.")
  var json = false

  func run() async throws {
    try await Shell.run(.tail, on: options, mode: json ? .json : .table)
  }
}
