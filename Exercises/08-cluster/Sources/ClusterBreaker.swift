// Exercise 8.4: two deaths that stop the log, and the same two deaths that do not
// Write the body below, then: swift run course check 8.4
public import CorfuChecks

/// Two deaths that stop the log, and the same two with some time between them.
public enum ClusterBreaker: ClusterBreaking {
  public static var fatal: [Blow] {
    TODO("8.4 two deaths that stop the log, and the same two deaths that do not")
  }

  public static var survived: [Blow] {
    TODO("8.4 two deaths that stop the log, and the same two deaths that do not")
  }
}
