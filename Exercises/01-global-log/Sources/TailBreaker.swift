// Exercise 1.4: a script after which an acknowledged entry reads as empty
// Write the body below, then: swift run course check 1.4
public import CorfuChecks

/// Steps after which ``LeanFile`` calls an acknowledged entry empty, and ours does not.
public enum TailBreaker: TailBreaking {
  public static var script: [DiskStep] {
    TODO("1.4 a script after which an acknowledged entry reads as empty")
  }
}
