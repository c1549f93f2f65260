internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuProtocol
internal import CorfuStripeMirror

/// What the nodes of a cluster tell each other besides their work.
enum PeerNews {
  /// Tells all others who there is, and takes in what they know.
  static func exchange(
    _ keeper: MembershipKeeper,
    _ network: TCPTransport,
    besides node: NodeID,
    _ patience: Duration
  ) async {
    guard let mine = keeper.newest else { return }
    let heard = await withTaskGroup(of: (NodeID, Membership)?.self) { group in
      for other in mine.members.keys where other != node {
        group.addTask {
          let request = Request.membership(mine)
          // Who is silent tells nothing, and hears it later.
          let reply = try? await network.call(request, to: other, patience: patience)
          guard case .membership(let membership?)? = reply else { return nil }
          return (other, membership)
        }
      }
      var heard: [(NodeID, Membership)] = []
      for await news in group { if let news { heard.append(news) } }
      return heard
    }
    for (other, membership) in heard {
      // A full disk: the next round tries again.
      _ = try? await keeper.offer(membership, from: Peer(role: .node, node: other))
    }
  }

  /// Hears from others who there is, and what people want.
  static func hear(
    _ keeper: MembershipKeeper,
    _ network: TCPTransport,
    from nodes: Set<NodeID>,
    _ patience: Duration
  ) async {
    let heard = await withTaskGroup(of: (NodeID, Membership)?.self) { group in
      for node in nodes {
        group.addTask {
          // Who is silent tells nothing.
          let reply = try? await network.call(.membership(nil), to: node, patience: patience)
          guard case .membership(let membership?)? = reply else { return nil }
          return (node, membership)
        }
      }
      var heard: [(NodeID, Membership)] = []
      for await news in group { if let news { heard.append(news) } }
      return heard
    }
    for (node, membership) in heard {
      // A full disk: they tell it again.
      _ = try? await keeper.offer(membership, from: Peer(role: .node, node: node))
    }
  }

  /// Brings a node up to the newest layout that other nodes know.
  static func catchUp(
    _ node: Node<TimedDevice, some Parts>,
    _ keeper: MembershipKeeper,
    _ network: TCPTransport,
    _ patience: Duration
  ) async {
    guard let membership = keeper.newest else { return }
    let newest = await withTaskGroup(of: Layout?.self) { group in
      for other in membership.members.keys where other != node.id {
        group.addTask {
          // Who is silent tells nothing.
          let reply = try? await network.call(.newestLayout, to: other, patience: patience)
          guard case .newestLayout(let layout)? = reply else { return nil }
          return layout
        }
      }
      var newest: Layout?
      for await case let layout? in group where layout.epoch > newest?.epoch ?? .zero {
        newest = layout
      }
      return newest
    }
    guard let newest, newest.epoch > node.newestLayout?.epoch ?? .zero else { return }
    _ = await node.handle(.install(InstallRequest(layout: newest)))
  }
}
