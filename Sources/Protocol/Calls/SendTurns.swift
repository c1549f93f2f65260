/// Says when what waits on a connection is handed to the system: the part that exercise 8.5 builds.
///
/// Any task puts frames in. The connection's event loop hands over all that are there, in one call
/// of the operating system, when it has a turn. Pure: the frames, and what is done with them, are
/// the owner's.
public protocol SendPacing: Sendable {
  /// Nothing was put in, and nothing is on its way.
  init()

  /// Notes that a frame was put in.
  ///
  /// - Returns: Whether to ask the event loop for a turn, which comes some time later.
  mutating func put() -> Bool

  /// Notes that the event loop is about to put frames in itself, and takes a turn after the last:
  /// until then none need be asked for.
  mutating func hold()

  /// Notes that a turn has come.
  ///
  /// - Parameter isEmpty: Whether there is nothing to be handed over.
  /// - Returns: Whether to hand over all that is there, in one call.
  mutating func takeTurn(isEmpty: Bool) -> Bool

  /// Notes that the system has taken what it was handed.
  ///
  /// - Returns: Whether to take a turn now.
  mutating func noteTaken() -> Bool
}

/// One turn for all that is put in before it comes, and one call at a time.
///
/// What comes while the system is busy is the next piece: the slower it is, the larger they get.
public struct SendTurns: SendPacing {
  /// Whether a turn will come.
  private var isTurnDue = false
  /// Whether the system has not taken yet what it was handed last.
  private var isSending = false
  /// Whether a turn came meanwhile.
  private var isHeldBack = false

  public init() {}

  // exercise 8.5: ask for one turn, hand over one piece at a time, and leave nothing behind
  public mutating func put() -> Bool {
    defer { isTurnDue = true }
    return !isTurnDue
  }

  public mutating func hold() {
    isTurnDue = true
  }

  public mutating func takeTurn(isEmpty: Bool) -> Bool {
    isTurnDue = false
    if isEmpty { return false }
    if isSending {
      // The turn is taken once the system is done: until then nobody need ask.
      (isTurnDue, isHeldBack) = (true, true)
      return false
    }
    isSending = true
    return true
  }

  public mutating func noteTaken() -> Bool {
    isSending = false
    defer { isHeldBack = false }
    return isHeldBack
  }
  // end 8.5
}
