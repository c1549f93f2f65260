import ArgumentParser
import CorfuBench

/// `corfu bench load KIND`: one load on a cluster of processes, to hold a profiler to.
struct LoadBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Load a cluster of processes with one thing, and tell the processor time of each.",
    discussion: """
      Starts two chains of two and one node that stands by. Processor time is told for each token, \
      append or entry read: the client's, and each node's; neighbours of the machine change it \
      little. Of raw-tokens, which are asked for on one connection without a program's calls, no \
      latency is told.
      """
  )

  @Argument(help: "What: tokens, raw-tokens, appends, reads or scan.", transform: Self.load(named:))
  var load: ClusterLoadBench.Load

  @Option(help: ArgumentHelp("How many are under way at any time.", valueName: "n"))
  var outstanding = 64

  @Option(help: ArgumentHelp("The size of each appended payload, in bytes.", valueName: "bytes"))
  var payload = 128

  @Option(help: ArgumentHelp("For how long.", valueName: "n"))
  var seconds = 5

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp("Where to make the folder; by default here.", valueName: "dir")
  )
  var parent = "."

  func validate() throws {
    guard outstanding > 0, payload >= 0, seconds > 0 else {
      throw ValidationError("numbers begin at 1, sizes at 0")
    }
    guard outstanding <= 65_536, payload <= 16 << 20 else {
      throw ValidationError("--outstanding takes up to 65536, --payload up to 16 MiB")
    }
  }

  func run() async throws {
    let bench = ClusterLoadBench(load, outstanding: outstanding, payloadBytes: payload)
    let outcome = try await untilInterrupted { [seconds, parent] in
      try await BenchFolder.with(in: parent) { folder in
        try await bench.run(in: folder, program: UpCommand.program, for: .seconds(seconds))
      }
    }
    print(outcome)
  }

  private static func load(named name: String) throws -> ClusterLoadBench.Load {
    guard let load = ClusterLoadBench.Load(rawValue: name) else {
      throw ValidationError("there is no load '\(name)'")
    }
    return load
  }
}
