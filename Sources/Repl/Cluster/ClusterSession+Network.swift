import CorfuSimulation
import CorfuStages
import CorfuStripeMirror

// What can be done to the network between clients and servers.

extension ClusterSession {
  func change(_ action: ClusterCommand.NetAction) throws(ReplError) -> ClusterAnswer {
    let network = opened.value.network
    switch action {
    case .show:
      let delay = network.faults.delay.lowerBound
      let names = network.paused.sorted().map(\.description)
      let paused = names.joined(separator: ", ")
      return .told(
        "a message takes \(Numbers.time(delay))"
          + (paused.isEmpty ? "" : "; paused: \(paused)")
          + opened.value.cuts.map { "; nothing passes \($0) until 'net heal'" }.joined(),
        [
          Fact("delay", .time(delay)), Fact("paused", .list(names)),
          Fact("partitioned", .flag(network.isCut)), Fact("cuts", .list(opened.value.cuts)),
        ]
      )
    case .partition(let left, let right):
      let other = try parties(right)
      for name in left where try parties([name]).contains(where: other.contains) {
        throw .refused("\(name) is on both sides, and always hears itself")
      }
      let one = try parties(left)
      network.partition(one, from: other)
      let cut =
        "between \(left.joined(separator: ", ")) and \(right.joined(separator: ", "))"
      opened.update { $0.cuts.append(cut) }
      return .told("nothing passes \(cut)", [])
    case .heal:
      network.heal()
      opened.update { $0.cuts = [] }
      let delay = network.faults.delay.lowerBound
      let rest =
        delay > .zero ? ", and still takes \(Numbers.time(delay)): 'net delay 0' ends that" : ""
      return .told("everything passes again" + rest, [])
    case .delay(let delay):
      network.faults.delay = delay...delay
      return .told("every message takes \(Numbers.time(delay)) from now on", [])
    }
  }

  private func parties(
    _ names: [String]
  ) throws(ReplError) -> [SimulatedNetwork<Host.Time>.Party] {
    var parties: [SimulatedNetwork<Host.Time>.Party] = []
    for name in names {
      if name == "hand" || opened.value.members.contains(where: { $0.name == name }) {
        parties.append(.client(name))
      } else {
        let node = try node(name)
        parties.append(.node(node))
        // A node's monitor is where the node is.
        if kind.stage > 5 { parties.append(.client("m\(node.number)")) }
      }
    }
    return parties
  }
}
