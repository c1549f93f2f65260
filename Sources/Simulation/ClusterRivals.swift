internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuStripeMirror

// Two who end an epoch at once, and do not agree on what comes next: only a vote can settle that.

extension ClusterTroubles {
  /// How two who end an epoch at once differ.
  private struct Rivals: Sendable {
    /// Whom each of them takes for dead.
    var views: [Set<NodeID>] = [[], []]
    /// For how long the first stands still before it tells what was decided.
    var stall = Duration.zero
    /// How long after the first the second begins, at most.
    var leadMax = Duration.milliseconds(4)
    /// Acceptors that die before the second asks them.
    var victims: [UnitName] = []
  }

  /// Two end the epoch at once.
  ///
  /// - Returns: Whether either has brought a new one.
  func changeTwice() async -> Bool {
    // Of two hands the one is as good as the other.
    let rivals = configuration.isVoted ? drawRivals() : Rivals()
    async let one = change(without: rivals.views[0], stalling: rivals.stall)
    await world.sleep(for: draw { $0.duration(in: .zero...rivals.leadMax) })
    for victim in rivals.victims where nodes.kill(victim.node, withPower: draw { $0.chance(0.5) }) {
      stayAway(victim.node, .zero ... .milliseconds(3))
    }
    async let other = change(without: rivals.views[1])
    let begun = await (one, other)
    return begun.0 || begun.1
  }

  private func drawRivals() -> Rivals {
    let acceptors = layout?.acceptors ?? []
    let silence = configuration.monitorLimits.silenceMax
    return draw { [nodes] random in
      var rivals = Rivals()
      for index in rivals.views.indices where random.chance(0.5) {
        let some = random.chance(0.5) ? nodes.all : acceptors.map(\.node)
        if let node = random.element(of: some) { rivals.views[index] = [node] }
      }
      if random.chance(0.5) {
        rivals.stall = random.duration(in: .zero...silence)
        rivals.leadMax = .milliseconds(40)
      }
      if random.chance(0.4) { rivals.victims = acceptors.filter { _ in random.chance(0.6) } }
      return rivals
    }
  }
}
