@testable import CorfuCluster
import CorfuProtocol
import CorfuStripeMirror
import Foundation
import Testing

/// Three real processes with certificates, which serve four programs that append, while something
/// else goes on beside them.
struct LoadedCluster: Sendable {
  let cluster: LocalCluster
  let members: [LocalCluster.Member]

  /// Starts a cluster, has something happen under load, and holds the log against what was
  /// appended.
  ///
  /// - Parameters:
  ///   - folder: Where its files go, below `cluster`.
  ///   - duration: How long there is load: longer than `body` takes.
  ///   - body: What happens.
  /// - Returns: What came of it: nothing was broken.
  /// - Throws: What `body` throws, and ``ChaosError``.
  static func with(
    in folder: TestFolder,
    for duration: Duration,
    _ body: (LoadedCluster) async throws -> Void
  ) async throws -> ChaosReport {
    let path = folder.path + "/cluster"
    var sizes = Chaos.Sizes()
    (sizes.stripes, sizes.replicas, sizes.spares, sizes.writers) = (1, 2, 1, 4)
    var wishes = Chaos.Wishes()
    (wishes.partitions, wishes.certificates) = (.no, .yes)
    let chaos = Chaos(
      in: path,
      program: Programs.path(of: "corfu"),
      sizes: sizes,
      wishes: wishes
    ) { _ in }
    // A moment that nobody notices, and then nothing but load.
    async let outcome = chaos.run { layout in
      [ChaosStep(.pause(layout.sequencer.node), for: .milliseconds(1), then: duration)]
    }
    let cluster = LocalCluster(in: path, program: "")
    try await waitUntilItHasBegun(cluster)
    try await body(LoadedCluster(cluster: cluster, members: try cluster.members()))
    let report = try await outcome
    #expect(report.violations == [])
    #expect(report.appends > 100 && report.longestGap < .seconds(5), "\(report.summary)")
    return report
  }

  private static func waitUntilItHasBegun(_ cluster: LocalCluster) async throws {
    // The last that is made before somebody appends.
    let sign = cluster.folder + "/ca/client-local.pem"
    let deadline = ContinuousClock.now + .seconds(90)
    while !FileManager.default.fileExists(atPath: sign) {
      guard ContinuousClock.now < deadline else { throw TestTimeout(what: "it has not begun") }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  var nodes: [NodeID] { members.map(\.node) }

  /// Makes a client's certificate.
  func client(_ name: String) throws -> Credentials.Files {
    let cluster = try #require(LocalCluster.name)
    return try CertificateAuthority(in: self.cluster.folder + "/ca", for: cluster)
      .issue(to: name, .client, hosts: [], days: 1)
  }

  /// What a node's process holds; `nil` where the system does not tell.
  func usage(of node: NodeID) -> ChaosUsage? { ChaosUsage.of([node], in: cluster) }

  /// Waits until nodes have about as many files and connections open as before.
  func expectDescriptors(_ before: [NodeID: ChaosUsage]) async throws {
    for (node, usage) in before {
      let deadline = ContinuousClock.now + .seconds(10)
      var after = try #require(self.usage(of: node))
      while after.descriptors > usage.descriptors + 16, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(50))
        after = try #require(self.usage(of: node))
      }
      #expect(after.descriptors <= usage.descriptors + 16, "\(node)")
    }
  }

  /// What a node has told of connections that it closed.
  func complaints(of node: NodeID) throws -> [String] {
    let log = try String(contentsOfFile: "\(cluster.folder)/\(node)/log", encoding: .utf8)
    return log.split(whereSeparator: \.isNewline).map(String.init).filter {
      $0.contains("a connection was closed: ")
    }
  }
}
