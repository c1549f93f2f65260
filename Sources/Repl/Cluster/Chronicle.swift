import Corfu
import CorfuPaxosConfigurator
import CorfuStages
import CorfuStripeMirror
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
  }

  /// What is seen again within this time was told already.
  private static var memory: Duration { .seconds(4) }
  /// More is not kept between two commands.
  private static var newsMax: Int { 100 }

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

  func hear(_ event: ClusterEvent) {
    guard let text = words(for: event) else { return }
    let now = now
    state.withLock { state in
      if case .monitor(_, .suspected(let node)) = event, !state.dead.insert(node).inserted {
        return
      }
      defer { state.told[text] = now }
      if let last = state.told[text], now - last < Self.memory { return }
      if state.told.count > 1000 { state.told = [:] }
      if state.news.count >= Self.newsMax { state.news.removeFirst() }
      state.news.append((now, text))
    }
  }

  private func words(for event: ClusterEvent) -> String? {
    switch event {
    case .layout(let layout, let before):
      "epoch \(layout.epoch): " + LayoutWords.changes(from: before, to: layout)
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
    case .failed(.overtaken): nil  // Another monitor was faster.
    case .failed(let error): "the layout cannot be changed: \(error)"
    case .rebuilding(let task):
      "\(task.newcomer.node) is given a copy of \(LayoutWords.part(task))"
    case .notRebuilt(.overtaken): nil  // It begins again from the newer layout.
    case .notRebuilt(let error): "the copy is not done: \(error)"
    case .reset(let unit): "\(unit.node)'s disk, which is out of date, was emptied"
    }
  }
}
