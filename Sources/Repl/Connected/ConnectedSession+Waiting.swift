import CorfuClient
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuStripeMirror

// Waiting until the nodes' own monitors have nothing left to do.

extension ConnectedSession {
  /// The longest wait without a number.
  private static var waitMax: Duration { .seconds(60) }

  /// Lets time pass until nothing is left to do, but only so much.
  func wait(_ duration: Duration?) async throws(ReplError) -> ClusterAnswer {
    let begin = clock.now
    let deadline = begin.advanced(by: duration ?? Self.waitMax)
    // Between two changes it may look as if all were done.
    var calm = try await looksAtRest() ? 1 : 0
    while calm < 3, clock.now < deadline, !Task.isCancelled {
      await pause(min(.milliseconds(200), clock.now.duration(to: deadline)))
      calm = try await looksAtRest() ? calm + 1 : 0
    }
    let isAtRest = calm > 0
    if Task.isCancelled { throw .cancelled }
    let passed = begin.duration(to: clock.now)
    let what =
      isAtRest ? "nothing is left to do" : "something is still to be done: 'status' tells what"
    return .told(
      "\(Numbers.time(passed)) later \(what)",
      [Fact("waited", .time(passed)), Fact("at rest", .flag(isAtRest))]
    )
  }

  func pause(_ duration: Duration) async {
    // Cancelled: whoever waits looks for that.
    try? await clock.sleep(for: duration)
  }

  /// Whether all that the layout names is well, and all that people want is done.
  private func looksAtRest() async throws(ReplError) -> Bool {
    let survey = try await survey()
    let (layout, look) = (survey.layout, survey.look)
    let isWell = { (node: NodeID) in NodeWords.standing(of: node, in: layout, look) == "up" }
    if !layout.nodes.allSatisfy(isWell) { return false }
    guard let membership = survey.wanted else { return true }
    if !membership.leaving.isEmpty { return false }
    // Who is there and not named is about to be taken in.
    let named = layout.nodes
    if membership.members.keys.contains(where: { look.statuses[$0] != nil && !named.contains($0) })
    {
      return false
    }
    // A chain that is too short gets a copy, as long as somebody can have it.
    return !layout.spans.contains { span in
      span.stripes.contains { $0.replicas.count < membership.replicas }
        && !layout.newcomers(to: span).isEmpty
    }
  }

  /// Who there is and what people want, as the nodes know it; `nil` where they are told by others.
  func membership() async -> Membership? {
    await Discovery.membership(of: nodes, via: network, patience: limits.callPatience)
  }
}
