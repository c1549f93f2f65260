/// How much a sequencer remembers.
public struct SequencerLimits: Hashable, Sendable {
  /// Of how many streams it remembers the ends, one or more.
  public var streamsMax = StreamTails.streamsMaxDefault
  /// How many written keys it remembers, for transactions; one or more.
  public var writesMax = ConflictWindow.writesMaxDefault

  /// The defaults.
  public init() {}
}
