extension Invariant {
  /// What chapter 6 promises, in the words of the chapter.
  public enum Chapter6 {
    /// Acceptors.
    public static let promise = Invariant("I6.1", "an acceptor keeps its promises")
    /// What an acceptor says.
    public static let told = Invariant("I6.2", "whoever promises tells its last vote")
    /// Registers.
    public static let oneValue = Invariant("I6.3", "a register holds one value, whoever proposes")
    /// Proposers.
    public static let adopts = Invariant("I6.4", "what may have been chosen is taken up")
    /// Majorities.
    public static let majority = Invariant("I6.5", "more than half decide, and each counts once")
    /// Next layouts.
    public static let order = Invariant(
      "I6.8",
      "survivors keep their order, and newcomers stand behind them"
    )
    /// Nodes that leave.
    public static let leaves = Invariant("I6.9", "nobody leaves before others have what it has")
    /// Copies.
    public static let rebuilt = Invariant(
      "I6.11",
      "a chain that is too short gets a copy, as soon as somebody can have it"
    )
    /// Answers.
    public static let news = Invariant("I6.13", "an answer to an old question is no news")
    /// Silence.
    public static let late = Invariant("I6.14", "an answer that does not come is noticed in time")
    /// Questions that are lost.
    public static let askedAgain = Invariant(
      "I6.15",
      "a question that may be lost is asked again"
    )
    /// What watching costs.
    public static let questions = Invariant(
      "I6.16",
      "a node is asked once in the time of an answer"
    )
  }
}
