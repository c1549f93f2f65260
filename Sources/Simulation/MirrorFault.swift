/// A thing that goes wrong with a simulated log over many disks.
public enum MirrorFault: String, SimulatedFault {
  /// A unit was killed and taken out of its chain.
  case kill
  /// The last unit of a chain was killed.
  case killOfTheLast
  /// An empty disk was found in the place of a unit's.
  case lostDisk
  /// The power of all went at once.
  case powerCutOfAll
  /// The process of all was killed.
  case killOfAll
  /// A call to a disk failed.
  case diskError
  /// A sync took far longer than usual.
  case stall
  /// A unit moved what was live in a segment elsewhere, and removed it.
  case compaction

  /// What must have been seen in many seeds, if they are to say anything.
  public static let probesNeeded = [
    "close", "indefinite", "join", "layout changed under an operation", "position lost",
    "restart", "restart of one that is out", "unavailable",
  ]
}
