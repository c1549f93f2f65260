import CorfuClient
import CorfuProtocol
import CorfuStripeMirror

/// Finds out what a cluster is that lives elsewhere.
enum Discovery {
  /// A layout to begin with: the newest of those that the first nodes tell, more than half of them.
  ///
  /// Whoever has heard of an old one only is no harm: clients learn the next from refusals. Nor
  /// does one that stands still keep anybody waiting, as long as most of the others answer.
  ///
  /// - Parameters:
  ///   - nodes: Whom to ask, all at once.
  ///   - network: The way to them.
  ///   - patience: How long to wait for each.
  /// - Returns: The layout.
  /// - Throws: ``ReplError/refused(_:)`` where nobody answers, or nobody knows a layout.
  static func layout(
    of nodes: Set<NodeID>,
    via network: some Transport,
    patience: Duration
  ) async throws(ReplError) -> Layout {
    let answers = await withTaskGroup(of: Reply?.self) { group in
      for node in nodes.sorted() {
        group.addTask {
          // Silence is an answer, too: the others are asked as well.
          try? await network.call(.newestLayout, to: node, patience: patience)
        }
      }
      var answers: [Layout?] = []
      for await reply in group {
        guard case .newestLayout(let layout)? = reply else { continue }
        answers.append(layout)
        let isKnown = answers.contains { $0 != nil }
        if isKnown, answers.count * 2 > nodes.count { break }
      }
      group.cancelAll()
      return answers
    }
    if answers.isEmpty { throw silence(of: nodes) }
    guard let newest = answers.compactMap(\.self).max(by: { $0.epoch < $1.epoch }) else {
      throw noLayout(of: nodes)
    }
    return newest
  }

  /// The error where nobody answers.
  static func silence(of nodes: Set<NodeID>) -> ReplError {
    if Task.isCancelled { return .cancelled }
    return .refused(
      "none of \(names(nodes)) answers: are the nodes up, and is the way to them open?"
    )
  }

  /// The error where nobody knows a layout.
  static func noLayout(of nodes: Set<NodeID>) -> ReplError {
    .refused(
      "\(names(nodes)): nobody has a layout yet, so the cluster has not begun: "
        + "'corfu cluster init' begins it"
    )
  }

  private static func names(_ nodes: Set<NodeID>) -> String {
    nodes.sorted().map(\.description).joined(separator: ", ")
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
