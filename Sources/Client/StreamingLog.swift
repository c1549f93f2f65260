public import CorfuGlobalLog
public import CorfuSequencer

/// A log with streams: what chapter 7 builds upon, and asks no more of.
public protocol StreamingLog: SharedLog {
  /// Who writes here: part of every entry that is appended, and drawn once per life.
  var id: ClientID { get }

  /// Appends an entry that belongs to some streams.
  ///
  /// - Parameters:
  ///   - payload: The entry's bytes.
  ///   - writes: The streams, 64 at most, and what of each it writes; none for a plain entry.
  ///   - epoch: When the streams were those that are meant. If the log was cut since, they may be
  ///     others' now (R24).
  /// - Returns: Where it stands.
  /// - Throws: `LogError`; `LogError.cut` if the log was cut in a later epoch, and the entry
  ///   belongs to any stream: it is nowhere.
  func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> Position

  /// Appends entries that all belong to the same streams.
  ///
  /// See `SharedLog.append(batch:)`.
  func append(
    batch: [[UInt8]],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> [Position]

  /// Appends an entry, if nothing of what was read has been written since it was read (R34).
  ///
  /// - Parameters:
  ///   - payload: The entry's bytes.
  ///   - writes: The streams, 64 at most, and what of each it writes; one at least.
  ///   - condition: What was read, and when.
  /// - Returns: Where it stands.
  /// - Throws: ``CommitError``.
  func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    if condition: CommitCondition
  ) async throws(CommitError) -> Position

  /// Where the log ends now, and where the last entries of some streams stand before that.
  ///
  /// Whatever was acknowledged before the call is before the end (R19, R32).
  func ends(of streams: [StreamID]) async throws(LogError) -> StreamEnds

  /// Reads positions anywhere, a slot for each, in order; what is empty may be written meanwhile,
  /// and what was given up is as it was filled: ``StreamEnds/lossEnd`` tells of it.
  func read(_ positions: [Position]) async throws(LogError) -> [Slot]

  /// What stands at a position that was handed out: waits for its writer a little, then fills it
  /// (R21).
  func settle(_ position: Position) async throws(LogError) -> Slot

  /// Sees to it that what stands before a moment stands there for ever.
  ///
  /// The position before the moment is settled, in the epoch in which the moment was learned: a
  /// later reign may have begun before it, and handed out the same positions to others, of whom
  /// whoever learned the moment has not heard (R19, R32).
  ///
  /// - Returns: Whether the moment still holds; if not, ask for the ends again.
  func settle(before moment: Snapshot) async throws(LogError) -> Bool

  /// The newest epoch that this client has heard of.
  var knownEpoch: Epoch { get }

  /// Waits before something is tried once more.
  ///
  /// - Parameter time: How long; about as long, so that those who collided do not meet again.
  func rest(for time: Duration) async
}

extension StreamingLog {
  /// Appends an entry to streams that are, as far as is known now, those that are meant.
  public func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys]
  ) async throws(LogError) -> Position {
    try await append(payload, writing: writes, since: knownEpoch)
  }

  /// Appends entries to streams that are, as far as is known now, those that are meant.
  public func append(
    batch: [[UInt8]],
    writing writes: [StreamKeys]
  ) async throws(LogError) -> [Position] {
    try await append(batch: batch, writing: writes, since: knownEpoch)
  }
}

// An entry that is in no stream.
extension StreamingLog {
  public func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try await append(payload, writing: [])
  }

  public func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    try await append(batch: batch, writing: [])
  }
}

/// Where streams end at one moment.
public struct StreamEnds: Hashable, Sendable {
  /// The moment.
  public let snapshot: Snapshot
  /// Everything before it is forgotten for good.
  public let begin: Position
  /// Just before it something was given up with its disks, and nothing behind it was (R24); zero if
  /// nothing was.
  public let lossEnd: Position
  /// Where the log went on from an earlier place than it may have come to: epochs, and where they
  /// began (R24).
  public let cuts: [Snapshot]
  /// For each stream its last positions before it, newest first, as an entry there would be linked.
  public let links: [StreamLink]

  /// Ends.
  public init(
    snapshot: Snapshot,
    begin: Position = .zero,
    lossEnd: Position = .zero,
    cuts: [Snapshot] = [],
    links: [StreamLink]
  ) {
    self.snapshot = snapshot
    self.begin = begin
    self.lossEnd = lossEnd
    self.cuts = cuts
    self.links = links
  }
}
