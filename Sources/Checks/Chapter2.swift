extension Invariant {
  /// What chapter 2 promises, in the words of the chapter.
  public enum Chapter2 {
    /// The point of it all.
    public static let once = Invariant("I2.1", "no position is handed out twice")
    /// Nothing skipped.
    public static let all = Invariant("I2.2", "n positions are handed out, none is skipped")
    /// Restarts.
    public static let restart = Invariant(
      "I2.3",
      "no position is issued twice, even after a restart"
    )
    /// Whom a sequencer serves.
    public static let epoch = Invariant("I2.4", "who does not reign hands out nothing")
    /// Messages that come twice.
    public static let begins = Invariant("I2.5", "a reign begins once")
    /// Streams.
    public static let links = Invariant("I2.6", "a token leads to the last four of each stream")
    /// Bounded memory.
    public static let unknown = Invariant("I2.7", "what was forgotten is unknown, never empty")
    /// The last position.
    public static let end = Invariant("I2.9", "behind the last position there is none")
    /// What it is good for.
    public static let alone = Invariant("I2.8", "an append with a token is in nobody's way")
    /// Batches.
    public static let batchOrder = Invariant(
      "I2.10",
      "a batch's positions are for its entries' own streams, in its order"
    )
    /// Conditions.
    public static let refusedAlone = Invariant(
      "I2.11",
      "an entry with a condition is refused alone"
    )
    /// What a batch costs.
    public static let tokens = Invariant(
      "I2.12",
      "a run of entries that write the same costs one token"
    )
  }
}
