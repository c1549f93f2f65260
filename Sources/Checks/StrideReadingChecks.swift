public import CorfuGlobalLog
import CorfuSimulation
public import CorfuTransactions

/// Reads what is wanted, and nothing else: it works, and in a dense stream it is dear.
public struct BareStrides: StrideReading {
  /// Remembers nothing.
  public init() {}

  /// Nothing but the places.
  public func window(around places: [Position], from begin: Position) -> Range<Position>? {
    nil
  }
}

/// The checks of exercise 7.6: any ``StrideReading``, on walks along streams that are dense or
/// sparse.
public struct StrideReadingChecks<Strides: StrideReading>: Sendable {
  /// Checks for a way to read strides.
  public init() {}

  private typealias Promise = Invariant.Chapter7

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "7.6.1",
        Promise.window,
        often: "The window ends behind the newest place, which is the first of the list. It begins "
          + "at 'begin' at the earliest, however much is read ahead, and it has an upper limit."
      ) { seed throws(CheckFailure) in
        var random = SeededGenerator(seed: seed)
        var walk = CountedWalk<Strides>(anyOf: &random)
        return try walk.run()
      },
      Check(
        "7.6.2",
        Promise.reads,
        often: "Where four entries stand close together, those before them do as well: read "
          + "hundreds of positions at once, and the next strides need no reads of their own."
      ) { seed throws(CheckFailure) in
        var random = SeededGenerator(seed: seed)
        var walk = CountedWalk<Strides>(denseOf: &random)
        return try walk.judgeReads()
      },
      Check(
        "7.6.3",
        Promise.reads,
        often: "A window is read though the stride reaches far, so most of what is in it belongs "
          + "to others. Or it is read for fewer than four places: nothing comes behind those, "
          + "mostly."
      ) { seed throws(CheckFailure) in
        var random = SeededGenerator(seed: seed)
        var walk = CountedWalk<Strides>(sparseOf: &random)
        return try walk.judgePositions()
      },
    ]
  }
}

/// A walk along a stream, and what is read for it.
private struct CountedWalk<Strides: StrideReading> {
  private static var stream: StreamID { StreamID(2) }

  /// Where the stream's entries stand, oldest first.
  private var entries: [Position] = []
  private var places: [Position: Int] = [:]
  private let tail: Position
  private let begin: Position
  private var reads = 0
  private var positionsRead = 0
  private var events: [String] = []

  /// A stream that has some of the positions, or nearly all.
  init(anyOf random: inout SeededGenerator) {
    self.init(share: 0.05 + 0.95 * random.fraction(), of: random.number(in: 50...3000), &random)
  }

  /// A stream that has most of the positions.
  init(denseOf random: inout SeededGenerator) {
    self.init(share: 0.7 + 0.3 * random.fraction(), of: random.number(in: 100...1400), &random)
  }

  private init(share: Double, of count: Int, _ random: inout SeededGenerator) {
    let numbers = (0..<count).filter { _ in random.chance(share) }
    let begin = random.chance(0.5) ? 0 : random.number(below: count / 2)
    self.init(numbers, count: count, begin: begin)
  }

  /// A stream whose entries are far apart.
  init(sparseOf random: inout SeededGenerator) {
    var numbers: [Int] = []
    for _ in 0..<random.number(in: 8...60) {
      numbers.append((numbers.last ?? 0) + random.number(in: 30...200))
    }
    self.init(numbers, count: (numbers.last ?? 0) + 1, begin: 0)
  }

  private init(_ numbers: [Int], count: Int, begin: Int) {
    entries = numbers.map { Position(UInt64($0)) }
    for (index, entry) in entries.enumerated() { places[entry] = index }
    tail = Position(UInt64(count))
    self.begin = Position(UInt64(begin))
    events.append(
      "of \(count) positions the stream has \(numbers.count), and the walk stops at \(begin)"
    )
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  /// The link of an entry of the stream with so many before it.
  private func link(behind count: Int) -> StreamLink {
    let previous = entries[..<count].suffix(StreamLink.backpointersMax).reversed()
    return StreamLink(stream: Self.stream, previous: Array(previous))
  }

  private func slot(at place: Position) -> Slot {
    let index = places[place]
    let links = index.map { [link(behind: $0)] } ?? []
    let mark = EntryMark(client: ClientID(high: 0, low: 1), sequence: place.number)
    return .data(Entry(mark: mark, streams: links, payload: []))
  }

  /// Walks to the end, and reads what is wanted and not there.
  mutating func run() throws(CheckFailure) -> CheckTrace {
    var walk = StreamWalk(from: link(behind: entries.count), over: begin..<tail)
    var kept: Range<Position> = begin..<begin
    var alone: Set<Position> = []
    while true {
      let wanted = walk.wanted
      if wanted.isEmpty { return CheckTrace(events: events) }
      if !wanted.allSatisfy({ kept.contains($0) || alone.contains($0) }) {
        let list = wanted.prefix(4).map(\.description).joined(separator: " ")
        let window = Strides().window(around: wanted, from: begin)
        kept = window ?? begin..<begin
        alone = window == nil ? Set(wanted) : []
        reads += 1
        positionsRead += window?.count ?? wanted.count
        let told = window.map { "\($0.lowerBound)..<\($0.upperBound)" } ?? "these alone"
        events.append("wanted: \(list)  <- \(told)")
        if let window { try judge(window, around: wanted) }
      }
      walk.take(wanted.map { slot(at: $0) })
    }
  }

  private func judge(_ window: Range<Position>, around wanted: [Position]) throws(CheckFailure) {
    if let place = wanted.first(where: { !window.contains($0) }) {
      throw failure("\(place) is wanted, and not in the window")
    }
    if window.lowerBound < begin {
      throw failure("the window begins at \(window.lowerBound): before \(begin) nothing matters")
    }
    if let newest = wanted.first, window.upperBound > newest.advanced(by: 1) {
      throw failure("the window goes on behind \(newest), where the walk has been already")
    }
    if window.count > 1024 { throw failure("the window has \(window.count) positions") }
  }

  /// Looks how often the log was asked.
  mutating func judgeReads() throws(CheckFailure) -> CheckTrace {
    var trace = try run()
    let budget = begin.distance(to: tail) / 256 + 2
    let cost = Cost(reads, budget: budget, unit: "reads")
    if !cost.isWithinBudget { throw failure("a dense stream cost \(cost)") }
    trace.cost = cost
    return trace
  }

  /// Looks how many positions were read.
  mutating func judgePositions() throws(CheckFailure) -> CheckTrace {
    var trace = try run()
    let cost = Cost(positionsRead, budget: 2 * entries.count, unit: "positions")
    if !cost.isWithinBudget {
      throw failure("a sparse stream of \(entries.count) entries cost \(cost)")
    }
    trace.cost = cost
    return trace
  }
}
