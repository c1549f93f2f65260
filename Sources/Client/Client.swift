public import CorfuGlobalLog
public import CorfuProtocol
public import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// A client of a cluster.
///
/// Everything that makes a shared log out of storage units and a counter is here: units and
/// sequencers never call anyone. Any number of clients work side by side and know nothing of one
/// another. (TOCS 2013, 3; rules R10, R14–R21.)
///
/// - Parameters:
///   - Network: The way to the servers.
///   - Time: What waits are measured by.
///   - Kit: The parts that chapters build.
public final class Client<Network: Transport, Time: Clock, Kit: Parts>: SharedLog
where Time.Duration == Duration {
  /// Who this client is: drawn once per life, and part of every entry it writes.
  public let id: ClientID
  let network: Network
  let clock: Time
  let limits: ClientLimits
  let layouts: LayoutCache
  let queue: AppendQueue
  let reads = ReadQueue(askersMax: 2, positionsMax: 64)
  let ahead = AheadQueue()
  let confirmation = Confirmation()
  let mapping = Kit.Mapping()
  let writer = Kit.Writer()
  let reader = Kit.Reader()
  let filler = Kit.Filler()
  let resolver = Kit.Resolver()
  private let state: Mutex<State>

  private struct State: Sendable {
    var nextSequence: UInt64 = 0
    var counters = ClientCounters()
    var fillPatience: FillPatience
    /// The layout in which no trim of what was given up is left to be finished.
    var trimsFinished: LayoutID?
    var fullUnit: UnitName?
  }

  /// A client that begins with a layout, which may be old.
  ///
  /// - Parameters:
  ///   - id: Who it is; draw a new one for every client.
  ///   - layout: Where to begin.
  ///   - network: The way to the servers.
  ///   - clock: What waits are measured by.
  ///   - limits: How long to wait, and how much to do at once.
  public init(
    id: ClientID,
    layout: Layout,
    network: Network,
    clock: Time,
    limits: ClientLimits = ClientLimits()
  ) {
    self.id = id
    self.network = network
    self.clock = clock
    self.limits = limits
    layouts = LayoutCache(layout)
    queue = AppendQueue(inFlightMax: limits.batchesMax, entriesMax: limits.batchEntriesMax)
    state = Mutex(State(fillPatience: FillPatience(max: limits.fillTimeoutMax)))
  }

  /// The newest layout that the client has heard of.
  public var layout: Layout { layouts.current.layout }

  /// What the client did so far.
  public var counters: ClientCounters { state.withLock { $0.counters } }

  /// How long the next hole would be waited for.
  public var fillTimeout: Duration { state.withLock { $0.fillPatience.timeout } }

  /// Whose disk was full when an append was refused for that the last time; the error does not say.
  public var fullUnit: UnitName? { state.withLock { $0.fullUnit } }

  /// Notes whose disk was full.
  func note(_ outcomes: [ChainOutcome]) {
    for case .failed(.log(let unit, .outOfSpace), _) in outcomes {
      return state.withLock { $0.fullUnit = unit }
    }
  }

  func count(_ change: @Sendable (inout ClientCounters) -> Void) {
    state.withLock { change(&$0.counters) }
  }

  func observe(writeLatency latency: Duration) {
    state.withLock { $0.fillPatience.observe(latency) }
  }

  /// Whether whatever is told to be lost in a layout is: all that was trimmed before is trimmed
  /// there, too (``finishTrims(in:)``).
  func hasFinishedTrims(in known: KnownLayout) -> Bool {
    known.layout.losses.isEmpty || state.withLock { $0.trimsFinished == known.id }
  }

  func noteFinishedTrims(in known: KnownLayout) {
    state.withLock { $0.trimsFinished = known.id }
  }

  /// Marks for so many entries.
  func nextMarks(_ count: Int) -> [EntryMark] {
    let first = state.withLock { state in
      defer { state.nextSequence += UInt64(count) }
      return state.nextSequence
    }
    return (0..<UInt64(count)).map { EntryMark(client: id, sequence: first + $0) }
  }

  /// The units of a chain, as a layout names them.
  func replicas(of chain: Chain, in known: KnownLayout) -> [RemoteReplica<Network>] {
    chain.replicas.map { unit in
      RemoteReplica(unit, layout: known.id, network: network, patience: limits.callPatience)
    }
  }

  /// The chain of a position.
  func chain(of position: Position, in known: KnownLayout) -> [RemoteReplica<Network>] {
    replicas(of: mapping.chain(of: position, in: known.layout), in: known)
  }
}

/// What a client did.
public struct ClientCounters: Equatable, Sendable {
  /// Entries appended.
  public var appends = 0
  /// Positions lost to a filler or trimmer, and given up for new ones.
  public var lostPositions = 0
  /// Appends whose outcome was not known, and was found out.
  public var resolved = 0
  /// Holes filled with junk.
  public var holesFilled = 0
  /// Holes whose fill found an entry, and completed it.
  public var entriesCompleted = 0
  /// Newer layouts adopted.
  public var layoutsAdopted = 0

  /// Nothing yet.
  public init() {}
}
