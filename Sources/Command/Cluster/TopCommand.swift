import ArgumentParser
import CorfuCluster
import CorfuProtocol
import CorfuRepl

/// `corfu top`.
struct TopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "Show all nodes of a cluster side by side, and what they do, until Ctrl-C.",
    discussion: """
      Each table covers one interval: entries that the unit wrote, positions that it told programs \
      of, and positions that the sequencer handed out, a second; how long 99 of 100 syncs and \
      writes took at most; requests that wait; bytes that are live, and room left on the disk; \
      holes that were filled since the node began. The last row is all nodes together: appends \
      are counted once and not per copy, and of the room left the least is shown. A client's \
      certificate is enough.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Option(help: ArgumentHelp("Seconds that each table covers.", valueName: "seconds"))
  var interval = 2.0

  @Option(help: "How many tables to show (default: no end).")
  var count: Int?

  func validate() throws {
    guard interval >= 0.1, interval <= 3600 else {
      throw ValidationError("--interval takes 0.1 to 3600 seconds")
    }
    if let count, count < 1 { throw ValidationError("--count takes 1 or more") }
  }

  func run() async throws {
    let (addresses, security) = (try options.addresses(), try options.security())
    let connection = try await connect(
      to: addresses,
      as: .client,
      security,
      patience: lookPatience
    )
    let top = ClusterTop(
      knowing: connection.nodes,
      via: connection.network,
      clock: ContinuousClock(),
      patience: lookPatience
    )
    let (interval, count) = (Duration.seconds(interval), count)
    let output = Output.standardOutput()
    let result: Result<Void, any Error>
    do {
      try await untilInterrupted {
        try await top.run(every: interval, count: count, on: output)
      }
      result = .success(())
    } catch let code as ExitCode where code.rawValue == Shell.interrupted {
      // That is how a watch ends.
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await connection.network.close()
    try result.get()
  }
}
