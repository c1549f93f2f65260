import ArgumentParser
import CorfuBench

/// `corfu bench appends N`: something to hold a profiler or valgrind to.
struct AppendsBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "appends",
    abstract: "Append so many entries, durably, and do nothing else.",
    discussion: """
      For tools that count: run it with n and with 2n under valgrind, strace or perf, and what the \
      second run did more is the price of n appends. Scripts/allocations does so.
      """
  )

  @Argument(help: "How many entries.")
  var count: Int

  @Option(help: ArgumentHelp("How many appends are under way at any time.", valueName: "n"))
  var outstanding = 64

  @Option(help: ArgumentHelp("The size of each payload, in bytes.", valueName: "bytes"))
  var payload = 128

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Where to make the folder; by default here.", valueName: "dir")
  )
  var parent = "."

  func validate() throws {
    guard count >= 0, outstanding > 0, payload >= 0 else {
      throw ValidationError("numbers begin at 1, sizes at 0")
    }
  }

  func run() async throws {
    try await BenchFolder.with(in: parent) { folder in
      try await ExactAppends(outstanding: outstanding, payloadBytes: payload).run(count, in: folder)
    }
  }
}
