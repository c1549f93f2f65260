// Goal: certificates are renewed, and all nodes restarted one after the other, while programs
// append; nothing acknowledged is lost, twice or out of order. Method: real processes, broken in
// steps by what 'corfu chaos' breaks them with, and what the nodes log.
import CorfuCluster
import CorfuStripeMirror
import Foundation
import Testing

@Suite(
  .enabled(if: Programs.areThere, "the programs are not beside the tests"),
  .serialized,
  .timeLimit(.minutes(5))
)
struct RotationTests {
  @Test func certificatesAreRenewedUnderLoad() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/cluster"
    var sizes = Chaos.Sizes()
    (sizes.stripes, sizes.replicas, sizes.spares, sizes.writers) = (1, 2, 1, 4)
    var wishes = Chaos.Wishes()
    (wishes.partitions, wishes.certificates) = (.no, .yes)
    let nodes = (1...3).map { NodeID($0) }
    let chaos = Chaos(
      in: path,
      program: Programs.path(of: "corfu"),
      sizes: sizes,
      wishes: wishes
    ) { _ in }
    let report = try await chaos.run { _ in
      let renewals = nodes.map { ChaosStep(.renew($0), for: .zero, then: .milliseconds(100)) }
      // Nodes look every five seconds whether their files have changed.
      let last = ChaosStep(.renew(nodes[0]), for: .zero, then: .seconds(7))
      // Whoever comes back shows its new certificate to all others, and sees theirs.
      let restarts = nodes.map { ChaosStep(.end($0), for: .seconds(3), then: .seconds(3)) }
      return renewals + [last] + restarts
    }
    #expect(report.violations == [])
    #expect(report.renewals == 4 && report.faults == 7 && report.appends > 100, "\(report.summary)")
    #expect(report.longestGap < .seconds(10), "\(report.summary)")
    for node in nodes {
      let log = try String(contentsOfFile: "\(path)/\(node)/log", encoding: .utf8)
      #expect(log.contains("the certificate was read again"), "\(node): \(log)")
      #expect(!log.contains("the old certificate is used on"), "\(node): \(log)")
    }
    folder.remove()
  }
}
