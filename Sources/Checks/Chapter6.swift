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
  }
}
