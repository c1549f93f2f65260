import CorfuClient
import CorfuPaxosConfigurator
import CorfuProtocol

// What the nodes' monitors copy, as they tell each other.

extension ConnectedSession {
  /// What is copied to whom, and how far.
  func rebuilds() async throws(ReplError) -> ClusterAnswer {
    let survey = try await survey()
    guard let wanted = survey.wanted else {
      throw .refused("no node tells what the cluster should be like")
    }
    let (layout, look, troubles) = (survey.layout, survey.look, survey.troubles)
    let sight = look.sight(of: layout)
    return .copies(
      of: RebuildPlan.tasks(in: layout, seeing: sight, goal: wanted.wishes.goal),
      look.statuses.values.compactMap(\.view?.copy),
      lacking: troubles.deadChains + troubles.shortChains
    )
  }
}
