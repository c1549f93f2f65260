// Goal: what operators do in 'corfu chaos' never is more than a cluster bears. Method: every small
// cluster, whole or not, and every act; the rules once more, in other words; and long plans.
@testable import CorfuCluster
import CorfuProtocol
import CorfuStripeMirror
import Testing

@Suite struct ChaosPlannerTests {
  private static let nodes = (1...3).map { NodeID($0) }

  private static func disk(_ node: NodeID) -> UnitName {
    UnitName(node: node, incarnation: Incarnation(high: 7, low: UInt64(node.number)))
  }

  private static func subsets(_ sizes: ClosedRange<Int>) -> [[UnitName]] {
    (0..<8).map { bits in nodes.indices.filter { bits >> $0 & 1 == 1 }.map { disk(nodes[$0]) } }
      .filter { sizes.contains($0.count) }
  }

  private static let acts: [ChaosFault] =
    nodes.flatMap { (node) -> [ChaosFault] in
      [.wipe(node), .replace(node), .remove(node), .restart(node)]
    } + [.add]

  /// Every cluster of three nodes: two chains of any units, any acceptors, any that serve.
  private func sights() -> [ChaosSight] {
    var sights: [ChaosSight] = []
    for first in Self.subsets(1...3) {
      for second in Self.subsets(1...3) {
        for acceptors in Self.subsets(1...3) where acceptors.count % 2 == 1 {
          for serving in Self.subsets(0...3) {
            for rest in 0..<4 {
              var sight = ChaosSight()
              sight.members = Set(Self.nodes)
              sight.chains = [first, second]
              sight.acceptors = acceptors
              sight.spares = Self.nodes.map(Self.disk).filter { !(first + second).contains($0) }
              sight.serving = Set(serving)
              (sight.isBusy, sight.replicas) = (rest % 2 == 1, 1 + rest / 2)
              sights.append(sight)
            }
          }
        }
      }
    }
    return sights
  }

  @Test func noActIsMoreThanAClusterBears() {
    let planner = ChaosPlanner(nodesMin: 2, nodesMax: 4)
    var borne: [ChaosFault: Int] = [:]
    for sight in sights() {
      for act in Self.acts where planner.bears(act, in: sight) {
        borne[act, default: 0] += 1
        // All is well before anything is done.
        #expect(!sight.isBusy && sight.serving.count == 3, "\(act): \(sight)")
        #expect(sight.chains.allSatisfy { $0.count >= sight.replicas }, "\(act): \(sight)")
        switch act {
        case .wipe(let node), .restart(let node):
          // Without its disk every chain has one, and most acceptors are there.
          for chain in sight.chains {
            #expect(chain.contains { $0.node != node }, "\(act): \(sight)")
          }
          let voters = sight.acceptors.filter { $0.node != node }.count
          #expect(voters > sight.acceptors.count / 2, "\(act): \(sight)")
        case .replace(let node):
          #expect(sight.spares.contains { $0.node != node }, "\(act): \(sight)")
          #expect(!sight.spares.contains { $0.node == node }, "\(act): \(sight)")
        case .remove(let node):
          let isSpare = sight.spares.contains { $0.node == node }
          #expect(isSpare || !sight.spares.isEmpty, "\(act): \(sight)")
        case .add, .kill, .end, .pause, .stutter, .powerCut, .cut, .renew: break
        }
      }
    }
    // Each of them is possible somewhere.
    #expect(Set(borne.keys) == Set(Self.acts))
  }

  @Test func whoDoesNotServeKeepsOperatorsAway() {
    for sight in sights() where sight.isCalm {
      for node in Self.nodes {
        var other = sight
        other.serving.remove(Self.disk(node))
        #expect(!other.isCalm, "\(node): \(other)")
        // A second disk is lost only if others serve: with a mate that does not, never.
        for chain in sight.chains where chain.count == 2 {
          guard let mate = chain.first(where: { $0.node != node }),
            chain.contains(where: { $0.node == node })
          else { continue }
          #expect(!other.survivesLoss(of: mate.node), "\(mate): \(other)")
        }
      }
    }
  }

  /// A cluster that is well: a chain of n1 and n2, and as many that stand by as wanted.
  private func sight(spares: Int) -> ChaosSight {
    var sight = ChaosSight()
    let disks = (1...2 + spares).map { Self.disk(NodeID(UInt32($0))) }
    sight.members = Set(disks.map(\.node))
    sight.chains = [Array(disks[..<2])]
    sight.replicas = 2
    sight.acceptors = Array(disks.prefix(3))
    sight.spares = Array(disks[2...])
    sight.serving = Set(disks)
    return sight
  }

