public import CorfuGlobalLog

/// Who plays the updates of one object: the part of chapter 7 that makes an object out of a stream.
///
/// It decides what the object is, and what it was at the moments at which somebody still reads. It
/// fetches nothing: whoever walks the stream hands it one entry after the other.
public protocol Replaying<State>: Sendable {
  /// What is played.
  associatedtype State: ReplicatedState

  /// An object as a checkpoint has it, or as it is before its first update.
  ///
  /// - Parameters:
  ///   - state: What updates before `version` have made of it.
  ///   - version: Everything before it is in the state.
  init(_ state: State, version: Position)

  /// Everything before it is in the object.
  ///
  /// After an entry it is the position behind that, whatever the entry had for this object. The
  /// walk may have come further; then no entry of the object's stream stood in between.
  var version: Position { get }

  /// What it is now.
  var state: State { get }

  /// What it was at a moment: with all that stands before a position, and nothing else (R34).
  ///
  /// At a moment from ``version`` on it is what it is now.
  ///
  /// - Returns: The state; `nil` if that is not known any more.
  func state(at moment: Position) -> State?

  /// Plays the next entry, unless that is in the object already: walks that overlap hand over some
  /// entries twice.
  ///
  /// - Parameters:
  ///   - updates: What the entry has for this object, in order.
  ///   - position: Where the entry stands.
  ///   - pin: The newest moment at which somebody reads. Others may read at earlier ones, of which
  ///     nothing is told. So if it is at ``version`` or behind it, somebody may need what the
  ///     object is now: that must stay readable, even if the pin lies behind `position`. If not,
  ///     nobody does, and nothing is kept.
  /// - Returns: What came of the last of the updates (R33); `nil` if nothing was played.
  @discardableResult
  mutating func play(
    _ updates: [State.Update],
    at position: Position,
    pin: Position?
  ) -> State.Outcome?

  /// Forgets what it was at moments at which nobody reads any more.
  ///
  /// - Parameter isPinned: Whether somebody reads at a moment in a range.
  mutating func forget(unless isPinned: (Range<Position>) -> Bool)
}

/// An object as a process has played it, and as it was at the moments at which somebody reads.
///
/// A state holds for a while: from the end of the last update in it up to the next update. Keeping
/// an old one is a copy, which costs nothing with the states in the box: they share what they have
/// in common.
public struct Replay<State: ReplicatedState>: Replaying {
  public private(set) var state: State
  public private(set) var version: Position
  /// What it was, and at which moments.
  private var history: [(moments: Range<Position>, state: State)] = []

  public init(_ state: State, version: Position) {
    self.state = state
    self.version = version
  }

  // exercise 7.2: play each entry once, and keep what somebody still reads
  @discardableResult
  public mutating func play(
    _ updates: [State.Update],
    at position: Position,
    pin: Position?
  ) -> State.Outcome? {
    if position < version { return nil }
    let next = position.advanced(by: 1)
    if let pin, pin >= version { history.append((version..<next, state)) }
    version = next
    var outcome: State.Outcome?
    for update in updates { outcome = state.apply(update) }
    return outcome
  }

  public func state(at moment: Position) -> State? {
    if moment >= version { return state }
    return history.last { $0.moments.contains(moment) }?.state
  }

  public mutating func forget(unless isPinned: (Range<Position>) -> Bool) {
    history.removeAll { !isPinned($0.moments) }
  }
  // end 7.2
}
