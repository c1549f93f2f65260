// Exercise 6.5: a script after which both proposers are told that their own value is chosen
// Write the body below, then: swift run course check 6.5
public import CorfuChecks

/// A script after which ``HastyAcceptor`` lets a register hold two values, and ours does not.
public enum VoteBreaker: VoteBreaking {
  public static var script: [VoteStep] {
    TODO("6.5 a script after which both proposers are told that their own value is chosen")
  }
}
