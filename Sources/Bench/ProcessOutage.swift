internal import CorfuClient
internal import CorfuCluster
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Synchronization

/// A cluster of processes that is appended to all the time, and one of them that is killed.
///
/// ``Outage`` is the same in one process.
struct ProcessOutage: Sendable {
  /// Who is killed.
  enum Victim: String, CaseIterable, Sendable {
    case unit = "a unit"
    case sequencer = "the sequencer"
  }

  let victim: Victim
  let program: String
  let stripes: Int
  let replicas: Int
  /// How many appends are under way at any time, and how large they are.
  var outstanding = 64
  var payloadBytes = 128

  private let clock = ContinuousClock()

  init(victim: Victim, program: String, stripes: Int, replicas: Int) {
    self.victim = victim
    self.program = program
    self.stripes = stripes
    self.replicas = replicas
  }

  static let width = Duration.milliseconds(10)
  /// How long the cluster is appended to before anybody counts, and before the death.
  private static let warmUp = Duration.milliseconds(500)
  private static let quiet = Duration.seconds(1)
  /// How long it is watched after the death: at least, after it has recovered, and at most.
  private static let watchMin = Duration.seconds(2)
  private static let calm = Duration.milliseconds(500)
  static let watchMax = Duration.seconds(15)

  /// What the tasks tell each other.
  private final class Watch: Sendable {
    private struct State: Sendable {
      var buckets: AppendBuckets?
      var gaps: AppendGaps?
      var death = 0
    }

    private let state = Mutex(State())
    private let clock = ContinuousClock()
    private let start = ContinuousClock().now

    var now: Duration { start.duration(to: clock.now) }

    func begin() {
      let now = now
      state.withLock { $0.buckets = AppendBuckets(of: ProcessOutage.width, from: now) }
    }

    func acknowledge(after begin: Duration) {
      let now = now
      state.withLock { state in
        state.buckets?.acknowledge(at: now)
        state.gaps?.acknowledge(at: now, after: now - begin)
      }
    }

    func noteDeath() {
      let now = now
      state.withLock { state in
        state.gaps = AppendGaps(at: now)
        state.death = state.buckets?.place(of: now) ?? 0
      }
    }

    func timeline(of victim: Victim) -> Timeline {
      let now = now
      return state.withLock { state in
        state.gaps?.pass(to: now)
        return Timeline(
          victim: victim.rawValue,
          width: ProcessOutage.width,
          counts: state.buckets?.counts(at: now) ?? [],
          death: state.death,
          outage: state.gaps?.longest ?? .zero
        )
      }
    }
  }

  /// Lets it happen, to a fresh cluster below a folder.
  func run(in folder: BenchFolder) async throws -> Timeline {
    try await ProcessCluster.with(
      in: folder,
      program: program,
      stripes: stripes,
      replicas: replicas,
      spares: 1
    ) { cluster in
      let node = try node(in: cluster.layout)
      let client = cluster.client()
      let watch = Watch()
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        group.addTask { await appendAll(by: client, of: cluster, watch) }
        defer { group.cancelAll() }
        return try await observe(cluster, node, watch)
      }
    }
  }

  private func node(in layout: Layout) throws -> NodeID {
    if victim == .sequencer { return layout.sequencer.node }
    // The sequencer is with the node that stands by; where it is not, it must not die as well.
    guard let unit = layout.units.first(where: { $0.node != layout.sequencer.node }) else {
      throw BenchError.failed("every unit is with the sequencer: take more of them")
    }
    return unit.node
  }

  private func appendAll(
    by client: ProcessCluster.Log,
    of cluster: ProcessCluster,
    _ watch: Watch
  ) async {
    await withTaskExecutorPreference(cluster.network.executor) {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<outstanding {
          group.addTask { await append(by: client, watch) }
        }
      }
    }
  }

  private func append(by client: ProcessCluster.Log, _ watch: Watch) async {
    let payload = [UInt8](repeating: 1, count: payloadBytes)
    while !Task.isCancelled {
      let begin = watch.now
      do {
        _ = try await client.append(payload)
        watch.acknowledge(after: begin)
      } catch {
        // It was not acknowledged, and so it is missing among those that were. Cancelled: that is
        // looked for above.
        try? await clock.sleep(for: .milliseconds(1))
      }
    }
  }

  private func observe(
    _ cluster: ProcessCluster,
    _ node: NodeID,
    _ watch: Watch
  ) async throws -> Timeline {
    try await clock.sleep(for: Self.warmUp)
    watch.begin()
    try await clock.sleep(for: Self.quiet)
    watch.noteDeath()
    let death = watch.now
    guard cluster.local.kill(node) else {
      throw BenchError.failed("\(node) ended before it was killed")
    }
    while true {
      try await clock.sleep(for: .milliseconds(100))
      let (timeline, time) = (watch.timeline(of: victim), watch.now - death)
      let isOver = timeline.recovery.map { time >= $0 + Self.calm } ?? false
      if time >= Self.watchMax || (isOver && time >= Self.watchMin) { return timeline }
    }
  }
}
