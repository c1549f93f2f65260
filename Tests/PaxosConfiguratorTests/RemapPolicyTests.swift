import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuStripeMirror
import Testing

// Goal: no more units are emptied at once than there are spares for, and the emptiest first.
// Method: by example; then every set of wishes, spares and leavers of a small cluster.

struct RemapPolicyTests {
  /// Two chains of two, and up to four spares.
  private func policy(spares: [UInt32], present: [UInt32], leaving: [UInt32] = []) -> RemapPolicy {
    var layout = Layout.first(
      of: (1...4).map { unit($0) },
      stripes: 2,
      replicas: 2,
      acceptors: 3,
      sequencer: sequencer(9)
    )
    layout.spares = spares.map { unit($0) }
    return RemapPolicy(
      layout: layout,
      goal: ClusterGoal(replicas: 2, leaving: Set(leaving.map { NodeID($0) })),
      present: Set(present.map { NodeID($0) })
    )
  }

  private func nodes(_ numbers: [UInt32]) -> [NodeID] { numbers.map { NodeID($0) } }

  @Test func asManyGoAsThereAreSpares() {
    let wanted = nodes([3, 1, 4, 2])
    #expect(policy(spares: [], present: [1, 2, 3, 4]).turn(of: wanted).isEmpty)
    #expect(policy(spares: [5], present: [5]).turn(of: wanted) == nodes([3]))
    #expect(policy(spares: [5, 6], present: [5]).turn(of: wanted) == nodes([3]))
    #expect(policy(spares: [5, 6], present: [5, 6]).turn(of: wanted) == nodes([3, 1]))
    let all = policy(spares: [5, 6, 7, 8], present: [5, 6, 7, 8])
    #expect(all.turn(of: wanted) == wanted)
    // Who is asked for twice goes once; who keeps nothing needs nobody.
    #expect(all.turn(of: nodes([1, 1, 5])) == nodes([1, 5]))
  }

  @Test func aSpareThatAChainWaitsForIsNotFree() {
    // Node 1 is on its way out, and nobody has taken its place yet.
    let policy = policy(spares: [5, 6], present: [5, 6], leaving: [1])
    #expect(policy.sparesFree == 1)
    #expect(policy.turn(of: nodes([1, 2, 3])) == nodes([2]))
  }

  @Test func chainsThatAreWantedComeFirst() {
    var policy = policy(spares: [5, 6, 7], present: [5, 6, 7])
    policy.goal.stripes = 3
    #expect(policy.turn(of: nodes([1, 2])) == nodes([1]))
    // So many will not come, and nobody waits for them.
    policy.goal.stripes = 4
    #expect(policy.turn(of: nodes([1, 2])) == nodes([1, 2]))
  }

  @Test func neverMoreThanThereAreSparesFor() {
    for spares in subsets(of: [5, 6, 7] as [UInt32]) {
      for leaving in subsets(of: [1, 2, 5] as [UInt32]) {
        for present in subsets(of: [1, 3, 5, 6, 7] as [UInt32]) {
          let policy = policy(spares: spares, present: present, leaving: leaving)
          let next = policy.turn(of: nodes([1, 2, 3, 4]))
          let ready = Set(spares).intersection(present).subtracting(leaving)
          let gone = next.count + Set(leaving).intersection([1, 2]).count
          #expect(next.isEmpty || gone <= ready.count)
          #expect(!next.contains { policy.goal.leaving.contains($0) })
        }
      }
    }
  }

  @Test func theEmptiestIsWorthIt() {
    let room = { (live: Int, total: Int) in RemapPolicy.Room(live: live << 20, total: total << 20) }
    let rooms = [
      NodeID(1): room(5, 10), NodeID(2): room(2, 10), NodeID(3): room(1, 4), NodeID(5): room(0, 9),
    ]
    let policy = policy(spares: [5], present: [5])
    #expect(policy.worthwhile(of: rooms, below: 0.3) == NodeID(2))
    #expect(policy.worthwhile(of: rooms, below: 0.2) == nil)
    // A small one is not, however little of it is alive.
    let small = RemapPolicy.Room(live: 0, total: RemapPolicy.bytesMin - 1)
    #expect(policy.worthwhile(of: [NodeID(4): small], below: 0.9) == nil)
    var busy = policy
    busy.goal.leaving = [NodeID(1)]
    #expect(busy.worthwhile(of: rooms, below: 0.3) == nil)
    busy = policy
    busy.present = []
    #expect(busy.worthwhile(of: rooms, below: 0.3) == nil)
  }
}
