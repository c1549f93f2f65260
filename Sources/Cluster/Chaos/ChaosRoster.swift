internal import CorfuNode
internal import CorfuStripeMirror
internal import Synchronization

/// Who is in the cluster that is broken, what is planned for it, and the chance that draws it.
final class ChaosRoster: Sendable {
  private struct State {
    var members: [LocalCluster.Member]
    var planner: ChaosPlanner
    var random: DrawnGenerator
  }

  private let state: Mutex<State>

  /// The nodes that there are at first: as many as there always are, and sometimes one more.
  ///
  /// - Parameters:
  ///   - members: The nodes.
  ///   - seed: Draws everything.
  init(_ members: [LocalCluster.Member], seed: UInt64) {
    var first = OneNumber(number: seed)
    let planner = ChaosPlanner(nodesMin: members.count, nodesMax: members.count + 1)
    let random = DrawnGenerator(using: &first)
    state = Mutex(State(members: members, planner: planner, random: random))
  }

  /// The nodes whose processes should run.
  var members: [LocalCluster.Member] { state.withLock { $0.members } }

  /// What is planned.
  var planner: ChaosPlanner { state.withLock { $0.planner } }

  /// Takes in a node.
  func add(_ member: LocalCluster.Member) { state.withLock { $0.members.append(member) } }

  /// Lets a node go.
  func remove(_ node: NodeID) {
    state.withLock { state in state.members.removeAll { $0.node == node } }
  }

  /// Whether it is an operator's turn: one in three.
  func drawsOperator() -> Bool {
    state.withLock { Int.random(in: 0..<3, using: &$0.random) == 0 }
  }

  /// What an operator does now; `nil` if the cluster bears nothing.
  func operation(in sight: ChaosSight) -> ChaosStep? {
    state.withLock { state in
      guard let act = state.planner.act(in: sight, using: &state.random) else { return nil }
      return ChaosStep(act, using: &state.random)
    }
  }

  /// What breaks next.
  func step(with means: ChaosMeans) -> ChaosStep {
    state.withLock { state in
      ChaosStep(of: state.members.map(\.node), with: means, using: &state.random)
    }
  }
}

/// A seed, for a generator that is begun by another one.
private struct OneNumber: RandomNumberGenerator {
  let number: UInt64

  func next() -> UInt64 { number }
}
