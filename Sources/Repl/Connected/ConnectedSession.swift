import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import CorfuTransactions
import CorfuWriteOnce

/// The prompt on a cluster whose nodes live elsewhere, as processes of their own.
///
/// It has clients, and no hand on the nodes: all it knows of them is what they answer.
final class ConnectedSession<Network: Transport, Time: Clock, Kit: Parts>: ReplSession
where Time.Duration == Duration {
  typealias Prompted = Client<Network, Time, Kit>

  /// A client that the prompt can be.
  struct Member: Sendable {
    let name: String
    let program: PromptedProgram<Prompted>

    var client: Prompted { program.runtime.log }
  }

  /// The clients there are, and which of them is in use.
  struct Crowd: Sendable {
    var members: [Member] = []
    var current = ""
    var count = 0
    var names: [ClientID: String] = [:]
    var spares: [Spare] = []
    var isClosed = false

    var member: Member? { members.first { $0.name == current } }
  }

  /// A token that nobody has used.
  struct Spare: Sendable {
    let owner: String
    let layout: Layout
    let position: Position
  }

  let network: Network
  let clock: Time
  let limits: ClientLimits
  let place: String
  let crowd = Guarded(Crowd())
  let first: Layout
  /// The layouts that this session has come upon, in order.
  let seen: Guarded<[Layout]>
  let hands: (any ClusterHands)?
  private let known: Set<NodeID>
  private let onClose: @Sendable () async -> Void

  /// A session on the cluster that some nodes belong to.
  ///
  /// - Parameters:
  ///   - name: What people call the cluster: "the cluster at 10.0.0.1:7001".
  ///   - nodes: Some of its nodes; one that answers is enough.
  ///   - network: The way to all of them.
  ///   - clock: What waits are measured by.
  ///   - limits: How long clients wait, and how much they do at once.
  ///   - parts: What clients are built of.
  ///   - hands: What can be done to the nodes; `nil` if only they themselves do anything to them.
  ///   - onClose: What is to be closed with it.
  /// - Throws: ``ReplError/refused(_:)`` where none of the nodes answers, or none has a layout.
  init(
    to name: String,
    knowing nodes: Set<NodeID>,
    via network: Network,
    clock: Time,
    limits: ClientLimits,
    parts: Kit.Type,
    hands: (any ClusterHands)? = nil,
    onClose: @escaping @Sendable () async -> Void = {}
  ) async throws(ReplError) {
    let found = try await Discovery.layout(
      of: nodes,
      via: network,
      patience: limits.callPatience
    )
    self.network = network
    self.clock = clock
    self.limits = limits
    first = found
    seen = Guarded([found])
    known = nodes
    self.hands = hands
    self.onClose = onClose
    let names = found.nodes.sorted().map(\.description).joined(separator: ", ")
    place = "\(name), whose nodes are \(names) in epoch \(found.epoch)"
    addClient(nil)
  }

  var stage: Int { 8 }
  var isSimulated: Bool { false }
  var payloadBytesMax: Int { limits.payloadBytesMax }
  var log: any SharedLog { self }

  /// The newest layout that any client here has heard of.
  var layout: Layout {
    crowd.value.members.map(\.client.layout).max { $0.epoch < $1.epoch } ?? first
  }

  /// Everybody who may be asked.
  var nodes: Set<NodeID> { known.union(first.nodes).union(layout.nodes) }

  /// Makes a client, and goes on as it.
  func addClient(_ name: String?) {
    let client = makeClient()
    let program = PromptedProgram(Runtime(over: client))
    crowd.update { crowd in
      crowd.count += 1
      if name == nil {
        while crowd.names.values.contains("c\(crowd.count)") { crowd.count += 1 }
      }
      let name = name ?? "c\(crowd.count)"
      crowd.members.append(Member(name: name, program: program))
      crowd.names[client.id] = name
      crowd.current = name
    }
  }

  private func makeClient() -> Prompted {
    // Others write the same log: who this is must be nobody else's.
    var random = SystemRandomNumberGenerator()
    return Client(
      id: ClientID(using: &random),
      layout: layout,
      network: network,
      clock: clock,
      limits: limits
    )
  }

  // MARK: - The session

  func trimMark() async throws(ReplError) -> Position {
    do {
      return try await ask { client throws(LogError) in try await client.trimMark(from: .zero) }
    } catch {
      throw explained(error)
    }
  }

  func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    throw .refused("the files are where the nodes are: 'corfu unit' looks at them there")
  }

  func crash() async throws(ReplError) -> [Fact] { throw .refused(Self.handsOff) }

  func reopen() async throws(ReplError) -> [Fact] { throw .refused(Self.handsOff) }

  func close() async {
    crowd.update { $0.isClosed = true }
    await onClose()
  }

  func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer] {
    let racers = (0..<clients).map { _ in makeClient() }
    do {
      try await RaceOfClients.run(racers, appends: appends)
    } catch {
      throw explained(error)
    }
    return racers.enumerated().map { index, client in
      Racer(
        name: "client \(index + 1)",
        appends: client.counters.appends,
        retries: client.counters.lostPositions
      )
    }
  }

  func explained(_ error: LogError) -> ReplError {
    switch error {
    case .unavailable, .indefinite, .noQuorum:
      .refused("\(error); 'status' tells which nodes answer")
    case .outOfSpace:
      if let unit = crowd.value.member?.client.fullUnit {
        .refused("the disk of \(unit.node) is full: make room on it, for two segments at least")
      } else {
        .refused("\(error); 'status' tells which disk it is")
      }
    default: .log(error)
    }
  }
}
