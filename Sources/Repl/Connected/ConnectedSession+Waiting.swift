import Corfu
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuStripeMirror

// Waiting until the nodes' own monitors have nothing left to do.

extension ConnectedSession {
  /// The longest wait without a number.
  private static var waitMax: Duration { .seconds(60) }

  /// Lets time pass: so much, or until nothing is left to do.
  func wait(_ duration: Duration?) async throws(ReplError) -> ClusterAnswer {
    let begin = clock.now
    var isAtRest = false
    if let duration {
      await pause(duration)
      isAtRest = try await looksAtRest()
    } else {
      // Between two changes it may look as if all were done.
      var calm = 0
      while calm < 3, begin.duration(to: clock.now) < Self.waitMax, !Task.isCancelled {
        calm = try await looksAtRest() ? calm + 1 : 0
        if calm < 3 { await pause(.milliseconds(200)) }
      }
      isAtRest = calm == 3
    }
    if Task.isCancelled { throw .cancelled }
    let passed = begin.duration(to: clock.now)
    let what =
      isAtRest ? "nothing is left to do" : "something is still to be done: 'status' tells what"
    return .told(
      "\(Numbers.time(passed)) later \(what)",
      [Fact("waited", .time(passed)), Fact("at rest", .flag(isAtRest))]
    )
  }

  /// Lets spares take over from nodes in turn: each is emptied and stands by before the next goes.
  func remap(
    _ nodes: [NodeID],
    by hands: any ClusterHands
  ) async throws(ReplError) -> ClusterAnswer {
    var facts: [Fact] = []
    if await membership()?.isAutomatic == false {
      throw .refused("the monitors are off, and nobody would copy: 'monitor on' first")
    }
    for node in nodes {
      let begin = clock.now
      let (layout, _) = try await look()
      if layout.spares.contains(where: { $0.node == node }) {
        throw .refused("\(node) stands by already, and keeps nothing that could be moved")
      }
      _ = try await hands.replace(node)
      while try await !standsBy(node) {
        await pause(.milliseconds(200))
        if Task.isCancelled { throw .cancelled }
      }
      facts.append(Fact(node.description, .time(begin.duration(to: clock.now))))
    }
    let names = nodes.map(\.description).joined(separator: ", then ")
    return .told("spares have taken over from \(names); each was emptied, and stands by", facts)
  }

  /// Whether a node that others were to take over from is a spare again.
  private func standsBy(_ node: NodeID) async throws(ReplError) -> Bool {
    let (layout, look) = try await look()
    let isLeaving = await membership()?.leaving.contains(node) ?? true
    guard let unit = look.unit(of: node) else { return false }
    return !isLeaving && layout.spares.contains(unit)
  }

  private func pause(_ duration: Duration) async {
    // Cancelled: whoever waits looks for that.
    try? await clock.sleep(for: duration)
  }

  /// Whether all that the layout names is well, and all that people want is done.
  private func looksAtRest() async throws(ReplError) -> Bool {
    let (layout, look) = try await look()
    if layout.nodes.contains(where: { health(of: $0, in: layout, look) != "up" }) { return false }
    guard let membership = await membership() else { return true }
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
    var newest: Membership?
    for node in nodes.sorted() {
      guard case .membership(let known?)? = await answer(to: .membership(nil), of: node) else {
        continue
      }
      if known.replaces(newest) { newest = known }
    }
    return newest
  }
}
