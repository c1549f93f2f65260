import ArgumentParser
import CorfuRepl

/// `corfu scan`: all entries, or those from a position on.
struct ScanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Show the entries of a log in order.",
    discussion: """
      A file that 'corfu append' has appended comes back byte for byte with --raw, also if nodes \
      died meanwhile: what a writer sent together is put into the order in which it was sent, \
      where no more than 65,536 entries and 64 MiB of anybody's stand between. All else is in the \
      log's order, which --order log, tables and JSON always have.

      In a folder of stages 1 to 6 a last line that had no new line gets one.
      """
  )

  /// The order of payloads.
  enum Order: String, ExpressibleByArgument, CaseIterable {
    case writer
    case log
  }

  @OptionGroup var options: DataOptions

  @OptionGroup var rendering: RenderingOptions

  @Option(help: "The first position, such as 5 or tail-10 (default: where the log begins).")
  var from: String?

  @Option(help: "How many entries at most, those that are told to be lost among them.")
  var count: Int?

  @Option(
    help: "With --raw: 'writer', as each writer sent them, or 'log', by position (default: writer)."
  )
  var order: Order?

  func validate() throws {
    if order != nil, !rendering.raw {
      throw ValidationError("--order is for --raw: what shows positions is in their order")
    }
  }

  func run() async throws {
    var words = ["scan"]
    if let from { words.append(from) }
    if let count { words += ["count", String(count)] }
    var command = try Shell.command(words, stage: options.stage())
    if case .scan(let range, let count, _) = command, order == .log {
      command = .scan(range, count: count, order: .log)
    }
    try await Shell.run(command, on: options, mode: rendering.mode)
  }
}
