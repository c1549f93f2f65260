import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuStripeMirror

/// What the nodes of a cluster tell when each is asked everything, and all at once.
///
/// One that stands still keeps nobody waiting for longer than one answer may take.
struct ClusterSurvey: Sendable {
  /// The newest layout that anybody has heard of.
  let layout: Layout
  /// What the nodes say of themselves.
  let look: ClusterLook
  /// What people want of the cluster; `nil` if nobody tells.
  let wanted: Membership?
  /// Whether those who were asked who is in the cluster have all lost that.
  let isForgotten: Bool

  /// Who belongs to the cluster: who is a member, or has a part in the layout.
  var members: Set<NodeID> { Self.named(by: layout, wanted) }

  /// What somebody should know who looks after the cluster.
  var troubles: ClusterTroubles {
    ClusterTroubles(layout: layout, look: look, wanted: wanted, isForgotten: isForgotten)
  }

  private static func named(by layout: Layout?, _ wanted: Membership?) -> Set<NodeID> {
    (layout?.nodes ?? []).union(wanted?.members.keys.map(\.self) ?? [])
  }

  /// Asks nodes, and at once all others that their answers name.
  ///
  /// - Parameters:
  ///   - nodes: Some nodes of the cluster; one that answers is enough.
  ///   - network: The way to all of them.
  ///   - patience: How long to wait for each answer.
  /// - Returns: What they told.
  /// - Throws: ``ReplError/refused(_:)`` where nobody answers, or nobody knows a layout.
  static func take(
    of nodes: Set<NodeID>,
    via network: some Transport,
    patience: Duration
  ) async throws(ReplError) -> ClusterSurvey {
    let told = await withTaskGroup(of: (NodeID, Reply?).self) { group in
      var told = Answers()
      var next = nodes
      while true {
        for node in next.sorted() {
          for request in [Request.status, .newestLayout, .membership(nil)] {
            group.addTask {
              // Silence is an answer, too: the others are asked as well.
              let reply = try? await network.call(request, to: node, patience: patience)
              return (node, reply)
            }
          }
        }
        told.asked.formUnion(next)
        guard let (node, reply) = await group.next() else { return told }
        if let reply { told.take(reply, of: node) }
        next = named(by: told.layout, told.wanted).subtracting(told.asked)
      }
    }
    guard told.isAny else { throw Discovery.silence(of: nodes) }
    guard let layout = told.layout else { throw Discovery.noLayout(of: nodes) }
    return ClusterSurvey(
      layout: layout,
      look: told.look,
      wanted: told.wanted,
      isForgotten: told.wanted == nil && told.haveAllForgotten
    )
  }

  /// What was told so far.
  private struct Answers {
    var asked: Set<NodeID> = []
    /// Whether anything was told of layouts, if only that none is known.
    var isAny = false
    var layout: Layout?
    var look = ClusterLook()
    var wanted: Membership?
    /// Who knows of no members.
    var forgotten: Set<NodeID> = []

    /// Whether all who said anything have lost who the members are.
    var haveAllForgotten: Bool {
      !forgotten.isEmpty && forgotten.isSuperset(of: look.statuses.keys)
    }

    mutating func take(_ reply: Reply, of node: NodeID) {
      switch reply {
      case .status(let status): look.statuses[node] = status
      case .newestLayout(let newest):
        isAny = true
        if let newest, newest.epoch > layout?.epoch ?? .zero { layout = newest }
      case .membership(nil): forgotten.insert(node)
      case .membership(let known?): if known.replaces(wanted) { wanted = known }
      default: return
      }
    }
  }
}
