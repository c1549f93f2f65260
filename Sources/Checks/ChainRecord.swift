import CorfuGlobalLog
import CorfuStripeMirror

/// A scene that was played, and all that judges want to know of it.
struct ChainRecord: Sendable {
  /// Something that happened to a client.
  struct Moment: Sendable {
    let client: Int
    let what: What
    /// When the operation began, and when this was, in steps of one order for all.
    let began: Int
    let ended: Int
  }

  /// What may happen to a client.
  enum What: Sendable {
    /// A write ended, after so many requests in all.
    case wrote(Slot, ChainOutcome, asked: Int)
    /// An append was acknowledged to whoever asked for it.
    case acknowledged(Slot)
    /// A read ended, after so many requests.
    case read(Slot, asked: Int)
    /// A read ended in an error.
    case readFailed(ChainError)
    /// This was seen to stand there.
    case saw(Slot)
    /// A trim began.
    case beganTrim
    /// Something that has no name.
    case violation(String)
  }

  /// What a reader finds if only these replicas are left.
  struct Survivors: Sendable {
    let names: [UnitName]
    let slot: Slot
  }

  /// What was played.
  let scene: ChainScene
  /// What happened, in order.
  var moments: [Moment] = []
  /// What stood on each replica in the end.
  var slots: [Slot] = []
  /// What stood on some replica at some time.
  var stood: Set<Slot> = []
  /// The first time that the order of the chain was broken.
  var disorder: String?
  /// What readers found afterwards.
  var survivors: [Survivors] = []
  /// The story.
  var trace = CheckTrace(events: [], fingerprint: 0)

  init(scene: ChainScene) {
    self.scene = scene
  }

  /// Whether somebody has, or had, trimmed.
  private var mayBeTrimmed: Bool {
    scene.halfTrimmed > 0 || scene.roles.contains(.trimmer)
  }

  private func failure(_ finding: String, often: String? = nil) -> CheckFailure {
    CheckFailure(finding, events: trace.events, often: often)
  }
}

// Each judge looks at the same scene from one side, and says nothing of the others.
extension ChainRecord {
  /// Asks all judges, in the order in which they should be content.
  func judge() throws(CheckFailure) {
    try judgeOrder()
    try judgeOneValue()
    try judgeNothingLost()
    try judgeLosers()
    try judgeFailures()
    try judgeReaders()
  }

  /// A replica has nothing that the one before it lacks (I7 of the traps).
  func judgeOrder() throws(CheckFailure) {
    if let disorder { throw failure(disorder) }
  }

  /// Whatever anybody saw or was told, it is one value.
  func judgeOneValue() throws(CheckFailure) {
    var value: Slot?
    for moment in moments {
      let seen: Slot
      switch moment.what {
      case .saw(let slot), .acknowledged(let slot): seen = slot
      case .violation(let text): throw failure(text)
      case .readFailed(.inconsistent(let position)):
        throw failure("c\(moment.client) found two values at \(position)")
      case .wrote(_, .inconsistent(let found, let unit), _):
        throw failure("c\(moment.client) found \(found.owner) on \(unit), where it had written")
      default: continue
      }
      guard seen.isTaken, seen != .trimmed else { continue }
      if let value, value != seen {
        throw failure(
          "c\(moment.client) was told \(seen.owner), and somebody else \(value.owner)"
        )
      }
      value = seen
    }
  }

  /// What was acknowledged or seen is there afterwards, whichever replicas are left.
  func judgeNothingLost() throws(CheckFailure) {
    for moment in moments {
      let value: Slot
      let way: String
      switch moment.what {
      case .acknowledged(let slot): (value, way) = (slot, "was told that")
      case .saw(let slot): (value, way) = (slot, "has seen that")
      default: continue
      }
      guard value.isTaken else { continue }
      for survivors in survivors {
        if survivors.slot == value || survivors.slot == .trimmed && mayBeTrimmed { continue }
        let names = survivors.names.map(\.description).joined(separator: " and ")
        throw failure(
          "c\(moment.client) \(way) \(value.owner) stands at \(ChainScene.position); "
            + "if only \(names) \(survivors.names.count == 1 ? "is" : "are") left, "
            + "a reader finds \(survivors.slot.owner) there"
        )
      }
    }
  }

  /// Whoever is told "lost" has left nothing behind, and will not stand in the log twice.
  func judgeLosers() throws(CheckFailure) {
    for moment in moments {
      guard case .wrote(let value, let outcome, _) = moment.what,
        value == ChainScene.entry(of: moment.client)
      else { continue }
      switch outcome {
      case .lost: break
      case .trimmed(afterHead: false):
        if stood.contains(value) {
          throw failure(
            "\(value.owner) was told that its position was trimmed before the head had it, and it "
              + "had stood on the head: somebody may have read it, and it would be appended again",
            often: "Where the head had your value, and a later replica says 'trimmed', the trim "
              + "came after it: 'afterHead' is true behind the head."
          )
        }
      default: continue
      }
      if let place = slots.firstIndex(of: value) {
        throw failure(
          "\(value.owner) was told that its position is lost, and stands on n\(place + 1): "
            + "it would be appended again"
        )
      }
    }
  }

  /// A failure says whether the value may stand, and is no success.
  func judgeFailures() throws(CheckFailure) {
    for moment in moments {
      guard case .wrote(let value, .failed(_, mayStand: false), _) = moment.what,
        value == ChainScene.entry(of: moment.client)
      else { continue }
      if let place = slots.firstIndex(of: value) {
        throw failure(
          "\(value.owner) was told that it stands nowhere, and stands on n\(place + 1)"
        )
      }
    }
  }

  /// Reads follow each other: a value is not missing later, nor back after a trim.
  func judgeReaders() throws(CheckFailure) {
    for later in moments {
      guard case .read(let slot, _) = later.what else { continue }
      if slot == .empty, scene.orphaned > 0 {
        throw failure(
          "c\(later.client) reads nothing, though an entry was on its way before: "
            + "whoever follows the log would wait there for ever"
        )
      }
      for earlier in moments where earlier.ended < later.began {
        guard case .saw(let known) = earlier.what, known.isTaken else { continue }
        if slot == known || slot == .trimmed && mayBeTrimmed { continue }
        throw failure(
          "c\(later.client) reads \(slot.owner), after c\(earlier.client) saw \(known.owner)"
        )
      }
    }
  }
}
