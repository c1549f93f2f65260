internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuStripeMirror

// A network that falls apart into two camps: one goes on, and the other must not believe itself.

extension ClusterTroubles {
  private typealias Party = ClusterNetwork.Party

  /// Two camps, each with its nodes, their monitors, and clients, for so long that one goes on
  /// without the other.
  ///
  /// - Returns: Whether any message was lost by it.
  func split() async -> Bool {
    let before = network.lostToCuts
    let parties = nodes.all.map { Party.node($0) } + clients
    let long = layout?.chains.filter { $0.replicas.count > 2 } ?? []
    if let layout, let chain = draw({ $0.chance(0.7) ? $0.element(of: long) : nil }) {
      let few = ends(of: chain, in: layout)
      network.partition(few, from: parties.filter { !few.contains($0) })
      await look(at: chain, in: layout)
    } else {
      let share = draw { $0.chance(0.5) ? 0.5 : 0.25 }
      let few = draw { random in parties.filter { _ in random.chance(share) } }
      network.partition(few, from: parties.filter { !few.contains($0) })
      await waitForOthers()
    }
    network.heal()
    return network.lostToCuts > before
  }

  private var clients: [Party] { (0..<configuration.clients).map { .client("c\($0)") } }

  /// A camp with both ends of a chain: whoever asks there hears nothing of what its middle goes on
  /// with.
  private func ends(of chain: Chain, in layout: Layout) -> [Party] {
    let ends = [chain.replicas.first, chain.replicas.last].compactMap(\.self).map(\.node)
    let some = draw { [clients] random in clients.filter { _ in random.chance(0.5) } }
    return (ends + [layout.sequencer.node]).map { .node($0) } + some + [.client(Self.witness)]
  }

  private static var witness: String { "the cut-off" }

  /// Waits until a camp has gone on without the other, and some time more.
  private func waitForOthers() async {
    let epoch = layout?.epoch ?? .zero
    let silence = configuration.monitorLimits.silenceMax
    let end = world.now + silence * 10
    while layout?.epoch ?? .zero == epoch, world.now < end, !Task.isCancelled {
      await world.sleep(for: .milliseconds(2))
    }
    await world.sleep(for: draw { $0.duration(in: .zero...silence) })
  }

  /// Looks at a chain from the smaller camp, as long as the split lasts.
  private func look(at chain: Chain, in layout: Layout) async {
    var random = draw { $0.split() }
    let id = ClientID(using: &random)
    let client = nodes.client(Self.witness, id, layout, random: random)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          while !Task.isCancelled {
            await client.look(at: chain, in: layout)
            await self.world.sleep(for: .milliseconds(1))
          }
        }
      }
      await waitForOthers()
      group.cancelAll()
    }
  }
}
