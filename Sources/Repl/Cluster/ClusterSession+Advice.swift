import CorfuClient
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

// What is wrong with the servers, in words that end in what to type here and now.

extension ClusterSession {
  /// What keeps the monitors from doing what they should, each thing once.
  func troubles(_ healing: Healing) -> [ReconfigurationWords] {
    // Behind a cut a monitor sees what is so for it alone.
    let views =
      opened.value.cuts.isEmpty
      ? healing.monitors.map(\.status) : [view(healing)].compactMap(\.self)
    return Set(views.compactMap(\.trouble)).map { words(for: $0, healing) }
      .sorted { $0.fact < $1.fact }
  }

  private func words(
    for error: ReconfigurationError,
    _ healing: Healing
  ) -> ReconfigurationWords {
    let cluster = healing.cluster
    return ReconfigurationWords(
      error,
      acceptors: cluster.layout?.acceptors ?? [],
      idle: cluster.sequencerIDs.filter { cluster.node($0) == nil }
    ) { disk in
      guard let node = cluster.node(disk.node) else { return .down }
      return node.unitName == disk ? .there : .replaced
    }
  }

  /// What went wrong with the cluster, and what helps as it is now.
  func explained(_ error: ClusterError) -> ReplError {
    switch error {
    case .notReconfigured(let failure):
      guard let healing = opened.value.healing else { return ReplError(error) }
      return .refused(words(for: failure, healing).refusal)
    case .notHandedOver(.refused(let node, .log(.closed))),
      .notHandedOver(.refused(let node, .log(.failed(_)))):
      return .refused(stopped(node))
    case .alreadyUp(let node):
      return .refused("\(node) is up already: \(startingOthers)")
    default: return ReplError(error)
    }
  }

  /// What is left to do for a node whose disk failed.
  func stopped(_ node: NodeID) -> String {
    if case .failing = breakages.of(node).ill { return ReplError.stopped(node, isBroken: true) }
    return ReplError.stopped(node, isBroken: false)
  }

  /// The name `seq` goes on to whoever is the sequencer, so it does not start the one that died.
  func checkIsDown(_ sequencer: NodeID) throws(ReplError) {
    guard opened.value.cluster.node(sequencer) != nil else { return }
    throw .refused("seq is \(sequencer) now, which is up: \(startingOthers)")
  }

  /// How those are started that are down.
  private var startingOthers: String {
    let cluster = opened.value.cluster
    let down = cluster.nodeIDs.filter { cluster.node($0) == nil }
    if down.isEmpty { return "nothing to restart" }
    return down.prefix(Self.startsMax).map { "'node restart \($0)' starts \($0)" }
      .joined(separator: ", ")
  }

  /// More commands in one line nobody reads.
  private static var startsMax: Int { 3 }
}
