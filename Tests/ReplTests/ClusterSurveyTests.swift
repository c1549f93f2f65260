// Goal: whoever looks at a cluster waits for a node that stands still once, and not longer than one
// answer may take, however much is asked. Method: a way to nodes made up, of which one never
// answers.
import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
@testable import CorfuRepl
import CorfuSequencer
import CorfuStripeMirror
import Synchronization
import Testing

/// A way to nodes of which one is asked and does not answer until patience ends.
private final class Standstill: Transport {
  private struct State {
    /// How many calls wait for the one that stands still.
    var waiting = 0
    /// How often somebody began to wait for it while nobody did.
    var waits = 0
    var asked: [NodeID: [Request]] = [:]
  }

  private let layout: Layout
  private let membership: Membership?
  private let silent: NodeID
  private let state = Mutex(State())

  init(_ layout: Layout, _ membership: Membership?, silent: NodeID) {
    self.layout = layout
    self.membership = membership
    self.silent = silent
  }

  var waits: Int { state.withLock { $0.waits } }

  func requests(to node: NodeID) -> [Request] { state.withLock { $0.asked[node] ?? [] } }

  func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    state.withLock { $0.asked[node, default: []].append(request) }
    if node == silent {
      state.withLock { state in
        if state.waiting == 0 { state.waits += 1 }
        state.waiting += 1
      }
      // Cancelled: nobody waits any more.
      try? await ContinuousClock().sleep(for: patience)
      state.withLock { $0.waiting -= 1 }
      throw .timedOut
    }
    switch request {
    case .status: return .status(NodeStatus(newest: layout.id))
    case .newestLayout: return .newestLayout(layout)
    case .membership: return .membership(membership)
    case .layouts: return .layouts([layout])
    case .meters: return .meters(NodeMeters())
    default: return .refused(.noSuchRole)
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct ClusterSurveyTests {
  private static func unit(_ number: UInt32) -> UnitName {
    UnitName(node: NodeID(number), incarnation: Incarnation(high: 0, low: UInt64(number)))
  }

  private static let layout = Layout(
    epoch: Epoch(1),
    spans: [Span(begin: .zero, stripes: [Chain([unit(1), unit(2)])])],
    sequencer: SequencerName(node: NodeID(1), boot: BootID(high: 0, low: 7)),
    acceptors: [unit(1)],
    spares: [unit(3)]
  )

  /// A way to three nodes; the second one stands still, and a fourth is a member.
  private static func way(knowsMembers: Bool = true) throws -> Standstill {
    let address = try #require(NodeAddress("127.0.0.1:7000"))
    let membership = Membership(
      of: try #require(ClusterName("test")),
      members: Dictionary(uniqueKeysWithValues: (UInt32(1)...4).map { (NodeID($0), address) }),
      replicas: 2,
      acceptors: 1,
      stripes: 1,
      author: 1
    )
    return Standstill(layout, knowsMembers ? membership : nil, silent: NodeID(2))
  }

  @Test func aNodeThatStandsStillIsWaitedForOnce() async throws {
    let way = try Self.way()
    let known: Set<NodeID> = [NodeID(1), NodeID(2)]
    let survey = try await ClusterSurvey.take(of: known, via: way, patience: .seconds(2))
    #expect(way.waits == 1)
    #expect(survey.layout == Self.layout)
    #expect(survey.members == Set((UInt32(1)...4).map { NodeID($0) }))
    // Those that only the answers name were asked as well.
    #expect(Set(survey.look.statuses.keys) == [NodeID(1), NodeID(3), NodeID(4)])
    #expect(survey.troubles.weakening.contains { $0.hasPrefix("n2 does not answer") })
    #expect(!survey.isForgotten)
  }

  @Test func aTableWaitsForItOnceAsWell() async throws {
    let way = try Self.way()
    let reading = try await ClusterReading.take(
      of: [NodeID(1), NodeID(2)],
      via: way,
      patience: .seconds(2)
    ) { .zero }
    #expect(way.waits == 1)
    #expect(reading.meters.count == 3)
    #expect(!way.requests(to: NodeID(2)).contains(.meters))
  }

  @Test("To begin, and for the history, nobody waits for one that stands still")
  func theHistoryDoesNotAskItAgain() async throws {
    let way = try Self.way()
    var limits = ClientLimits()
    // Half a minute, if its answer were waited for at the beginning.
    limits.callPatience = .seconds(30)
    let begin = ContinuousClock.now
    let layout = try await Discovery.layout(
      of: [NodeID(1), NodeID(2), NodeID(3)],
      via: way,
      patience: limits.callPatience
    )
    #expect(layout == Self.layout)
    #expect(ContinuousClock.now - begin < .seconds(20))
    limits.callPatience = .seconds(1)
    let session = try await ConnectedSessions.open(
      to: "the test",
      knowing: [NodeID(1), NodeID(2), NodeID(3)],
      via: way,
      clock: ContinuousClock(),
      limits: limits,
      parts: ReferenceParts.self
    )
    let output = Output.captured()
    try await session.perform(.healing(.history)).print(to: output, mode: .table)
    let told = String(decoding: output.take(), as: UTF8.self)
    #expect(told.contains("\nn2 does not answer\n"), "\(told)")
    #expect(!way.requests(to: NodeID(2)).contains(.layouts))
    try await session.close()
  }

  @Test("Where nobody knows who is in the cluster, what writes it anew is named")
  func forgottenMembers() async throws {
    let way = try Self.way(knowsMembers: false)
    let survey = try await ClusterSurvey.take(of: [NodeID(1)], via: way, patience: .seconds(1))
    #expect(survey.isForgotten && survey.wanted == nil)
    let verdict = HealthVerdict(of: survey.troubles)
    #expect(verdict.state == .down)
    #expect(verdict.headline.contains("'corfu cluster init --again'"), "\(verdict.headline)")
  }
}
