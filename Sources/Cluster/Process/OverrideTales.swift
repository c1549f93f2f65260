internal import CorfuGlobalLog
internal import CorfuStripeMirror
internal import Logging
internal import Synchronization

/// Logs what operators have decided against the rules, once each.
///
/// Disks that were given up with what only they had, and acceptors that were appointed without a
/// vote (R24).
final class OverrideTales: Sendable {
  private let logger: Logger
  private let state: Mutex<State>

  private struct State: Sendable {
    var losses: [LostRange]
    var generation: UInt64
  }

  /// Nothing but what a layout says is known yet.
  init(since layout: Layout, _ logger: Logger) {
    self.logger = logger
    state = Mutex(State(losses: layout.losses, generation: layout.generation))
  }

  /// Hears of a layout that came into force.
  func hear(_ layout: Layout) {
    let before = state.withLock { state in
      defer { (state.losses, state.generation) = (layout.losses, layout.generation) }
      return state
    }
    for loss in layout.losses where !before.losses.contains(loss) {
      logger.warning(
        "positions were given up with their disks",
        metadata: [
          "first": "\(loss.range.lowerBound)", "end": "\(loss.range.upperBound)",
          "stripe": "\(loss.stripe) of \(loss.stripes)", "epoch": "\(layout.epoch)",
        ]
      )
    }
    if layout.generation > before.generation {
      logger.warning(
        "acceptors were appointed without a vote",
        metadata: [
          "generation": "\(layout.generation)", "epoch": "\(layout.epoch)",
          "acceptors": "\(layout.acceptors.map(\.node.description).joined(separator: " "))",
        ]
      )
    }
  }
}
