extension Invariant {
  /// What chapter 5 promises, in the words of the chapter.
  public enum Chapter5 {
    /// Admission.
    public static let admission = Invariant("I5.1", "the layout in force is served, and no other")
    /// Seals.
    public static let sealed = Invariant("I5.2", "what was sealed once stays sealed")
    /// Installing.
    public static let installed = Invariant("I5.3", "a layout closes the epochs before its own")
    /// Races at one position.
    public static let oneValue = Invariant("I5.4", "a position has one value, and the head decides")
    /// Helping.
    public static let complete = Invariant("I5.5", "what a fill says stands on every replica")
    /// Appends.
    public static let onceOnly = Invariant(
      "I5.6",
      "an append stands in the log once, or not at all"
    )
    /// Waiting.
    public static let wait = Invariant("I5.7", "no reader waits longer than the fill timeout")
    /// Writers that come late.
    public static let soon = Invariant(
      "I5.8",
      "who waits sees an entry after twice the time that it took and a first rest, at most"
    )
    /// What waiting costs.
    public static let looks = Invariant("I5.9", "a hole is looked at a few times, however long")
  }
}
