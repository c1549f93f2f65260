internal import CorfuClient
internal import CorfuCluster
internal import CorfuProtocol
internal import CorfuStripeMirror

/// `corfu bench load`: one load on a cluster of processes and nothing else, with what it costs each
/// of them in processor time, which neighbours of the machine change little.
public struct ClusterLoadBench: Sendable {
  /// What the client does.
  public enum Load: String, CaseIterable, Sendable {
    case tokens
    case rawTokens = "raw-tokens"
    case appends
    case reads
    case scan
  }

  /// What came of it.
  public struct Outcome: Sendable {
    /// How much was done, and how long each took.
    public let measurement: Measurement
    /// The client's processor time for each operation, in seconds.
    public let client: Double
    /// The same of each node, in the order of their names; empty where the system does not tell.
    public let nodes: [Double]
  }

  private let load: Load
  private let outstanding: Int
  private let payloadBytes: Int

  /// A load.
  ///
  /// - Parameters:
  ///   - load: What is done.
  ///   - outstanding: How many tokens, appends or reads are under way at any time.
  ///   - payloadBytes: The size of each appended payload.
  public init(_ load: Load, outstanding: Int, payloadBytes: Int) {
    self.load = load
    self.outstanding = outstanding
    self.payloadBytes = payloadBytes
  }

  /// Starts a cluster of two chains of two, and loads it for so long.
  public func run(
    in folder: BenchFolder,
    program: String,
    for duration: Duration
  ) async throws -> Outcome {
    try await ProcessCluster.with(
      in: folder,
      program: program,
      stripes: 2,
      replicas: 2,
      spares: 1
    ) { cluster in
      let loads = ClusterLoads(cluster)
      if load == .reads || load == .scan { try await loads.prepareReads() }
      _ = try await run(loads, for: .milliseconds(200))
      let processes = cluster.members.compactMap { cluster.local.process(of: $0.node) }
      let before = ([nil] + processes).map(ProcessorTime.of)
      let measurement = try await run(loads, for: duration)
      let spent = zip(([nil] + processes).map(ProcessorTime.of), before).map { now, before in
        (now - before).seconds / Double(max(1, measurement.operations))
      }
      let isTold = spent.dropFirst().contains { $0 > 0 }
      return Outcome(
        measurement: measurement,
        client: spent[0],
        nodes: isTold ? Array(spent.dropFirst()) : []
      )
    }
  }

  private func run(_ loads: ClusterLoads, for duration: Duration) async throws -> Measurement {
    switch load {
    case .tokens: try await loads.tokens(inFlight: outstanding, for: duration)
    case .rawTokens: try await loads.rawTokens(inFlight: outstanding, for: duration)
    case .appends:
      try await loads.appends(
        clients: 1,
        outstanding: outstanding,
        payloadBytes: payloadBytes,
        for: duration
      )
    case .reads: try await loads.randomReads(callers: outstanding, for: duration)
    case .scan: try await loads.scan(for: duration)
    }
  }
}

extension ClusterLoadBench.Outcome: CustomStringConvertible {
  public var description: String {
    let rate = Unit.perSecond.text(measurement.operationsPerSecond)
    let isTimed = measurement.latencies.count > 0
    let p50 = isTimed ? ", p50 \(Unit.seconds.text(measurement.p50))" : ""
    let all = Unit.seconds.text(client + nodes.reduce(0, +))
    let each = nodes.map(Unit.seconds.text).joined(separator: ", ")
    let others = nodes.isEmpty ? "" : "; nodes \(each); together \(all)"
    let cost = "client \(Unit.seconds.text(client))\(others)"
    return "\(rate)\(p50); processor time for each: \(cost)"
  }
}
