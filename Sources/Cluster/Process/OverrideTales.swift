internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import Logging
internal import Synchronization

// What operators decide against the rules is logged twice: who asked for it, by the node that was
// asked, and what came of it, by every node.

/// Tells of another membership that was taken, of an operator who has written it anew, and of disks
/// that somebody has declared lost.
func tell(_ change: MembershipKeeper.Change, _ logger: Logger) {
  let peer = change.peer.map { "\($0)" } ?? "this node"
  let membership = change.membership
  logger.info(
    "membership changed",
    metadata: [
      "version": "\(membership.version)", "members": "\(membership.members.count)", "by": "\(peer)",
    ]
  )
  if change.peer?.role == .operator, membership.isWrittenAnew {
    let names = membership.members.keys.sorted().map(\.description).joined(separator: " ")
    logger.warning(
      "who is in the cluster is written anew by hand",
      metadata: ["members": "\(names)", "by": "\(peer)"]
    )
  }
  // Whoever is new hears of what is long past.
  guard let before = change.before else { return }
  for disk in membership.lost.subtracting(before.lost).sorted() {
    logger.warning(
      "a disk was declared lost",
      metadata: ["disk": "\(disk.node)", "incarnation": "\(disk.incarnation)", "by": "\(peer)"]
    )
  }
}

/// Tells of acceptors that somebody is appointing.
func tell(_ install: InstallRequest, after newest: Layout?, by peer: Peer, _ logger: Logger) {
  let generation = install.layout.generation
  guard peer.role == .operator, generation > newest?.generation ?? 0 else { return }
  logger.warning(
    "acceptors are appointed by hand",
    metadata: [
      "generation": "\(generation)", "epoch": "\(install.layout.epoch)", "by": "\(peer)",
    ]
  )
}

/// Logs what came of what operators have decided against the rules, once each.
///
/// Disks that were given up with what only they had, and acceptors that were appointed without a
/// vote (R24).
final class OverrideTales: Sendable {
  private let logger: Logger
  private let state: Mutex<State>

  private struct State: Sendable {
    var losses: [LostRange]
    var cuts: [Snapshot]
    var generation: UInt64

    init(of layout: Layout) {
      losses = layout.losses
      cuts = layout.cuts
      generation = layout.generation
    }
  }

  /// Nothing but what a layout says is known yet.
  init(since layout: Layout, _ logger: Logger) {
    self.logger = logger
    state = Mutex(State(of: layout))
  }

  /// Hears of a layout that is in force; what came with others in between is told with it.
  func hear(_ layout: Layout) {
    let before = state.withLock { state in
      defer { state = State(of: layout) }
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
    for cut in layout.cuts where !before.cuts.contains(cut) {
      logger.warning(
        "the log was cut: positions are handed out again",
        metadata: ["first": "\(cut.position)", "epoch": "\(cut.epoch)"]
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
