// Exercise 7.5: a script after which a transaction commits though what it read has moved
// Write the body below, then: swift run course check 7.5
public import CorfuChecks

/// A script after which ``ThriftyWindow`` lets a transaction commit that must not, and ours does
/// not.
public enum WindowBreaker: WindowBreaking {
  public static var script: [WindowStep] {
    TODO("7.5 a script after which a transaction commits though what it read has moved")
  }
}
