// Exercise 4.4: a segment and a moment at which the hasty procedure forgets a trim
// Write the body below, then: swift run course check 4.4
public import CorfuChecks
public import CorfuGlobalLog

/// A segment that ``HastyMove`` empties at the price of a trim, and a careful procedure does not.
public enum MoveBreaker: MoveBreaking {
  public static var live: [Position] {
    TODO("4.4 a segment and a moment at which the hasty procedure forgets a trim")
  }

  public static var trimmed: [Position] {
    TODO("4.4 a segment and a moment at which the hasty procedure forgets a trim")
  }

  public static var callsBeforeCrash: Int {
    TODO("4.4 a segment and a moment at which the hasty procedure forgets a trim")
  }
}
