// Goal: 2,000 peers that say nothing, or a byte now and then, frames with absurd lengths and
// garbage on every port hurt nobody: the log goes on, memory is bounded, and each kind is a line in
// a node's log. Method: real processes under load, bare connections beside them, what the nodes
// log, and what the system says that they hold.
@testable import CorfuCluster
import CorfuProtocol
import CorfuStripeMirror
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@Suite(
  .enabled(if: Programs.areThere, "the programs are not beside the tests"),
  .enabled(
    if: sysconf(Int32(_SC_OPEN_MAX)) >= 4096,
    "2,000 connections need files: raise 'ulimit -n' to 4096"
  ),
  .serialized,
  .timeLimit(.minutes(5))
)
struct CrowdTests {
  /// How many connections say nothing, and how many say little.
  private static let idleCount = 1000
  private static let slowCount = 1000

  @Test func aCrowdHurtsNobody() async throws {
    let folder = try TestFolder()
    var complaints: [[String]] = []
    _ = try await LoadedCluster.with(in: folder, for: .seconds(25)) { loaded in
      let first = try #require(loaded.members.first)
      var before: [NodeID: ChaosUsage] = [:]
      for node in loaded.nodes { before[node] = loaded.usage(of: node) }
      let idle = try await connections(Self.idleCount, to: first.address)
      let slow = try await connections(Self.slowCount, to: first.address)
      if let usage = before[first.node] {
        let deadline = ContinuousClock.now + .seconds(4)
        var during = try #require(loaded.usage(of: first.node))
        while during.descriptors < usage.descriptors + 1000, ContinuousClock.now < deadline {
          try await Task.sleep(for: .milliseconds(10))
          during = try #require(loaded.usage(of: first.node))
        }
        #expect(during.descriptors >= usage.descriptors + 1000, "\(during.descriptors) are open")
        #expect(during.bytes < usage.bytes + 256 << 20, "\(usage.bytes) then \(during.bytes)")
      }
      try await dawdle(slow)
      try await end(of: idle + slow)
      try await talkNonsense(to: loaded)
      try await loaded.expectDescriptors(before)
      for node in loaded.nodes { complaints.append(try loaded.complaints(of: node)) }
    }
    // Garbage where there is to be encryption, and absurd lengths behind it; before those, silence.
    #expect(complaints.map(\.count) == [3, 2, 2], "\(complaints)")
    #expect(complaints.first?.count { $0.contains("it did not greet in time") } == 1)
    folder.remove()
  }

  // MARK: - Idle and slow

  private func connections(_ count: Int, to address: NodeAddress) async throws -> [any Channel] {
    var channels: [any Channel] = []
    for _ in 0..<count {
      channels.append(
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .connect(host: address.host, port: Int(address.port)).get()
      )
    }
    return channels
  }

  /// Has connections begin to greet, a byte at a time, until nobody listens to them any more.
  private func dawdle(_ channels: [any Channel]) async throws {
    // The front of a record of 512 bytes, as encryption begins, and zeros.
    let front: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]
    let deadline = ContinuousClock.now + .seconds(15)
    var count = 0
    while channels.contains(where: { $0.isActive }), ContinuousClock.now < deadline {
      let byte = count < front.count ? front[count] : 0
      for channel in channels where channel.isActive {
        // It may be closed by then.
        channel.writeAndFlush(channel.allocator.buffer(bytes: [byte]), promise: nil)
      }
      count += 1
      try await Task.sleep(for: .milliseconds(300))
    }
  }

  private func end(of channels: [any Channel]) async throws {
    for channel in channels { try await channel.closeFuture.get() }
  }

  // MARK: - Nonsense

  /// Sends garbage to every port, and frames with absurd lengths to nodes, from a client of theirs.
  private func talkNonsense(to loaded: LoadedCluster) async throws {
    let client = try Credentials(reading: try loaded.client("crowd"))
    var hello: [UInt8] = []
    try FrameCodec().encode(Frame(.hello(Hello(cluster: nil, role: .client))), into: &hello)
    var request: [UInt8] = []
    try FrameCodec().encode(Frame(id: 1, .request(.status)), into: &request)
    let absurd =
      hello + Array(request.prefix(8)) + [0xff, 0xff, 0xff, 0xff] + Array(request.dropFirst(12))
    let garbage: [UInt8] = [1, 2, 3, 0x0d, 0x0a, 0x0d, 0x0a]
    for _ in 0..<20 {
      for member in loaded.members {
        try await say(garbage, to: member.admin, as: nil)
        try await say(garbage, to: member.address, as: nil)
        try await say(absurd, to: member.address, as: client)
      }
    }
    for member in loaded.members {
      #expect(try await RawHTTP.get("/health", port: member.admin.port).hasPrefix("200 ok"))
    }
  }

  /// Says something, and waits until the other side has closed the connection.
  private func say(
    _ bytes: [UInt8],
    to address: NodeAddress,
    as credentials: Credentials?
  ) async throws {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { () throws -> Void in
          guard let credentials else { return }
          try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(context: credentials.clientContext, serverHostname: nil)
          )
        }
      }
      .connect(host: address.host, port: Int(address.port)).get()
    // It may be closed by then.
    channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
    try await channel.closeFuture.get()
  }
}
