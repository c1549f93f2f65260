public import CorfuGlobalLog
public import CorfuStripeMirror
import CorfuSequencer
import CorfuSimulation

/// A share for each position: it works, and it is dear.
public struct SingleShares: ChainSharing {
  /// Remembers nothing.
  public init() {}

  /// Shares out some positions, each by itself.
  public func shares(
    of positions: [Position],
    in layout: Layout,
    by mapping: some PositionMapping
  ) -> [ChainShare] {
    positions.enumerated().map { place, position in
      ChainShare(chain: mapping.chain(of: position, in: layout), places: [place])
    }
  }
}

/// The checks of exercise 3.5: any ``ChainSharing``, asked alone, and by a client whose requests
/// are counted.
public struct ChainSharingChecks<Sharing: ChainSharing>: Sendable {
  /// Checks for a way to share out.
  public init() {}

  private typealias Promise = Invariant.Chapter3

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "3.5.1",
        Promise.shared,
        often: "Ask the mapping for each position, and compare whole chains: two of them may begin "
          + "with the same unit. Each place of the list is in one share, and no share is empty."
      ) { seed throws(CheckFailure) in
        var story = SharingStory<Sharing>(seed)
        return try story.judgePlaces()
      },
      Check(
        "3.5.2",
        Promise.shared,
        often: "The order of a dictionary is another one in each process. Keep the shares in an "
          + "array, and in the dictionary only where in that array a chain's share is."
      ) { seed throws(CheckFailure) in
        var story = SharingStory<Sharing>(seed)
        return try story.judgeOrder()
      },
      Check(
        "3.5.3",
        Promise.price,
        often: "Each share is a request to every unit of its chain. A chain has one share, though "
          + "its positions are not neighbours, and though they lie in two spans."
      ) { seed throws(CheckFailure) in try CountedBatch<Sharing>(seed).play() },
    ]
  }
}

/// A layout, a list of positions, and how they are shared out.
private struct SharingStory<Sharing: ChainSharing> {
  private let layout: Layout
  private let positions: [Position]
  private var events: [String] = []

  init(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    // Two of them have the same head, as after a death, and spans may have some in common.
    let known = [[1, 2], [3, 4], [1, 5], [6]].map { Chain.of($0) }
    var spans: [Span] = []
    var begin: UInt64 = 0
    for _ in 0..<random.number(in: 1...3) {
      let first = random.number(below: known.count)
      let stripes = (0..<random.number(in: 1...known.count)).map {
        known[(first + $0) % known.count]
      }
      spans.append(Span(begin: Position(begin), stripes: stripes))
      begin += UInt64(random.number(in: 2...6))
    }
    layout = Layout.of(spans)
    let start = random.number(below: 12)
    let all = (start..<start + random.number(in: 2...12)).map { Position(UInt64($0)) }
    // A token's positions are neighbours, a reader's need not be.
    positions = random.chance(0.5) ? all : all.shuffled(using: &random)
    for span in spans {
      let chains = span.stripes.map(\.description).joined(separator: ", ")
      events.append("from \(span.begin): \(chains)")
    }
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  /// Asks, and notes the answer.
  private mutating func share() -> [ChainShare] {
    let shares = Sharing().shares(of: positions, in: layout, by: RoundRobin())
    let list = positions.map(\.description).joined(separator: " ")
    events.append("shares(of: \(list))  <- \(shares.count)")
    for share in shares {
      let places = share.places.map { "\($0)" }.joined(separator: " ")
      events.append("share of \(share.chain): places \(places)")
    }
    return shares
  }

  mutating func judgePlaces() throws(CheckFailure) -> CheckTrace {
    let shares = share()
    var counts = [Int](repeating: 0, count: positions.count)
    for share in shares {
      if share.places.isEmpty { throw failure("\(share.chain) is to be asked for nothing") }
      for place in share.places {
        guard positions.indices.contains(place) else {
          throw failure("there is no place \(place) in a list of \(positions.count)")
        }
        let right = RoundRobin().chain(of: positions[place], in: layout)
        if share.chain != right {
          throw failure(
            "\(positions[place]), at place \(place), is kept by \(right), and \(share.chain) is "
              + "asked for it"
          )
        }
        counts[place] += 1
      }
    }
    if let place = counts.firstIndex(where: { $0 != 1 }) {
      let times = counts[place] == 0 ? "in no share" : "in \(counts[place]) shares"
      throw failure("\(positions[place]), at place \(place), is \(times)")
    }
    return CheckTrace(events: events)
  }

  mutating func judgeOrder() throws(CheckFailure) -> CheckTrace {
    let shares = share()
    for share in shares where share.places != share.places.sorted() {
      throw failure("the places of \(share.chain) are not in the order of the list")
    }
    let firsts = shares.compactMap(\.places.first)
    if firsts != firsts.sorted() {
      throw failure("the shares are not in the order of the first place of each")
    }
    return CheckTrace(events: events)
  }
}

/// A client that appends a batch and reads it again, on units that count what they are asked.
private struct CountedBatch<Sharing: ChainSharing>: Sendable {
  private typealias Log = MirroredLog<StillReplica, CountedParts<Sharing>>

