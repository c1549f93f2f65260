// Exercise 6.4: for each old chain that is too short, who is to get a copy, and in which order
// Write the body below, then: swift run course check 6.4
import CorfuChecks
import CorfuGlobalLog
public import CorfuPaxosConfigurator
public import CorfuStripeMirror

/// Which parts of a log stand on too few units, and who could take them.
public enum RebuildPlan: RebuildPlanning {
  public static func tasks(
    in layout: Layout,
    seeing sight: ClusterSight,
    goal: ClusterGoal
  ) -> [RebuildTask] {
    TODO("6.4 for each old chain that is too short, who is to get a copy, and in which order")
  }
}
