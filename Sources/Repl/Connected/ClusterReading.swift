import Corfu
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
    HealthVerdict(of: ClusterTroubles(layout: layout, look: look, wanted: wanted))
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
    let layout = try await Discovery.layout(of: known, via: network, patience: patience).layout
    let wanted = await Discovery.membership(of: known, via: network, patience: patience)
    let all = layout.nodes.union(known).union(wanted?.members.keys.map(\.self) ?? [])
    let look = await ClusterLook.at(all, via: network, patience: patience)
    var reading = ClusterReading(layout: layout, look: look, wanted: wanted)
    let sequencer = layout.sequencer.node
    let request = Request.tail(TailRequest(layout: layout.id))
    // A sequencer that is silent or was replaced tells no tail.
    let reply = try? await network.call(request, to: sequencer, patience: patience)
    if case .tail(let position)? = reply {
      reading.tail = Timed(value: position, time: elapsed())
    }
    reading.meters = await withTaskGroup(of: (NodeID, Timed<NodeMeters>?).self) { group in
      for node in look.statuses.keys.sorted() {
        group.addTask {
          // One that answers no more is told of at the next look.
          let reply = try? await network.call(.meters, to: node, patience: patience)
          guard case .meters(let meters)? = reply else { return (node, nil) }
          return (node, Timed(value: meters, time: elapsed()))
        }
      }
      var meters: [NodeID: Timed<NodeMeters>] = [:]
      for await (node, told) in group { meters[node] = told }
      return meters
    }
    return reading
  }
}
