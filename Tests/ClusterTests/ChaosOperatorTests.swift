// Goal: what operators do to a cluster under load breaks no promise: a lost disk, a node that is
// replaced, one that is added, one that is removed, and one that is restarted. Method: real
// processes, and the acts of 'corfu chaos', one after the other, each once all is well.
import CorfuCluster
import CorfuStripeMirror
import Foundation
import Synchronization
import Testing

@Suite(
  .enabled(if: Programs.areThere, "the programs are not beside the tests"),
  .serialized,
  .timeLimit(.minutes(5))
)
struct ChaosOperatorTests {
  @Test func operatorsBreakNoPromise() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/cluster"
    var sizes = Chaos.Sizes()
    (sizes.stripes, sizes.replicas, sizes.spares, sizes.writers) = (1, 2, 1, 4)
    var wishes = Chaos.Wishes()
    (wishes.partitions, wishes.certificates) = (.no, .no)
    let told = Mutex<[String]>([])
    let chaos = Chaos(
      in: path,
      program: Programs.path(of: "corfu"),
      sizes: sizes,
      wishes: wishes
    ) { line in told.withLock { $0.append(line) } }
    let report = try await chaos.run { layout in
      let (head, tail) = (layout.units[0].node, layout.units[1].node)
      return [
        ChaosStep(.wipe(head), for: .milliseconds(100), then: .seconds(4)),
        ChaosStep(.add, for: .zero, then: .seconds(4)),
        ChaosStep(.replace(tail), for: .zero, then: .seconds(4)),
        ChaosStep(.remove(head), for: .zero, then: .seconds(4)),
        ChaosStep(.restart(NodeID(4)), for: .milliseconds(200), then: .seconds(2)),
        ChaosStep(.stutter(tail), for: .seconds(1), then: .seconds(2)),
      ]
    }
    let lines = told.withLock { $0.joined(separator: "\n") }
    #expect(report.violations == [], "\(lines)")
    #expect(report.operations == 5 && report.faults == 6, "\(lines)")
    #expect(report.appends > 100 && report.longestGap < .seconds(15), "\(lines)")
    // Who was removed is gone before the next act, with its disk; who was added is not.
    let cluster = LocalCluster(in: path, program: "")
    let disks = try cluster.members().filter { member in
      FileManager.default.fileExists(atPath: "\(path)/\(member.node)/data")
    }
    #expect(try cluster.members().count == 4)
    #expect(disks.count == 3 && disks.contains { $0.node == NodeID(4) }, "\(lines)")
    folder.remove()
  }

  @Test func aNodeThatIsUpKeepsItsDisk() async throws {
    let folder = try TestFolder()
    let leash = try #require(ProcessLeash())
    let cluster = LocalCluster(
      in: folder.path + "/cluster",
      program: Programs.path(of: "corfu"),
      leash: leash
    )
    let member = try cluster.add()
    let data = "\(cluster.folder)/\(member.node)/data"
    // There is nothing yet.
    try cluster.wipe(member.node)
    try cluster.start(member.node)
    let deadline = ContinuousClock.now + .seconds(30)
    while !FileManager.default.fileExists(atPath: data), ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(throws: LocalClusterError.folder(data, "the node is up")) {
      try cluster.wipe(member.node)
    }
    #expect(FileManager.default.fileExists(atPath: data))
    await cluster.kill([member])
    try cluster.wipe(member.node)
    #expect(!FileManager.default.fileExists(atPath: data))
    #expect(try cluster.members() == [member])
    folder.remove()
  }
}
