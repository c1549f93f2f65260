extension Invariant {
  /// What chapter 7 promises, in the words of the chapter.
  public enum Chapter7 {
    /// Streams.
    public static let stream = Invariant(
      "I7.1",
      "a stream is all of its entries, in the order of the log"
    )
    /// Unknown ends.
    public static let unknown = Invariant(
      "I7.2",
      "what nobody knows is looked for, never taken for nothing"
    )
    /// What a walk costs.
    public static let strides = Invariant("I7.3", "where pointers lead, nothing else is read")
    /// Trimmed entries.
    public static let told = Invariant("I7.4", "what is missing is told, never passed over")
    /// Objects.
    public static let once = Invariant(
      "I7.5",
      "each update is played once, in the order of the log"
    )
    /// Outcomes.
    public static let outcome = Invariant("I7.6", "an outcome is that of the update's own position")
    /// Reads at a moment.
    public static let moment = Invariant(
      "I7.7",
      "whoever reads at a moment sees all that stands before it, and nothing else"
    )
    /// Old states.
    public static let kept = Invariant(
      "I7.8",
      "a moment is kept as long as somebody reads at it, and no longer"
    )
    /// Transactions.
    public static let moved = Invariant("I7.10", "nobody commits if what they read has moved")
    /// Refusals.
    public static let still = Invariant("I7.11", "nobody is refused for what did not move")
    /// Bounded memory.
    public static let forgotten = Invariant("I7.12", "what is forgotten is refused, never allowed")
    /// Checkpoints.
    public static let whole = Invariant("I7.14", "half a checkpoint is none")
    /// Which checkpoint.
    public static let newest = Invariant("I7.15", "the newest whole checkpoint is found")
    /// Reading ahead.
    public static let window = Invariant(
      "I7.17",
      "what is read ahead begins and ends where it matters, and has a limit"
    )
    /// What a replay costs.
    public static let reads = Invariant(
      "I7.18",
      "a dense stream is read in large pieces, and of a sparse one nothing else"
    )
  }
}
