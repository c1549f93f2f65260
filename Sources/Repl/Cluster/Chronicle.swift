import CorfuClient
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce
import Synchronization

/// Puts what happens by itself into words, each thing once, however many monitors see it.
final class Chronicle<Time: Clock>: Sendable where Time.Duration == Duration {
  private struct State: Sendable {
    var news: [(time: Duration, text: String)] = []
    /// When each thing was told last.
    var told: [String: Duration] = [:]
    /// Who was told to be dead, and not started since.
    var dead: Set<NodeID> = []
    var begin = Duration.zero
    /// Who was taken out of a layout, and when: the last of them.
    var removals: [(time: Duration, node: NodeID)] = []
    /// The disks that an operator gave up.
    var declared: Set<UnitName> = []

    mutating func tell(_ text: String, at now: Duration, memory: Duration, newsMax: Int) {
      defer { told[text] = now }
      if let last = told[text], now - last < memory { return }
      if told.count > 1000 { told = [:] }
      if news.count >= newsMax { news.removeFirst() }
      news.append((now, text))
    }
  }

  /// What is seen again within this time was told already.
  private static var memory: Duration { .seconds(4) }
  /// More is not kept between two commands.
  private static var newsMax: Int { 100 }
  private static var removalsMax: Int { 1000 }

  private let clock: Time
  private let start: Time.Instant
  private let state = Mutex(State())

  init(clock: Time) {
    self.clock = clock
    start = clock.now
  }

  private var now: Duration { start.duration(to: clock.now) }

  /// A command begins.
  func begin() {
    let now = now
    state.withLock { $0.begin = now }
  }

  /// What happened since this was last asked.
  func take() -> [News] {
    state.withLock { state in
      defer { state.news = [] }
      return state.news.map { News(time: $0.time - state.begin, text: $0.text) }
    }
  }

  /// Somebody does what may bring a node to life, or all that are taken for dead.
  func expectReturn(of node: NodeID?) {
    state.withLock { state in
      if let node { state.dead.remove(node) } else { state.dead = [] }
    }
  }

  /// An operator gives up disks.
  func expectLoss(of units: Set<UnitName>) {
    state.withLock { $0.declared.formUnion(units) }
  }

  /// How often each node was taken out of a layout in the time that has just passed.
  func removals(within window: Duration) -> [(node: NodeID, count: Int)] {
    let now = now
    let nodes = state.withLock { state in
      state.removals.filter { now - $0.time <= window }.map(\.node)
    }
    return Set(nodes).sorted().map { node in (node, nodes.count { $0 == node }) }
  }

  /// Something happened to a unit's disk that explains what comes of it.
  func hear(_ event: UnitEvent, of node: NodeID) {
    switch event {
    case .store(.failed(.powerOff)), .store(.failed(.inUse)): return
    case .store(.failed(let error)):
      tell("\(node)'s disk failed, and \(node) has stopped: \(error)")
    case .store(.spaceShort): tell("\(node)'s disk is full")
    case .store(.spaceBack): tell("\(node)'s disk has room again")
    case .store, .gateChanged: return
    }
  }

  private func tell(_ text: String) {
    let now = now
    state.withLock { $0.tell(text, at: now, memory: Self.memory, newsMax: Self.newsMax) }
  }

  func hear(_ event: ClusterEvent) {
    guard let text = words(for: event) else { return }
    let now = now
    state.withLock { state in
      if case .layout(let layout, let before) = event {
        let gone = Set(before.units).subtracting(layout.units).map(\.node).sorted()
        state.removals += gone.map { (now, $0) }
        state.removals.removeFirst(max(0, state.removals.count - Self.removalsMax))
      }
      if case .monitor(_, .suspected(let node)) = event, !state.dead.insert(node).inserted {
        return
      }
      state.tell(text, at: now, memory: Self.memory, newsMax: Self.newsMax)
    }
  }

  private func words(for event: ClusterEvent) -> String? {
    switch event {
    case .layout(let layout, let before):
      "epoch \(layout.epoch): "
        + LayoutWords.changes(
          from: before,
          to: layout,
          declared: state.withLock { $0.declared }
        )
    case .monitor(let host, .suspected(let node)):
      "\(node) was silent for too long: the monitor on \(host) takes it for dead"
    case .monitor(_, let event): words(for: event)
    case .removed(let node): "\(node) is gone, and its folder empty"
    case .emptied(let node): "\(node) can be used again"
    }
  }

  private func words(for event: MonitorEvent) -> String? {
    switch event {
    case .suspected: nil  // Told with the monitor's name.
    case .adopted, .joined: nil  // The layout says it.
    case .failed(.overtaken), .failed(.unfounded): nil  // Another was faster, or is not dead.
    case .failed(let error): "the layout cannot be changed: \(ReconfigurationWords.news(of: error))"
    case .rebuilding(let task):
      "\(task.newcomer.node) is given a copy of \(LayoutWords.part(task))"
    case .notRebuilt(.overtaken): nil  // It begins again from the newer layout.
    case .notRebuilt(let error): "the copy is not done: \(error)"
    case .reset(let unit): "\(unit.node)'s disk, which is out of date, was emptied"
    case .outdated(let unit, _):
      "\(unit.node)'s disk is an older image of itself: nobody may rely on what it holds"
    }
  }
}
