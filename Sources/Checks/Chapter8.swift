extension Invariant {
  /// What chapter 8 promises, in the words of the chapter.
  public enum Chapter8 {
    /// Frames in pieces.
    public static let cuts = Invariant("I8.1", "a frame is found wherever its bytes are cut")
    /// What is no frame.
    public static let early = Invariant(
      "I8.2",
      "what is no frame is refused as soon as a field shows it"
    )
    /// Lengths.
    public static let length = Invariant("I8.3", "no number is believed before it is checked")
    /// Calls.
    public static let once = Invariant(
      "I8.4",
      "each call ends once, with its own reply or with none"
    )
    /// Calls without a reply.
    public static let known = Invariant(
      "I8.5",
      "'nothing was sent' is said only where nothing was sent"
    )
    /// Patience.
    public static let patience = Invariant("I8.6", "no call waits longer than its patience")
    /// Reconnecting.
    public static let rest = Invariant("I8.7", "who finds nobody rests, longer from time to time")
    /// Many who reconnect.
    public static let crowd = Invariant("I8.8", "those who fell together do not come back together")
    /// Real clusters.
    public static let standing = Invariant(
      "I8.9",
      "the log goes on as long as each chain has a survivor and most acceptors live"
    )
    /// Frames that wait.
    public static let sent = Invariant("I8.10", "what was put in is sent, whatever comes after it")
    /// Calls of the system.
    public static let pieces = Invariant(
      "I8.11",
      "what comes together leaves together, in one call of the system"
    )
  }
}
