import Corfu
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuStripeMirror

// What the nodes' monitors copy, as they tell each other.

extension ConnectedSession {
  /// What is copied to whom, and how far.
  func rebuilds() async throws(ReplError) -> ClusterAnswer {
    let (layout, look) = try await look()
    guard let wanted = await membership() else {
      throw .refused("no node tells what the cluster should be like")
    }
    let goal = ClusterGoal(
      replicas: wanted.replicas,
      acceptors: wanted.acceptors,
      stripes: wanted.stripes,
      leaving: wanted.leaving,
      lost: wanted.lost
    )
    let tasks = RebuildPlan.tasks(in: layout, seeing: look.sight(of: layout), goal: goal)
    if tasks.isEmpty {
      let troubles = ClusterTroubles(layout: layout, look: look, wanted: wanted)
      let lacking = troubles.deadChains + troubles.shortChains
      return .told(
        lacking.isEmpty
          ? "every position is on as many units as it should be: there is nothing to copy"
          : "nothing can be copied now: \(lacking.joined(separator: "; "))",
        []
      )
    }
    let copies = look.statuses.values.compactMap(\.view?.copy)
    return .table(
      FactTable(copying: tasks) { task in
        copies.first { $0.begin == task.begin && $0.newcomer == task.newcomer }?.next
      }
    )
  }
}
