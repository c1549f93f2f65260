import ArgumentParser
import CorfuRepl

/// `corfu scan`: all entries, or those from a position on.
struct ScanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Show the entries of a log in order.",
    discussion: """
      A file that was appended by lines comes back byte for byte with --raw; only a last line that \
      had no new line gets one. Lines of a cluster, in which a node died while they were appended, \
      may have changed places (see 'corfu append --help').
      """
  )

  @OptionGroup var options: DataOptions

  @OptionGroup var rendering: RenderingOptions

  @Option(help: "The first position, such as 5 or tail-10 (default: where the log begins).")
  var from: String?

  @Option(help: "How many entries at most, those that are told to be lost among them.")
  var count: Int?

  func run() async throws {
    var words = ["scan"]
    if let from { words.append(from) }
    if let count { words += ["count", String(count)] }
    let command = try Shell.command(words, stage: options.stage())
    try await Shell.run(command, on: options, mode: rendering.mode)
  }
}
