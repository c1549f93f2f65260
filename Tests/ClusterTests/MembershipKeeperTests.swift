// Goal: what an operator has changed is not undone by a node that made a change of something older.
// Method: the keeper of one node, and two changes of the same membership.
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSimulation
import CorfuStripeMirror
import Testing

struct MembershipKeeperTests {
  private static func first() throws -> Membership {
    Membership(
      of: try #require(ClusterName("test")),
      members: [NodeID(1): try #require(NodeAddress("127.0.0.1:7000"))],
      replicas: 1,
      acceptors: 1,
      stripes: 1,
      author: 1
    )
  }

  @Test func whatWasMadeOfSomethingOlderIsLeft() async throws {
    let folder = try TestFolder()
    let keeper = try MembershipKeeper(in: FileDevice(path: folder.path)) { _ in }
    let first = try Self.first()
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

  @Test func damagedIsToldFromNewer() async throws {
    let folder = try TestFolder()
    let device = FileDevice(path: folder.path)
    let keeper = try MembershipKeeper(in: device) { _ in }
    let first = try Self.first()
    _ = try await keeper.offer(first)
    let file = try device.open("membership")
    var bytes = try file.read(at: 0, count: try file.size())
    // The version, and nothing else: the sum no longer fits.
    bytes[10] = 0x58
    try await device.replace("membership", with: bytes)
    #expect(throws: MembershipFileError.damaged("\(folder.path)/membership")) {
      try MembershipKeeper(in: device) { _ in }
    }
    bytes[8...11] = [3, 0, 0, 0]
    bytes.removeLast(4)
    var sum = Checksum()
    sum.update(bytes.span.bytes)
    bytes.append(number: sum.value)
    try await device.replace("membership", with: bytes)
    #expect(throws: MembershipFileError.otherVersion("\(folder.path)/membership", 3)) {
      try MembershipKeeper(in: device) { _ in }
    }
  }
}
