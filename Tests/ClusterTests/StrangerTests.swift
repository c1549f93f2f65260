// Goal: whoever knocks again and again with a wrong certificate, or as somebody else, hurts nobody:
// the log goes on and keeps its promises, each node says it once, and holds no more than before.
// Method: real processes under load, strangers of each kind beside them, what the nodes log, and
// what the system says that they hold.
@testable import CorfuCluster
import CorfuProtocol
import CorfuStripeMirror
import Foundation
import Testing

@Suite(
  .enabled(if: Programs.areThere, "the programs are not beside the tests"),
  .serialized,
  .timeLimit(.minutes(5))
)
struct StrangerTests {
  /// Somebody who has no business there.
  private struct Stranger: Sendable {
    let hello: Hello
    let security: Security
  }

  @Test func strangersHurtNobody() async throws {
    let folder = try TestFolder()
    var complaints: [NodeID: [String]] = [:]
    _ = try await LoadedCluster.with(in: folder, for: .seconds(20)) { loaded in
      let strangers = try strangers(of: loaded, in: folder)
      var before: [NodeID: ChaosUsage] = [:]
      for node in loaded.nodes { before[node] = loaded.usage(of: node) }
      let refused = await knock(strangers, at: loaded.members, for: .seconds(8))
      #expect(refused > 100, "only \(refused) times")
      // What they held is given back.
      try await loaded.expectDescriptors(before)
      for (node, usage) in before {
        let after = try #require(loaded.usage(of: node))
        #expect(after.bytes < usage.bytes + 64 << 20, "\(node): \(usage.bytes) bytes before")
      }
      for node in loaded.nodes { complaints[node] = try loaded.complaints(of: node) }
    }
    #expect(complaints.count == 3)
    for (node, lines) in complaints {
      // One for encryption that did not come about, one for what the certificate does not say.
      #expect(lines.count == 2, "\(node): \(lines)")
      #expect(lines.count { $0.contains("rejected: the certificate does not allow that") } == 1)
    }
    folder.remove()
  }

  /// One whose certificate another authority has signed, one without any, and two who say that they
  /// are more than a client.
  private func strangers(of loaded: LoadedCluster, in folder: TestFolder) throws -> [Stranger] {
    let name = try #require(LocalCluster.name)
    let right = try loaded.client("shop")
    var wrong = try CertificateAuthority(in: folder.path + "/forged", for: name)
      .issue(to: "shop", .client, hosts: [], days: 1)
    // It takes the nodes for what they are, so it is they who do not take it.
    wrong.authority = right.authority
    let (shop, forger) = (try Credentials(reading: right), try Credentials(reading: wrong))
    let client = Hello(cluster: name, role: .client)
    return [
      Stranger(hello: client, security: .mutual(forger)),
      Stranger(hello: client, security: .open),
      Stranger(hello: Hello(cluster: name, role: .operator), security: .mutual(shop)),
      Stranger(hello: Hello(cluster: name, role: .node, node: NodeID(1)), security: .mutual(shop)),
    ]
  }

  /// Has all strangers knock at all nodes, again and again.
  ///
  /// - Returns: How often nobody was let in.
  private func knock(
    _ strangers: [Stranger],
    at members: [LocalCluster.Member],
    for duration: Duration
  ) async -> Int {
    let deadline = ContinuousClock.now + duration
    return await withTaskGroup(of: Int.self) { group in
      for stranger in strangers {
        for member in members {
          group.addTask { await knock(stranger, at: member.address, until: deadline) }
        }
      }
      return await group.reduce(0, +)
    }
  }

  private func knock(
    _ stranger: Stranger,
    at address: NodeAddress,
    until deadline: ContinuousClock.Instant
  ) async -> Int {
    var refused = 0
    while ContinuousClock.now < deadline {
      let transport = TCPTransport(as: stranger.hello, security: stranger.security)
      do throws(MeetingError) {
        let welcome = try await transport.meet(address)
        Issue.record("\(welcome.node) lets \(stranger.hello) in")
      } catch {
        refused += 1
      }
      await transport.close()
      // Cancelled: the deadline ends it.
      try? await Task.sleep(for: .milliseconds(50))
    }
    return refused
  }
}
