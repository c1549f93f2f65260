extension Invariant {
  /// What chapter 4 promises, in the words of the chapter.
  public enum Chapter4 {
    /// Trims stay.
    public static let trimsStay = Invariant("I4.1", "a trimmed position stays trimmed")
    /// Nothing is trimmed by accident.
    public static let trimsOnly = Invariant("I4.2", "nothing is trimmed that nobody trimmed")
    /// Trims take little room.
    public static let compact = Invariant("I4.3", "ranges that touch are one range")
    /// Room is given back.
    public static let room = Invariant(
      "I4.4",
      "what is left of the closed segments takes at most 1.2 times what is live in them"
    )
    /// It is cheap.
    public static let cheapest = Invariant("I4.5", "the cheapest gain comes first")
    /// It ends.
    public static let ends = Invariant("I4.6", "what gains nothing is left alone")
    /// It is determined.
    public static let sameAnswer = Invariant("I4.7", "the same segments give the same answer")
    /// Live records are never at risk.
    public static let kept = Invariant(
      "I4.8",
      "at every moment what is live stands somewhere durably"
    )
    /// Trims outlive the segment that says them.
    public static let said = Invariant("I4.9", "a trim outlives the segment that told of it")
    /// The segment goes.
    public static let gone = Invariant("I4.10", "in the end the segment is gone")
    /// The price.
    public static let price = Invariant("I4.11", "each record is copied once, and one sync will do")
    /// Failures.
    public static let failures = Invariant("I4.12", "a failure leaves the segment where it is")
    /// Counts.
    public static let counted = Invariant("I4.13", "what is counted as live is live")
    /// What counting costs.
    public static let recounted = Invariant(
      "I4.14",
      "after a trim only those pages are read again that it touched"
    )
  }
}
