public import CorfuStripeMirror

// How a disk that was put to work again is let in: a majority of the acceptors must have noted that
// opening, and none must know of a later one (D12). Whoever restores a disk from an image brings
// back what the disk has forgotten since.

/// A question to an acceptor: to note that a disk was put to work, or to say what it knows better.
public struct VouchRequest: Hashable, Sendable {
  /// The newest layout that is known.
  public var base: LayoutID
  /// Who is asked: an acceptor of that layout.
  public var acceptor: Incarnation
  /// Which disk was put to work.
  public var disk: UnitName
  /// Which time it is.
  public var opening: DiskOpening

  /// A question.
  public init(base: LayoutID, acceptor: Incarnation, disk: UnitName, opening: DiskOpening) {
    self.base = base
    self.acceptor = acceptor
    self.disk = disk
    self.opening = opening
  }
}

/// What a disk that waits is told.
public struct AdmitRequest: Hashable, Sendable {
  /// What the acceptors have said.
  public enum Verdict: Hashable, Sendable {
    /// A majority of these acceptors has noted the opening (`Layout.electorate`).
    case noted(by: UInt64)
    /// Somebody knows of another opening, which this one has missed.
    case outdated(by: DiskOpening)
  }

  /// Which disk; any other does not listen.
  public var disk: Incarnation
  /// Which opening of it.
  public var opening: DiskOpening
  /// What was found.
  public var verdict: Verdict

  /// A verdict.
  public init(disk: Incarnation, opening: DiskOpening, verdict: Verdict) {
    self.disk = disk
    self.opening = opening
    self.verdict = verdict
  }
}

/// Whether a disk serves, as far as it depends on when it was put to work.
public enum DiskAdmission: Hashable, Sendable {
  /// It does.
  case serves
  /// Not before a majority of the acceptors has noted its opening.
  case waits
  /// Never again: it is an older image, and has missed this opening.
  case outdated(by: DiskOpening)
}
