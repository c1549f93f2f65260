// Exercise 5.4: an order of turns in which the filler that begins at the tail does harm
// Write the body below, then: swift run course check 5.4
public import CorfuChecks

/// Turns that lead ``TailFirstFiller`` to two values at one position, and a good filler to one.
public enum FillBreaker: FillBreaking {
  public static var turns: [FillTurn] {
    TODO("5.4 an order of turns in which the filler that begins at the tail does harm")
  }
}
