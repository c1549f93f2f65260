import ArgumentParser
import CorfuRepl

/// `corfu follow`: entries as they arrive.
struct FollowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow",
    abstract: "Show entries as they arrive, until Ctrl-C."
  )

  @OptionGroup var options: DataOptions

  @OptionGroup var rendering: RenderingOptions

  @Option(help: "The first position, such as 0 or tail-10 (default: the end of the log).")
  var from: String?

  @Option(help: "How many entries to wait for (default: no end).")
  var count: Int?

  func run() async throws {
    var words = ["follow"]
    if let from { words += ["from", from] }
    if let count { words += ["count", String(count)] }
    let command = try Shell.command(words, stage: options.stage())
    try await Shell.run(command, on: options, mode: rendering.mode, for: .looking)
  }
}
