extension Invariant {
  /// What chapter 1 promises, in the words of the chapter.
  public enum Chapter1 {
    /// Write once.
    public static let once = Invariant("I1.1", "a position holds one entry for ever")
    /// Nothing acknowledged is lost.
    public static let found = Invariant("I1.2", "an entry stands where its append said")
    /// Nothing is doubled.
    public static let single = Invariant("I1.3", "no entry stands in the log twice")
    /// Order within a batch.
    public static let batchOrder = Invariant("I1.4", "a batch stands in the order it was given")
    /// Order in real time.
    public static let timeOrder = Invariant("I1.5", "what is appended later stands behind")
    /// No holes.
    public static let dense = Invariant("I1.6", "no race leaves an empty position behind")
    /// The end of the log.
    public static let tailGrows = Invariant("I1.7", "the tail never goes back")
    /// The price of a race.
    public static let lostRaces = Invariant("I1.8", "a lost race is counted and costs one write")
    /// Failures.
    public static let failures = Invariant("I1.9", "a failure is passed on, never papered over")
    /// Damage.
    public static let damage = Invariant("I1.10", "what was durable never reads as empty")
    /// Bytes and back.
    public static let readBack = Invariant("I1.11", "a record is read back as it was written")
    /// Bytes that are no record.
    public static let noticed = Invariant("I1.12", "what was changed is not taken for a record")
    /// Torn writes.
    public static let torn = Invariant("I1.13", "a torn write leaves nothing behind")
    /// How much is read at once.
    public static let readLimit = Invariant(
      "I1.14",
      "what is read at once is wanted, and has a limit"
    )
    /// What reading costs.
    public static let readPieces = Invariant(
      "I1.15",
      "neighbours are read in few pieces, and of others nothing else"
    )
  }
}
