import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror

/// What the nodes of a cluster told at one look, for whoever watches them side by side.
struct ClusterReading: Sendable {
  /// Something that was told, and when.
  struct Timed<Value: Sendable>: Sendable {
    let value: Value
    /// When, since the watch began.
    let time: Duration
  }

  /// The layout in force.
  var layout: Layout
  /// What the nodes say of themselves.
  var look: ClusterLook
  /// What people want; `nil` where the nodes are not told.
  var wanted: Membership?
  /// Whether all nodes have lost who is in the cluster.
  var isForgotten = false
  /// What nodes have counted and measured.
  var meters: [NodeID: Timed<NodeMeters>] = [:]
  /// Where the sequencer says that the log ends; `nil` if it does not.
  var tail: Timed<Position>?

  /// All that belong to the cluster.
  var nodes: [NodeID] {
    layout.nodes.union(look.statuses.keys).union(wanted?.members.keys.map(\.self) ?? []).sorted()
  }

  /// Whether all is well.
  var verdict: HealthVerdict {
    HealthVerdict(
      of: ClusterTroubles(layout: layout, look: look, wanted: wanted, isForgotten: isForgotten)
    )
  }

  /// Asks all nodes.
  ///
  /// - Parameters:
  ///   - known: Some of them; the others are learned from those.
  ///   - network: The way to them.
  ///   - patience: How long to wait for each answer.
  ///   - elapsed: How long the watch has lasted.
  /// - Returns: What they told.
  /// - Throws: ``ReplError/refused(_:)`` where nobody answers.
  static func take(
    of known: Set<NodeID>,
    via network: some Transport,
    patience: Duration,
    elapsed: @escaping @Sendable () -> Duration
  ) async throws(ReplError) -> ClusterReading {
    let survey = try await ClusterSurvey.take(of: known, via: network, patience: patience)
    var reading = ClusterReading(
      layout: survey.layout,
      look: survey.look,
      wanted: survey.wanted,
      isForgotten: survey.isForgotten
    )
    // Whoever is silent is not asked once more.
    let answering = survey.look.statuses.keys.sorted()
    let sequencer = survey.layout.sequencer.node
    var questions = answering.map { (node: $0, request: Request.meters) }
    if answering.contains(sequencer) {
      let tail = Request.tail(TailRequest(layout: survey.layout.id))
      questions.append((node: sequencer, request: tail))
    }
    await withTaskGroup(of: (NodeID, Reply?, Duration).self) { group in
      for (node, request) in questions {
        group.addTask {
          // One that answers no more is told of at the next look, and a sequencer that was replaced
          // tells no tail.
          let reply = try? await network.call(request, to: node, patience: patience)
          return (node, reply, elapsed())
        }
      }
      for await (node, reply, time) in group {
        switch reply {
        case .meters(let meters)?: reading.meters[node] = Timed(value: meters, time: time)
        case .tail(let position)?: reading.tail = Timed(value: position, time: time)
        default: continue
        }
      }
    }
    return reading
  }
}