  @Test func sizesAreKept() {
    let planner = ChaosPlanner(nodesMin: 3, nodesMax: 4)
    let least = sight(spares: 1)
    #expect(planner.bears(.add, in: least))
    #expect(Self.nodes.allSatisfy { !planner.bears(.remove($0), in: least) })
    let most = sight(spares: 2)
    #expect(!planner.bears(.add, in: most))
    #expect(Self.nodes.allSatisfy { planner.bears(.remove($0), in: most) })
    // Somebody who is no member.
    #expect(!planner.bears(.wipe(NodeID(9)), in: most))
    #expect(!planner.bears(.replace(NodeID(9)), in: most))
    // A member that no layout names yet keeps nobody from anything, and has nothing to hand over.
    var early = least
    early.members.insert(NodeID(4))
    #expect(early.isCalm && !planner.bears(.add, in: early))
    #expect(planner.bears(.remove(NodeID(1)), in: early))
    #expect(planner.bears(.remove(NodeID(4)), in: early))
    #expect(!planner.bears(.replace(NodeID(4)), in: early))
    // Without a spare nobody can take over, and a lone unit's disk is never lost.
    let bare = sight(spares: 0)
    #expect(!planner.bears(.replace(NodeID(1)), in: bare))
    var lone = least
    lone.chains = [[Self.disk(NodeID(1))]]
    lone.replicas = 1
    #expect(!planner.bears(.wipe(NodeID(1)), in: lone))
    #expect(!planner.bears(.wipe(NodeID(1)), in: ChaosSight()))
  }

  @Test func aRestartOfAllIsOneAfterTheOther() {
    var planner = ChaosPlanner(nodesMin: 3, nodesMax: 4)
    var random = SystemRandomNumberGenerator()
    let whole = sight(spares: 1)
    var first: NodeID?
    while first == nil {
      if case .restart(let node)? = planner.act(in: whole, using: &random) { first = node }
    }
    let others = Self.nodes.filter { $0 != first }
    #expect(planner.restarts == others)
    // Not while anybody is missed, and what was planned is not forgotten.
    var busy = whole
    busy.isBusy = true
    #expect(planner.act(in: busy, using: &random) == nil)
    #expect(planner.restarts == others)
    #expect(planner.act(in: whole, using: &random) == .restart(others[0]))
    // One that has left meanwhile is passed over.
    var less = whole
    less.members.remove(others[1])
    less.spares.removeAll { $0.node == others[1] }
    if less.spares.isEmpty, others[1] == NodeID(3) { less.acceptors.removeLast(2) }
    let next = planner.act(in: less, using: &random)
    #expect(next != .restart(others[1]) && planner.restarts != others)
  }

  @Test func everythingIsDoneInTheEnd() {
    var random = SystemRandomNumberGenerator()
    var seen: Set<ChaosFault> = []
    for spares in 1...2 {
      var planner = ChaosPlanner(nodesMin: 3, nodesMax: 4)
      for _ in 0..<2000 {
        guard let act = planner.act(in: sight(spares: spares), using: &random) else { continue }
        #expect(act.isOperation)
        seen.insert(act)
      }
    }
    let nodes = (1...4).map { NodeID($0) }
    let wiped = nodes.map { ChaosFault.wipe($0) }
    let removed = nodes.map { ChaosFault.remove($0) }
    let restarted = nodes.map { ChaosFault.restart($0) }
    let replaced = nodes[..<2].map { ChaosFault.replace($0) }
    let all: [[ChaosFault]] = [wiped, removed, restarted, replaced, [.add]]
    #expect(seen == Set(all.joined()))
  }

  @Test func aSeedDrawsTheSame() throws {
    let address = try #require(NodeAddress("127.0.0.1:1"))
    let members = Self.nodes.map { LocalCluster.Member(node: $0, address: address, admin: address) }
    func draw(_ seed: UInt64) -> [ChaosStep] {
      let roster = ChaosRoster(members, seed: seed)
      let whole = sight(spares: 1)
      return (0..<50).map { _ in
        if roster.drawsOperator(), let step = roster.operation(in: whole) { return step }
        return roster.step(with: ChaosMeans(hasCuts: true, hasCertificates: true))
      }
    }
    #expect(draw(5) == draw(5))
    #expect(draw(5) != draw(6))
  }
}
