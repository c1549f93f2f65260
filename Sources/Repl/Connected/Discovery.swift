import Corfu
import CorfuProtocol
import CorfuStripeMirror

/// Finds out what a cluster is that lives elsewhere.
enum Discovery {
  /// The newest layout that any of some nodes has heard of.
  ///
  /// Whoever has heard of an old one only is no harm: clients learn the next from refusals.
  ///
  /// - Parameters:
  ///   - nodes: Whom to ask, all at once.
  ///   - network: The way to them.
  ///   - patience: How long to wait for each.
  /// - Returns: The layout, and who answered.
  /// - Throws: ``ReplError/refused(_:)`` where nobody answers, or nobody knows a layout.
  static func layout(
    of nodes: Set<NodeID>,
    via network: some Transport,
    patience: Duration
  ) async throws(ReplError) -> (layout: Layout, answering: Set<NodeID>) {
    let answers = await replies(to: .newestLayout, of: nodes, via: network, patience)
      .compactMap { node, reply -> (node: NodeID, layout: Layout?)? in
        guard case .newestLayout(let layout) = reply else { return nil }
        return (node, layout)
      }
    let names = nodes.sorted().map(\.description).joined(separator: ", ")
    if answers.isEmpty {
      if Task.isCancelled { throw .cancelled }
      throw .refused("none of \(names) answers: are the nodes up, and is the way to them open?")
    }
    guard let newest = answers.compactMap(\.layout).max(by: { $0.epoch < $1.epoch }) else {
      throw .refused(
        "\(names): nobody has a layout yet, so the cluster has not begun: "
          + "'corfu cluster init' begins it"
      )
    }
    return (newest, Set(answers.map(\.node)))
  }

  /// The newest membership that any of some nodes knows; `nil` where they are told by others.
  static func membership(
    of nodes: Set<NodeID>,
    via network: some Transport,
    patience: Duration
  ) async -> Membership? {
    var newest: Membership?
    for reply in await replies(to: .membership(nil), of: nodes, via: network, patience).values {
      guard case .membership(let known?) = reply, known.replaces(newest) else { continue }
      newest = known
    }
    return newest
  }

  /// The layouts that some nodes remember, in no order, and which nodes told nothing, and why.
  static func layouts(
    of nodes: Set<NodeID>,
    via network: some Transport,
    patience: Duration
  ) async -> (layouts: [Layout], untold: [NodeID: String]) {
    let answers = await replies(to: .layouts, of: nodes, via: network, patience)
    var all: [Layout] = []
    var untold: [NodeID: String] = [:]
    for node in nodes.sorted() {
      switch answers[node] {
      case .layouts(let layouts)?: all += layouts
      case .refused(let refusal)?: untold[node] = "\(refusal)"
      case nil: untold[node] = "no answer came"
      default: untold[node] = "another answer came"
      }
    }
    return (all, untold)
  }

  /// What nodes answer that answer in time, all asked at once.
  private static func replies(
    to request: Request,
    of nodes: Set<NodeID>,
    via network: some Transport,
    _ patience: Duration
  ) async -> [NodeID: Reply] {
    await withTaskGroup(of: (NodeID, Reply?).self) { group in
      for node in nodes.sorted() {
        group.addTask {
          // Silence is an answer, too: the others are asked as well.
          let reply = try? await network.call(request, to: node, patience: patience)
          return (node, reply)
        }
      }
      var replies: [NodeID: Reply] = [:]
      for await (node, reply) in group { replies[node] = reply }
      return replies
    }
  }
}
