/// What can go wrong with an operation on a log.
///
/// Each case says whether the operation had an effect.
///
/// "Empty", "written" and "trimmed" are no errors: they are everyday outcomes, see ``Slot``.
public enum LogError: Error, Hashable, Sendable {
  /// The payload is over the limit. No effect.
  case entryTooLarge(bytes: Int, bytesMax: Int)
  /// There is no room for new entries; reading, filling and trimming go on. No effect.
  case outOfSpace
  /// What stands here was damaged, and this log has no other copy. No effect.
  case corrupt(Position)
  /// Damage may have taken what stood here, so neither "empty" nor a value would be true (D7).
  /// No effect.
  case unknown(Position)
  /// An operator has given up the disks that kept the position: whatever stood there is gone for
  /// good (R24). No effect.
  case lost(Position)
  /// The log goes on at the position with other entries than those that the reader was given: what
  /// stood from there on is gone with the disks that an operator has given up (R24). Begin again
  /// there. No effect.
  case cut(Position)
  /// The position is beyond the log's tail, where nothing may be filled or trimmed yet. No effect.
  case beyondTail(Position, tail: Position)
  /// A reader came to a position that is forgotten; everything before `mark` is (R21). No effect.
  case trimmed(Position, mark: Position)
  /// Two replicas have different values at the position, which must not be (R15).
  /// Nothing was acknowledged.
  case inconsistent(Position)
  /// The entry may stand at the position, or come to stand there, or not: nobody could be asked
  /// (R16).
  case indefinite(Position)
  /// The cluster did not answer in time; the text says who.
  /// A trim may have been carried out in part, everything else had no effect.
  case unavailable(String)
  /// No majority of the acceptors answers, so nobody can say whether a newer layout is in force:
  /// and with it whether "empty", or the tail, is still true (R19). No effect.
  case noQuorum
  /// The log was closed before the operation began. No effect.
  case closed
  /// The disk failed and the log stopped.
  /// An append, fill or trim under way may or may not be found later.
  case failed(DeviceError)
}

extension LogError {
  /// Whether the operation is known to have had no effect.
  public var isDefinite: Bool {
    switch self {
    case .failed, .indefinite, .unavailable, .inconsistent: false
    case .entryTooLarge, .outOfSpace, .corrupt, .unknown, .lost, .cut, .beyondTail, .trimmed,
      .closed, .noQuorum:
      true
    }
  }
}

extension LogError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .entryTooLarge(let bytes, let bytesMax):
      "the entry has \(bytes) bytes, the limit is \(bytesMax): split it"
    case .outOfSpace:
      "the disk is full: make room on it, for two segments at least"
    case .corrupt(let position):
      "position \(position) is damaged, and there is no other copy to read"
    case .unknown(let position):
      "position \(position) may have been lost to damage, so it is neither read nor written; "
        + "'verify' tells what is damaged"
    case .lost(let position):
      "what stood at position \(position) is lost for good, with the disks that were given up: "
        + "'trim \(position)' tells readers to go on behind it"
    case .cut(let position):
      "the log was cut at position \(position): what stood from there on is lost for good, with "
        + "the disks that were given up, and others are given its positions: begin again there"
    case .beyondTail(let position, let tail):
      "position \(position) is beyond the end of the log, which is \(tail)"
    case .trimmed(let position, let mark) where position < mark:
      "position \(position) is trimmed, as is everything before \(mark): begin there"
    case .trimmed(let position, _):
      "position \(position) is trimmed: begin behind it"
    case .inconsistent(let position):
      "two replicas have different values at position \(position): stop, and look at both"
    case .indefinite(let position):
      "nobody could say whether the entry stands at position \(position): read it there later, "
        + "before you append it again"
    case .unavailable(let reason):
      "the cluster does not answer: \(reason)"
    case .noQuorum:
      "no majority of the acceptors answers, so nobody can say what is empty, or where the log "
        + "ends; what is written can be read: restart acceptors"
    case .closed:
      "the log is closed"
    case .failed(let error):
      "the log stopped, because its disk failed: \(error)"
    }
  }
}
