import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Synchronization

typealias DiskNode = Node<SimulatedDevice, ReferenceParts>

/// Who is node 1 in all of these tests.
let nodeID = NodeID(1)

/// A layout that somebody is part of, or somebody else.
func layout(
  _ epoch: UInt64,
  naming units: [UnitName],
  acceptors: [UnitName]? = nil,
  sequencer: SequencerName = SequencerName(node: NodeID(9), boot: BootID(high: 9, low: 9)),
  firstTail: UInt64 = 0
) -> Layout {
  Layout(
    epoch: Epoch(epoch),
    firstTail: Position(firstTail),
    spans: [Span(begin: .zero, stripes: [Chain(units)])],
    sequencer: sequencer,
    acceptors: acceptors ?? units
  )
}

/// A unit that is never asked.
let stranger = UnitName(node: NodeID(7), incarnation: Incarnation(high: 7, low: 7))

func ballot(_ round: UInt64, of proposer: UInt64 = 1) -> Ballot {
  Ballot(round: round, proposer: ProposerID(high: proposer << 48, low: 0))
}

func simulate(
  seed: UInt64 = 1,
  _ body: @escaping @Sendable (World) async throws -> Void
) throws {
  let world = World(seed: seed)
  try world.run { try await body(world) }
}

func open(
  _ device: SimulatedDevice,
  seed: UInt64 = 3,
  sequencer: SequencerRole<ReferenceParts>? = nil,
  letsIn: Bool = true
) async throws(UnitOpenError) -> DiskNode {
  var random = SeededGenerator(seed: seed)
  let node = try await DiskNode.open(
    nodeID,
    in: device,
    limits: .small(segmentBytes: 16 << 10),
    upkeep: nil,
    sequencer: sequencer,
    using: &random
  )
  // Whoever the acceptors are, they have noted that it was put to work (D12).
  if letsIn, let opening = node.opening {
    let disk = node.disk.incarnation
    let request = AdmitRequest(disk: disk, opening: opening, verdict: .noted(by: 0))
    _ = await node.handle(.admit(request))
  }
  return node
}

/// Opens a node and runs a body beside it; then ends it as a killed process ends.
func withNode(
  on device: SimulatedDevice,
  seed: UInt64 = 3,
  sequencer: SequencerRole<ReferenceParts>? = nil,
  letsIn: Bool = true,
  _ body: @Sendable (DiskNode) async throws -> Void
) async throws {
  let node = try await open(device, seed: seed, sequencer: sequencer, letsIn: letsIn)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await node.run() }
    do {
      try await body(node)
    } catch {
      node.stop()
      throw error
    }
    node.stop()
  }
  device.unlock()
}

extension DiskNode {
  /// The disk that it has.
  var disk: UnitName { unitName ?? stranger }

  func prepare(_ ballot: Ballot, after base: LayoutID, as name: UnitName? = nil) async -> Reply {
    let acceptor = (name ?? disk).incarnation
    return await handle(
      .prepare(PrepareRequest(base: base, acceptor: acceptor, ballot: ballot))
    )
  }

  func accept(
    _ vote: Vote<Layout>,
    after base: LayoutID,
    as name: UnitName? = nil
  ) async -> Reply {
    let acceptor = (name ?? disk).incarnation
    return await handle(.accept(AcceptRequest(base: base, acceptor: acceptor, vote: vote)))
  }

  func poll(after base: LayoutID, as name: UnitName? = nil) async -> Reply {
    await handle(.poll(PollRequest(base: base, acceptor: (name ?? disk).incarnation)))
  }

  func install(_ layout: Layout) async -> Reply {
    await handle(.install(InstallRequest(layout: layout)))
  }

  func seal(_ epoch: UInt64, as incarnation: Incarnation? = nil) async -> Reply {
    await handle(.sealUnit(SealRequest(epoch: Epoch(epoch), incarnation: incarnation)))
  }

  func reset(_ incarnation: Incarnation, because layout: Layout) async -> Reply {
    await handle(.reset(ResetRequest(incarnation: incarnation, layout: layout)))
  }

  func write(_ position: UInt64, as layout: LayoutID) async -> Reply {
    let mark = EntryMark(client: ClientID(high: 1, low: 1), sequence: position)
    let value = PlacedValue(
      .data(Entry(mark: mark, payload: [UInt8(position % 256)])),
      at: Position(position)
    )
    return await handle(.write(WriteRequest(layout: layout, values: [value])))
  }

  func read(_ position: UInt64, as layout: LayoutID) async -> Slot? {
    let request = ReadRequest(layout: layout, positions: [Position(position)])
    guard case .slots(let slots) = await handle(.read(request)) else { return nil }
    guard case .success(let slot)? = slots.first else { return nil }
    return slot
  }

  /// What it has promised and voted for.
  var registers: [RegisterStatus] {
    get async {
      guard case .acceptorStatus(let status) = await handle(.acceptorStatus) else { return [] }
      return status.registers
    }
  }

  func register(after base: LayoutID) async -> RegisterStatus? {
    await registers.first { $0.base == base }
  }
}

/// Things that happened, in order.
final class Notes<Item: Sendable>: Sendable {
  private let items = Mutex<[Item]>([])
  var list: [Item] { items.withLock { $0 } }
  func add(_ item: Item) { items.withLock { $0.append(item) } }
}
