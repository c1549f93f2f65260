// Exercise 6.3: survivors go on in their order, and newcomers stand behind them
// Write the body below, then: swift run course check 6.3
import CorfuChecks
public import CorfuPaxosConfigurator
public import CorfuStripeMirror

/// Who is in a chain from now on: survivors go on in their order, newcomers stand behind them.
///
/// What stood on the head alone may be on its way down the chain. Were a later replica put before
/// it, two clients would take different ones for the head. (Rules R23, R28.)
public enum ChainPlanner: ChainPlanning {
  public static func keepers(
    of chain: Chain,
    joining: [UnitName],
    seeing sight: ClusterSight,
    goal: ClusterGoal
  ) -> [UnitName] {
    TODO("6.3 survivors go on in their order, and newcomers stand behind them")
  }

  public static func writers(
    after keepers: [UnitName],
    free: [UnitName],
    goal: ClusterGoal
  ) -> [UnitName] {
    TODO("6.3 survivors go on in their order, and newcomers stand behind them")
  }
}
