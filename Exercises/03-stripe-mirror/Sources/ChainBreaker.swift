// Exercise 3.4: cuts with which two writers are both told that one position is theirs
// Write the body below, then: swift run course check 3.4
public import CorfuChecks

/// Cuts with which two writers of ``UndauntedWriter`` are both told that the position is theirs.
public enum ChainBreaker: ChainBreaking {
  public static var cuts: [NetworkCut] {
    TODO("3.4 cuts with which two writers are both told that one position is theirs")
  }
}
