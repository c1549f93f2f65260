import ArgumentParser
import CorfuRepl

/// `corfu read`: what stands at a position or at those of a range.
struct ReadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Show what stands at a position, or at each of a range."
  )

  @OptionGroup var options: DataOptions

  @OptionGroup var rendering: RenderingOptions

  @Argument(help: "A position (5, tail-1) or a range (5..<9, 5...9, tail-10...).")
  var position: String

  func run() async throws {
    let command = try Shell.command(["read", position], stage: options.stage())
    try await Shell.run(command, on: options, mode: rendering.mode)
  }
}
