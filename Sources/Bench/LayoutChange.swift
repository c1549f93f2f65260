internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuSequencer
internal import CorfuStripeMirror

/// Changes of a cluster's layout, one after the other, each followed by an append.
struct LayoutChange: Sendable {
  /// Why it changes.
  enum Kind: String, CaseIterable, Sendable {
    case forced = "nobody dead"
    case unit = "a unit dead, a spare there"
    case sequencer = "the sequencer dead"
  }

  let kind: Kind
  /// How many units keep the log.
  let units: Int
  /// How many streams have an entry.
  let streams: Int
  let folder: BenchFolder

  private let replicas = 2
  private let clock = ContinuousClock()

  init(kind: Kind, units: Int, streams: Int = 0, folder: BenchFolder) {
    self.kind = kind
    self.units = units
    self.streams = streams
    self.folder = folder
  }

  /// Changes the layout again and again, for so long in all.
  func run(for duration: Duration) async throws -> Measurement {
    let shape = VotedCluster.Shape(stripes: units / replicas, replicas: replicas, spares: 1)
    return try await VotedCluster.with(shape, in: folder.folder("change")) { cluster in
      guard var layout = cluster.firstLayout else {
        throw BenchError.failed("the cluster has no layout")
      }
      try await fill(by: cluster.client(of: layout))
      let hand = cluster.reconfigurer()
      var measurement = Measurement(operations: 0, bytes: 0, duration: .zero)
      let begin = clock.now
      repeat {
        let victim = try victim(in: layout, turn: measurement.operations)
        let next = try await change(layout, of: cluster, by: hand, without: victim, &measurement)
        layout = try await recover(next, of: cluster, by: hand, from: victim)
      } while begin.duration(to: clock.now) < duration
      return measurement
    }
  }

  /// Writes to every stream once: many at a time, since no entry is read here.
  private func fill(by client: VotedCluster.BenchClient) async throws {
    let step = Token.streamsMax
    try await withThrowingTaskGroup(of: Void.self) { group in
      for turn in 0..<Self.writers {
        group.addTask {
          for begin in stride(from: turn * step, to: streams, by: Self.writers * step) {
            let numbers = begin..<min(begin + step, streams)
            let writes = numbers.map { StreamKeys(StreamID(UInt64($0) + 1)) }
            _ = try await client.append([1], writing: writes)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private static var writers: Int { 64 }

  /// Who dies this time.
  private func victim(in layout: Layout, turn: Int) throws -> NodeID? {
    switch kind {
    case .forced: return nil
    case .sequencer: return layout.sequencer.node
    case .unit:
      let stripes = layout.spans.last?.stripes ?? []
      guard let head = stripes[turn % max(1, stripes.count)].head else {
        throw BenchError.wrongAnswer("a chain of the layout is empty")
      }
      return head.node
    }
  }

  /// The change that is measured.
  private func change(
    _ layout: Layout,
    of cluster: VotedCluster,
    by hand: VotedCluster.BenchReconfigurer,
    without victim: NodeID?,
    _ measurement: inout Measurement
  ) async throws -> Layout {
    let client = cluster.client(of: layout)
    // Every chain has something, and its files are there.
    _ = try await client.append(batch: [[UInt8]](repeating: [1], count: 2 * units))
    if let victim { cluster.kill(victim) }
    let order = cluster.order(
      after: layout,
      without: victim.map { [$0] } ?? [],
      isForced: kind == .forced
    )
    let (messages, syncs) = (cluster.network.messages, cluster.syncs.count)
    let begin = clock.now
    let next = try await hand.run(order)
    let position = try await client.append([1])
    let time = begin.duration(to: clock.now)
    guard next.epoch > layout.epoch, position >= next.firstTail else {
      throw BenchError.wrongAnswer("the append went to the old epoch, at \(position)")
    }
    measurement.operations += 1
    measurement.duration += time
    measurement.latencies.record(time)
    measurement.messages += cluster.network.messages - messages
    measurement.syncs += cluster.syncs.count - syncs
    return next
  }

  /// Makes the cluster whole again, and its layout as short as it was.
  private func recover(
    _ layout: Layout,
    of cluster: VotedCluster,
    by hand: VotedCluster.BenchReconfigurer,
    from victim: NodeID?
  ) async throws -> Layout {
    guard let victim else { return layout }
    try await cluster.start(victim)
    if kind == .sequencer { return layout }
    // What is old stands on one unit only: it is forgotten, and the newcomer is the next spare.
    let client = cluster.client(of: layout)
    let position = try await client.append([1])
    try await client.trimPrefix(before: position)
    let next = try await hand.run(cluster.order(after: layout, isForced: true))
    guard next.spans.count == 1, next.spares.count == 1 else {
      throw BenchError.wrongAnswer(
        "after a change there are \(next.spans.count) spans and \(next.spares.count) spares"
      )
    }
    return next
  }
}
