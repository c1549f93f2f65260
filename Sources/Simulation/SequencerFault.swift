/// A thing that goes wrong with a simulated sequencer and the log below it.
public enum SequencerFault: String, SimulatedFault {
  /// The power went; another sequencer began at the tail of what was there.
  case powerCut
  /// The process was killed.
  case kill
  /// A call to the disk failed.
  case diskError
  /// A sync took far longer than usual.
  case stall
  /// A client died with a token that it had not used.
  case abandonedToken
  /// A client used its token late, when others had filled or gone on.
  case lateToken

  /// What must have been seen in many seeds, if they are to say anything.
  public static let probesNeeded = [
    "position lost", "refusal heard", "reign begun", "stream's end forgotten", "token given",
  ]
}
