internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Synchronization

/// A cluster that looks after itself, with clients that append all the time, and the death of one
/// of its nodes.
struct Outage: Sendable {
  /// Who dies.
  enum Victim: String, CaseIterable, Sendable {
    case head = "the head of a chain"
    case tail = "the tail of a chain"
    case sequencer = "the sequencer"
    case acceptor = "an acceptor"
  }

  /// What it was like.
  struct Course: Sendable {
    /// From the death until somebody took it for dead.
    var suspected: Duration
    /// From the death until the next layout was in force.
    var changed: Duration
    /// The longest time without an acknowledged append.
    var gap: Duration
    /// The longest that any append took.
    var slowest: Duration
    /// Appends that ended in an error.
    var failures: Int
  }

  let victim: Victim
  let folder: BenchFolder
  var clients = 16
  var monitors = 3
  var stripes = 1
  /// How long all is well before, and is watched after.
  var quiet = Duration.milliseconds(500)

  private let clock = ContinuousClock()

  init(victim: Victim, folder: BenchFolder) {
    self.victim = victim
    self.folder = folder
  }

  /// What the tasks tell each other.
  private final class Watch: Sendable {
    struct State: Sendable {
      var gaps: AppendGaps?
      var failures = 0
      var suspected: Duration?
      var changed: Duration?
    }

    let state = Mutex(State())
    private let clock = ContinuousClock()
    private let begin = ContinuousClock().now

    var now: Duration { begin.duration(to: clock.now) }

    func hear(_ event: MonitorEvent, of dead: NodeID, newerThan epoch: Epoch) {
      let now = now
      state.withLock { state in
        if case .suspected(dead) = event { state.suspected = state.suspected ?? now }
        if case .adopted(let next) = event, next > epoch {
          state.changed = state.changed ?? now
        }
      }
    }
  }

  /// Lets it happen.
  func run() async throws -> Course {
    let shape = VotedCluster.Shape(stripes: stripes, replicas: 2, spares: 4, votesApart: true)
    return try await VotedCluster.with(shape, in: folder.folder("outage")) { cluster in
      guard let layout = cluster.firstLayout, let dead = dead(in: layout) else {
        throw BenchError.failed("the cluster has no layout")
      }
      let watch = Watch()
      return try await withThrowingTaskGroup(of: Void.self) { group in
        for rank in 0..<monitors {
          let monitor = monitor(rank, of: cluster, layout) {
            watch.hear($0, of: dead, newerThan: layout.epoch)
          }
          group.addTask { await monitor.run() }
        }
        for _ in 0..<clients {
          let client = cluster.client(of: layout)
          group.addTask { await append(by: client, watch) }
        }
        defer { group.cancelAll() }
        try await clock.sleep(for: quiet)
        return try await observe(cluster, dead, watch)
      }
    }
  }

  private func dead(in layout: Layout) -> NodeID? {
    switch victim {
    case .head: layout.spans.first?.stripes.first?.head?.node
    case .tail: layout.spans.first?.stripes.first?.tail?.node
    case .sequencer: layout.sequencer.node
    // One that does nothing else, and is not the first in line to be more.
    case .acceptor: layout.acceptors.last?.node
    }
  }

  private func monitor(
    _ rank: Int,
    of cluster: VotedCluster,
    _ layout: Layout,
    _ onEvent: @escaping @Sendable (MonitorEvent) -> Void
  ) -> Monitor<CountedTransport, ContinuousClock, ReferenceParts> {
    var random = SystemRandomNumberGenerator()
    return Monitor(
      rank: rank,
      layout: layout,
      network: cluster.network,
      clock: ContinuousClock(),
      using: &random,
      wishes: { cluster.wishes },
      onEvent: onEvent
    )
  }

  private func append(by client: VotedCluster.BenchClient, _ watch: Watch) async {
    let payload = [UInt8](repeating: 1, count: 128)
    while !Task.isCancelled {
      let begin = watch.now
      do {
        _ = try await client.append(payload)
        let now = watch.now
        watch.state.withLock { $0.gaps?.acknowledge(at: now, after: now - begin) }
      } catch {
        // The end of the run interrupts whoever is at it.
        if !Task.isCancelled { watch.state.withLock { $0.failures += 1 } }
      }
    }
  }

  private func observe(
    _ cluster: VotedCluster,
    _ dead: NodeID,
    _ watch: Watch
  ) async throws -> Course {
    let death = watch.now
    watch.state.withLock { state in
      state.gaps = AppendGaps(at: death)
      (state.suspected, state.changed) = (nil, nil)
    }
    cluster.kill(dead)
    while watch.state.withLock({ $0.changed }) == nil {
      if watch.now - death > .seconds(30) {
        throw BenchError.wrongAnswer("\(dead) is dead for 30 s, and the layout still names it")
      }
      try await clock.sleep(for: .milliseconds(10))
    }
    try await clock.sleep(for: quiet)
    let now = watch.now
    let state = watch.state.withLock { state in
      state.gaps?.pass(to: now)
      return state
    }
    guard let gaps = state.gaps, let changed = state.changed else {
      throw BenchError.failed("nobody watched")
    }
    return Course(
      suspected: (state.suspected ?? changed) - death,
      changed: changed - death,
      gap: gaps.longest,
      slowest: gaps.slowest,
      failures: state.failures
    )
  }
}
