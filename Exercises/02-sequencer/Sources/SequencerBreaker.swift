// Exercise 2.4: a script after which a position is handed out where an entry stands
// Write the body below, then: swift run course check 2.4
public import CorfuChecks

/// Steps after which ``SavingSequencer`` hands out a position that is taken, and ours does not.
public enum SequencerBreaker: SequencerBreaking {
  public static var script: [SequencerStep] {
    TODO("2.4 a script after which a position is handed out where an entry stands")
  }
}
