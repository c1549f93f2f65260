public import CorfuGlobalLog

/// Who hands out positions: the part of chapter 2 that a learner builds.
///
/// It decides and does nothing else: no disk, no clock, no network. Everything it knows is lost
/// with its process, and ``firstTail(after:)`` says why that does no harm.
public protocol TokenSource: Equatable, Sendable {
  /// A process that was just started, and is nobody until ``install(_:)`` (R9).
  ///
  /// - Parameters:
  ///   - boot: This life of the process.
  ///   - streamsMax: Of how many streams it remembers the ends, about.
  init(boot: BootID, streamsMax: Int)

  /// The sequencer of a reign, right after it was installed.
  init(serving reign: Reign, streamsMax: Int)

  /// Hands out the next positions, none of which was handed out before, and notes them for each of
  /// the streams.
  ///
  /// - Parameters:
  ///   - count: How many; 1 to ``Token/countMax``.
  ///   - streams: The streams that all entries of the token belong to; one named twice counts once.
  ///   - epoch: The epoch that the client is in.
  /// - Returns: A token for them, with the streams' last positions before it.
  /// - Throws: ``SequencerRefusal``.
  mutating func reserve(
    _ count: Int,
    for streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> Token

  /// The position that the next token begins with.
  func tail(in epoch: Epoch) throws(SequencerRefusal) -> Position

  /// The links that an entry at the tail would get: where the last entries of some streams stand.
  func streamTails(
    of streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> [StreamLink]

  /// Begins a reign, if a layout names this life of the process, and once per epoch (R9).
  ///
  /// A second time does nothing, even if the epoch was sealed meanwhile: what was handed out stays
  /// handed out. The counter never goes back, whatever the reign says. Of the streams it begins
  /// with what the reign brings along, unless it goes on (``Reign/goesOn(from:)``): then it knows
  /// more.
  ///
  /// - Throws: ``SequencerRefusal/otherBoot(_:)``; ``SequencerRefusal/sealed(_:)`` for an epoch
  ///   that is over, with the highest that was installed or sealed; and
  ///   ``SequencerRefusal/positionsUsedUp`` for a reign that begins beyond `Position.max`.
  mutating func install(_ reign: Reign) throws(SequencerRefusal)

  /// Ends all reigns up to an epoch: nothing is served in them from now on (R22).
  ///
  /// - Returns: Where the next token would have begun; `nil` from a life that never reigned.
  mutating func seal(_ epoch: Epoch) -> Position?

  /// Where the next reign begins, so that no position which may be taken is handed out again
  /// (R11).
  ///
  /// - Parameter end: What is known of the reign before. Its sequencer's tail may be lower than
  ///   where it began: one that never heard of it tells of an older reign.
  /// - Returns: The first position to hand out.
  static func firstTail(after end: ReignEnd) -> Position
}

extension TokenSource {
  /// A process that was just started, which will remember the ends of a million streams.
  public init(boot: BootID) {
    self.init(boot: boot, streamsMax: StreamTails.streamsMaxDefault)
  }

  /// The sequencer of a reign, which will remember the ends of a million streams.
  public init(serving reign: Reign) {
    self.init(serving: reign, streamsMax: StreamTails.streamsMaxDefault)
  }
}
