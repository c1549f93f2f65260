internal import CorfuGlobalLog
public import CorfuProtocol
public import CorfuStripeMirror

/// All nodes of a cluster side by side, again and again: what they are and what they do.
public struct ClusterTop<Network: Transport, Time: Clock>: Sendable
where Time.Duration == Duration {
  private let known: Set<NodeID>
  private let network: Network
  private let clock: Time
  private let patience: Duration

  /// A watch.
  ///
  /// - Parameters:
  ///   - nodes: Some nodes of the cluster; one that answers is enough.
  ///   - network: The way to all of them.
  ///   - clock: What time is measured by.
  ///   - patience: How long to wait for each answer.
  public init(
    knowing nodes: Set<NodeID>,
    via network: Network,
    clock: Time,
    patience: Duration = .seconds(1)
  ) {
    known = nodes
    self.network = network
    self.clock = clock
    self.patience = patience
  }

  /// Shows a table after each interval, whatever becomes of the nodes.
  ///
  /// - Parameters:
  ///   - interval: How long one covers.
  ///   - count: How many; `nil` for no end.
  ///   - output: Where they are shown.
  /// - Throws: ``ReplError/cancelled`` when the task is; ``ReplError``, if nobody answers at the
  ///   first look, or nothing can be written.
  public func run(
    every interval: Duration,
    count: Int?,
    on output: Output
  ) async throws(ReplError) {
    let pages = Pages(on: output, mode: .table)
    let (begin, clock) = (clock.now, clock)
    let elapsed = { @Sendable in begin.duration(to: clock.now) }
    var nodes = known
    var last = try await read(nodes, elapsed)
    var shown = 0
    while count.map({ shown < $0 }) ?? true {
      do {
        try await clock.sleep(for: interval)
      } catch {
        throw .cancelled
      }
      nodes.formUnion(last.nodes)
      let answer: ClusterAnswer
      do throws(ReplError) {
        let next = try await read(nodes, elapsed)
        answer = TopTable(before: last, after: next).answer
        last = next
      } catch {
        if error == .cancelled { throw error }
        let verdict = HealthVerdict(down: "\(error)")
        answer = .verdict(verdict, [verdict.headline], FactTable(of: "node", []))
      }
      try pages.show { (page) throws(ReplError) in try answer.print(to: page, mode: .table) }
      shown += 1
    }
  }

  private func read(
    _ nodes: Set<NodeID>,
    _ elapsed: @escaping @Sendable () -> Duration
  ) async throws(ReplError) -> ClusterReading {
    let reading: ClusterReading
    do throws(ReplError) {
      reading = try await ClusterReading.take(
        of: nodes,
        via: network,
        patience: patience,
        elapsed: elapsed
      )
    } catch {
      if Task.isCancelled { throw .cancelled }
      throw error
    }
    if Task.isCancelled { throw .cancelled }
    return reading
  }
}
