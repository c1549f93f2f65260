internal import CorfuStripeMirror

/// Says what an operator may do to a cluster, and what he does next: never more than it can bear.
///
/// It decides and does nothing else: it is told what is seen, and draws. Nothing is done while
/// anything else is under way, so each act has a cluster before it that is whole.
struct ChaosPlanner: Equatable, Sendable {
  /// There are never fewer nodes than that.
  let nodesMin: Int
  /// Nor more.
  let nodesMax: Int
  /// Who is still to be restarted, of a restart of all nodes, one after the other.
  private(set) var restarts: [NodeID] = []

  /// Nothing is planned.
  ///
  /// - Parameters:
  ///   - nodesMin: As many nodes as the cluster's shape needs.
  ///   - nodesMax: As many as there may be.
  init(nodesMin: Int, nodesMax: Int) {
    self.nodesMin = nodesMin
    self.nodesMax = nodesMax
  }

  /// Whether a cluster bears an act; other faults than acts of operators it always does: what they
  /// break comes back.
  func bears(_ fault: ChaosFault, in sight: ChaosSight) -> Bool {
    switch fault {
    case .kill, .end, .pause, .stutter, .powerCut, .cut, .renew: true
    case .wipe(let node), .restart(let node):
      sight.isCalm && sight.members.contains(node) && sight.survivesLoss(of: node)
    case .replace(let node):
      sight.isCalm && sight.keepsEntries(node) && sight.hasSpare(besides: node)
    case .add: sight.isCalm && sight.members.count < nodesMax
    case .remove(let node):
      sight.isCalm && sight.members.contains(node) && sight.members.count > nodesMin
        && (!sight.keepsEntries(node) || sight.hasSpare(besides: node))
    }
  }

  /// All that a cluster bears, those of one kind together.
  func acts(in sight: ChaosSight) -> [[ChaosFault]] {
    let nodes = sight.members.sorted()
    let all: [[ChaosFault]] = [
      nodes.map { .wipe($0) }, nodes.map { .replace($0) }, [.add], nodes.map { .remove($0) },
      nodes.map { .restart($0) },
    ]
    return all.map { $0.filter { bears($0, in: sight) } }.filter { !$0.isEmpty }
  }

  /// Draws what is done next; whoever is restarted is the first of all.
  ///
  /// - Parameters:
  ///   - sight: What is seen.
  ///   - random: Draws it, each kind as often as the others.
  /// - Returns: The act; `nil` if the cluster bears none.
  mutating func act(
    in sight: ChaosSight,
    using random: inout some RandomNumberGenerator
  ) -> ChaosFault? {
    if !sight.isCalm { return nil }
    while let node = restarts.first {
      restarts.removeFirst()
      if bears(.restart(node), in: sight) { return .restart(node) }
    }
    let kinds = acts(in: sight)
    guard !kinds.isEmpty else { return nil }
    let some = kinds[Int.random(in: kinds.indices, using: &random)]
    let act = some[Int.random(in: some.indices, using: &random)]
    if case .restart(let first) = act { restarts = sight.members.sorted().filter { $0 != first } }
    return act
  }
}
