/// What a sequencer promises, as ``SequencerRun`` holds it against one.
public enum SequencerPromise: String, CaseIterable, Hashable, Sendable {
  /// No position is handed out twice.
  case handsOutOnce
  /// As many positions as were asked for, side by side, and none is skipped.
  case handsOutAll
  /// A new reign hands out nothing that the one before may have handed out and somebody wrote.
  case beginsBehindAll
  /// A reign begins once, for the process that its layout names.
  case beginsOnce
  /// Who is not named, or is sealed, serves nobody; who reigns serves its own epoch, and no other.
  case servesItsEpoch
  /// A token leads to the last entries of its streams.
  case leadsBack
  /// What was forgotten is unknown and never said to be empty; what is recent is not forgotten.
  case admitsForgetting
}

/// A promise that was broken.
public struct SequencerViolation: Error, Hashable, Sendable, CustomStringConvertible {
  /// Which.
  public let promise: SequencerPromise
  /// What was seen, and what should have been.
  public let description: String

  init(_ promise: SequencerPromise, _ description: String) {
    self.promise = promise
    self.description = description
  }
}
