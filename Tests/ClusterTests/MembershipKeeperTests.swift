// Goal: what an operator has changed is not undone by a node that made a change of something older.
// Method: the keeper of one node, and two changes of the same membership.
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSimulation
import CorfuStripeMirror
import Testing

struct MembershipKeeperTests {
  @Test func whatWasMadeOfSomethingOlderIsLeft() async throws {
    let folder = try TestFolder()
    let keeper = try MembershipKeeper(in: FileDevice(path: folder.path)) { _ in }
    let first = Membership(
      of: try #require(ClusterName("test")),
      members: [NodeID(1): try #require(NodeAddress("127.0.0.1:7000"))],
      replicas: 1,
      acceptors: 1,
      stripes: 1,
      author: 1
    )
    #expect(try await keeper.offer(first))
    var random = SeededGenerator(seed: 1)
    let theirs = first.changed(using: &random) { $0.isAutomatic = false }
    // Both have one version: either of the two could win, and this one would.
    var ours = first.changed(using: &random) { $0.remapPercent = 30 }
    ours.author = .max
    #expect(ours.replaces(theirs))
    #expect(try await keeper.offer(theirs))
    #expect(try await !keeper.offer(ours, madeOf: first))
    #expect(keeper.newest == theirs)
    let next = theirs.changed(using: &random) { $0.remapPercent = 30 }
    #expect(try await keeper.offer(next, madeOf: theirs))
    #expect(keeper.newest == next)
  }
}