  private let layout: Layout
  private let count: Int

  init(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let replicas = random.number(in: 1...3)
    let chains = (0..<random.number(in: 1...4)).map { stripe in
      Chain.of((1...replicas).map { stripe * replicas + $0 })
    }
    count = random.number(in: 4...16)
    var spans = [Span(begin: .zero, stripes: chains)]
    if random.chance(0.5) {
      // The same chains in another order, from the midst of the batch on.
      let begin = Position(UInt64(random.number(in: 1...count - 1)))
      spans.append(Span(begin: begin, stripes: chains.reversed()))
    }
    layout = Layout.of(spans)
  }

  func play() throws(CheckFailure) -> CheckTrace {
    let world = World(seed: 1, eventsMax: 400)
    let units = layout.units.map { name in
      StillReplica(name: name, slots: [:]) { world.note("c1 -> \($0)") }
    }
    let asked: @Sendable () -> Int = { units.reduce(0) { $0 + $1.requests } }
    let payloads = (1...count).map { Array("entry \($0)".utf8) }
    for span in layout.spans {
      let chains = span.stripes.map(\.description).joined(separator: ", ")
      world.note("before: from \(span.begin): \(chains)")
    }
    let account: Account
    do {
      account = try world.run(stepsMax: 20_000) {
        let log = try client(of: units)
        let positions = try await log.append(batch: payloads)
        let written = asked()
        world.note("\(count) entries are appended  <- \(written) requests")
        let slots = try await log.read(Position.zero..<Position(UInt64(count)))
        world.note("\(count) entries are read  <- \(asked() - written) requests")
        return Account(positions: positions, slots: slots, requests: asked())
      }
    } catch {
      throw CheckFailure(world: error)
    }
    var trace = CheckTrace(world)
    trace.cost = try judge(account, payloads, trace)
    return trace
  }

  private func client(of units: [StillReplica]) throws -> Log {
    let boot = BootID(high: 0, low: 0)
    let reign = Reign(epoch: layout.epoch, boot: boot, firstTail: .zero)
    let view = Roster<StillReplica, Sequencer>.View(
      layout: layout,
      sequencer: try LocalSequencer(Sequencer(boot: boot), serving: reign),
      units: Dictionary(uniqueKeysWithValues: units.map { ($0.name, $0) })
    )
    return Log(roster: Roster(view), client: ClientID(high: 0, low: 1))
  }

  /// Looks whether all entries are there, and what that has cost.
  private func judge(
    _ account: Account,
    _ payloads: [[UInt8]],
    _ trace: CheckTrace
  ) throws(CheckFailure) -> Cost {
    for (payload, position) in zip(payloads, account.positions) {
      let index = Int(position.number)
      let slot = account.slots.indices.contains(index) ? account.slots[index] : .empty
      if case .data(let entry) = slot, entry.payload == payload { continue }
      throw CheckFailure(
        "an entry was appended at \(position), and what is read there is \(slot.owner)",
        events: trace.events
      )
    }
    let chains = Set(account.positions.map { RoundRobin().chain(of: $0, in: layout) })
    let units = chains.reduce(0) { $0 + $1.replicas.count }
    let cost = Cost(account.requests, budget: units + chains.count, unit: "requests")
    if cost.isWithinBudget { return cost }
    throw CheckFailure(
      "\(count) entries on \(chains.count) \(chains.count == 1 ? "chain" : "chains") cost \(cost): "
        + "one write for each unit, and one read for each tail",
      events: trace.events
    )
  }

  /// What came of it.
  private struct Account: Sendable {
    let positions: [Position]
    let slots: [Slot]
    let requests: Int
  }
}

/// The reference's parts, but for how a batch is shared out.
private enum CountedParts<Shares: ChainSharing>: MirrorParts {
  typealias Tokens = Sequencer
  typealias Mapping = RoundRobin
  typealias Writer = ChainWriter
  typealias Reader = ChainReader
  typealias Sharing = Shares
}

extension Chain {
  /// A chain of the units with these numbers.
  fileprivate static func of(_ numbers: [Int]) -> Chain {
    Chain(
      numbers.map {
        UnitName(node: NodeID(UInt32($0)), incarnation: Incarnation(high: 0, low: UInt64($0)))
      }
    )
  }
}

extension Layout {
  /// A layout of which only the spans matter.
  fileprivate static func of(_ spans: [Span]) -> Layout {
    Layout(
      epoch: Epoch(1),
      spans: spans,
      sequencer: SequencerName(node: NodeID(0), boot: BootID(high: 0, low: 0)),
      acceptors: []
    )
  }
}
