public import CorfuGlobalLog

/// A moment of the log: whoever reads at it sees all that stands before a position, and nothing
/// else (R34).
///
/// The epoch tells whose word the position is. What a sequencer remembers of one reign says nothing
/// about another's.
public struct Snapshot: Hashable, Sendable {
  /// The epoch in which the position was learned.
  public let epoch: Epoch
  /// The first position that is not seen.
  public let position: Position

  /// A moment.
  public init(epoch: Epoch, position: Position) {
    self.epoch = epoch
    self.position = position
  }
}

extension Snapshot {
  /// Whether a log was cut before this moment since it was seen: it goes on from an earlier place,
  /// and others are given positions that were seen already (R24).
  ///
  /// - Parameter cuts: Each is an epoch that began with less than the log may have had, and where
  ///   it began; the oldest first.
  /// - Returns: The cut that goes deepest; `nil` if all that was seen stands.
  public func cut(in cuts: [Snapshot]) -> Snapshot? {
    // A later one that goes deeper takes an earlier one's place.
    cuts.first { $0.epoch > epoch && $0.position < position }
  }
}

extension Snapshot: CustomStringConvertible {
  public var description: String { "\(position) in epoch \(epoch)" }
}

/// Some keys of a stream, or all that it is about.
///
/// A sequencer compares the bytes of keys, and never asks what they stand for.
public struct StreamKeys: Hashable, Sendable {
  /// The stream.
  public let stream: StreamID
  /// The keys, each in its one canonical form of bytes, or the digest of that if it is long; `nil`
  /// stands for all there are.
  public let keys: [[UInt8]]?

  /// Some keys of a stream; all without `keys`.
  public init(_ stream: StreamID, keys: [[UInt8]]? = nil) {
    self.stream = stream
    self.keys = keys.map { KeyDigest.compared($0) }
  }
}

/// On which condition a transaction takes a position: that nothing it read has moved since it read
/// (R34).
public struct CommitCondition: Hashable, Sendable {
  /// When it read.
  public let snapshot: Snapshot
  /// What it read.
  public let reads: [StreamKeys]

  /// A condition.
  public init(snapshot: Snapshot, reads: [StreamKeys]) {
    self.snapshot = snapshot
    self.reads = reads
  }
}

/// Why a transaction was refused its position, so that nothing of it reaches the log.
public enum CommitRefusal: Error, Hashable, Sendable {
  /// What it read was written after it read, by an entry at this position. Without a key, all of
  /// the stream was read, or all of it was written.
  case conflict(StreamID, key: [UInt8]?, at: Position)
  /// It read in an epoch of which this sequencer knows nothing: it knows what moved since this one.
  case newSequencer(since: Epoch)
  /// It read so long ago that what moved since has been forgotten; this is the oldest snapshot that
  /// could still be judged.
  case forgotten(Position)
}

extension CommitRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .conflict(let stream, _, let position):
      "what was read of stream \(stream) was written again at \(position)"
    case .newSequencer(let epoch):
      "another sequencer took over in epoch \(epoch), and does not know what moved before"
    case .forgotten(let position):
      "the sequencer remembers only what moved since \(position)"
    }
  }
}

/// How many positions are wanted, for which streams, and on which condition.
public struct Reservation: Hashable, Sendable {
  /// How many positions in a row.
  public var count: Int
  /// The streams that all of them belong to, and which keys of each the entries write.
  public let writes: [StreamKeys]
  /// What must be true; `nil` for an entry that nothing depends on.
  public let condition: CommitCondition?

  /// A wish for positions.
  public init(
    count: Int = 1,
    writes: [StreamKeys] = [],
    condition: CommitCondition? = nil
  ) {
    self.count = count
    self.writes = writes
    self.condition = condition
  }

  /// The streams that the entries belong to.
  public var streams: [StreamID] { writes.map(\.stream) }
}

/// What a sequencer says to a reservation.
public enum Grant: Hashable, Sendable {
  /// Positions.
  case token(Token)
  /// None: the transaction is off.
  case refused(CommitRefusal)
}
