extension Invariant {
  /// What chapter 3 promises, in the words of the chapter.
  public enum Chapter3 {
    /// Which span counts.
    public static let span = Invariant("I3.1", "a position is kept by the span it lies in")
    /// All disks at work.
    public static let turns = Invariant("I3.2", "positions take turns over the chains of a span")
    /// Rotation counts from position 0.
    public static let absolute = Invariant("I3.3", "cutting a span moves no position")
    /// The order of a chain.
    public static let order = Invariant(
      "I3.4",
      "a replica has nothing that the one before it lacks"
    )
    /// Replicas agree.
    public static let oneValue = Invariant("I3.5", "a position has one value, on all its replicas")
    /// Nothing acknowledged is lost.
    public static let kept = Invariant(
      "I3.6",
      "what was acknowledged is there, whoever is left of the chain"
    )
    /// Losers leave nothing.
    public static let losers = Invariant(
      "I3.7",
      "whoever is told 'lost' has left nothing behind"
    )
    /// Replicas that disagree.
    public static let stops = Invariant("I3.8", "where replicas disagree, nothing is acknowledged")
    /// Failures.
    public static let failures = Invariant("I3.9", "a failure tells whether the value may stand")
    /// What readers see stays.
    public static let seen = Invariant("I3.10", "what was read once is read ever after")
    /// Half-written entries.
    public static let finished = Invariant("I3.11", "what is half-written is finished when read")
    /// The price.
    public static let price = Invariant(
      "I3.12",
      "a batch costs one request for each replica, and a read one where the tail has everything"
    )
    /// Damage.
    public static let damage = Invariant("I3.13", "a damaged copy is never called empty")
    /// Batches.
    public static let shared = Invariant(
      "I3.14",
      "each entry of a batch is sent once, to its own chain, in the order of the batch"
    )
  }
}
