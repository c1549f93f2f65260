import Corfu
import CorfuPaxosConfigurator
import CorfuProtocol

// What the nodes' monitors copy, as they tell each other.

extension ConnectedSession {
  /// What is copied to whom, and how far.
  func rebuilds() async throws(ReplError) -> ClusterAnswer {
    let (layout, look) = try await look()
    guard let wanted = await membership() else {
      throw .refused("no node tells what the cluster should be like")
    }
    let sight = look.sight(of: layout)
    let troubles = ClusterTroubles(layout: layout, look: look, wanted: wanted)
    return .copies(
      of: RebuildPlan.tasks(in: layout, seeing: sight, goal: wanted.wishes.goal),
      look.statuses.values.compactMap(\.view?.copy),
      lacking: troubles.deadChains + troubles.shortChains
    )
  }
}
