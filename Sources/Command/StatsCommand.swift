import ArgumentParser
import CorfuRepl

/// `corfu stats`: the log's numbers.
struct StatsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show a log's numbers: entries, tail, segments, bytes."
  )

  @OptionGroup var options: DataOptions

  @Flag(help: "Print a JSON document.")
  var json = false

  func run() async throws {
    try await Shell.run(.stats, on: options, mode: json ? .json : .table)
  }
}
