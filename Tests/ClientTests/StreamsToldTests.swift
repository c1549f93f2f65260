// Goal: who hands out positions knows where streams end, or says that nobody does (R4, R12, R37).
// Method: real nodes in one world, reconfigured; what the sequencer then says of streams.
@testable import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import Synchronization
import Testing

/// How often something was asked.
private final class Asked: Sendable {
  private let state = Mutex(0)
  var count: Int { state.withLock { $0 } }
  func note() { state.withLock { $0 += 1 } }
}

struct StreamsToldTests {
  private static let streams = (1...3).map { StreamID($0) }

  /// Appends to streams 1 and 2: all of six entries to the first, every third to the second.
  private static func fill(_ client: WiredClient) async throws {
    for number in 0..<6 {
      let members = Array(streams.prefix(number % 3 == 0 ? 2 : 1))
      _ = try await client.append(batch: [[UInt8(number)]], writing: members.map { StreamKeys($0) })
    }
  }

  /// Where the sequencer of a layout says that the streams end.
  private static func tails(
    _ cluster: NodeCluster,
    _ layout: Layout
  ) async throws -> [[UInt64]?] {
    let request = StreamTailsRequest(layout: layout.id, streams: streams)
    let node = layout.sequencer.node
    let reply = try await cluster.network.call(
      .streamTails(request),
      to: node,
      patience: .seconds(1)
    )
    guard case .streamTails(_, let links) = reply else { throw LogError.closed }
    return links.map { $0.previous?.map(\.number) }
  }

  @Test("R4, R12: another process is told where the streams end, by all replicas that go on")
  func streamsAreTold() throws {
    for isSilent in [false, true] {
      try withNodes(units: 4, replicas: 2, stripes: 2) { cluster in
        let client = cluster.client()
        try await Self.fill(client)
        try await client.trim(Position(4))
        cluster.kill(101)
        let wire = cluster.wire { request, node in
          if case .unitStreams = request, isSilent, node == NodeID(3) { .isLost } else { .passes }
        }
        let reconfigurer = cluster.reconfigurer(via: wire)
        let next = try await reconfigurer.run(cluster.order(shunning: [101]))
        #expect(next.sequencer.node == NodeID(102) && next.firstTail == Position(6))
        // Where one does not answer, nothing is known: it may have had more than all the others.
        // Of the first stream an entry was trimmed by itself: whoever reads it has to meet the gap.
        let known: [[UInt64]?] = isSilent ? [nil, nil, nil] : [nil, [3, 0], []]
        #expect(try await Self.tails(cluster, next) == known)
        #expect(try await client.append([9]) == Position(6))
      }
    }
  }

  @Test("R37: a process that is named again by the next layout keeps what it remembers")
  func streamsAreKept() throws {
    try withNodes(units: 4, replicas: 2, stripes: 2) { cluster in
      let client = cluster.client()
      try await Self.fill(client)
      // Handed out, never written: no unit can know it.
      let token = TokenRequest(layout: cluster.layout.id, count: 1, streams: [Self.streams[2]])
      _ = try await cluster.network.call(.reserve(token), to: NodeID(101), patience: .seconds(1))
      let asked = Asked()
      let wire = cluster.wire { request, _ in
        if case .unitStreams = request { asked.note() }
        return .passes
      }
      let reconfigurer = cluster.reconfigurer(via: wire)
      let next = try await reconfigurer.run(cluster.order(isForced: true))
      #expect(next.epoch == Epoch(2) && next.sequencer == cluster.layout.sequencer)
      #expect(try await Self.tails(cluster, next) == [[5, 4, 3, 2], [3, 0], [6]])
      #expect(asked.count == 0)
      // Another one in between, and it begins with what it is told.
      let third = try await reconfigurer.run(cluster.order(from: next, shunning: [101]))
      #expect(try await Self.tails(cluster, third) == [[5, 4, 3, 2], [3, 0], []])
    }
  }
}
