import CorfuGlobalLog
import CorfuSimulation
public import CorfuTransactions

/// The checks of exercise 7.1: any ``StreamWalking``, along streams whose entries were lost,
/// trimmed or forgotten.
public struct StreamWalkChecks<Walk: StreamWalking>: Sendable {
  /// Checks for a walk.
  public init() {}

  private typealias Promise = Invariant.Chapter7

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        "7.1.1",
        Promise.stream,
        WalkScene.Kind(),
        [.missed, .invented, .order, .endless],
        often: "Look at all of a stride, then follow the pointers of the oldest entry in it that "
          + "knows some. A link with fewer than four positions says that there are no others."
      ),
      check(
        "7.1.2",
        Promise.stream,
        WalkScene.Kind(junk: 0.4, trimmed: 0.1),
        [.missed, .invented, .order, .endless],
        often: "Junk has no pointers. If the oldest of a stride is lost, the next one's pointers "
          + "lead past it; if all four are, go back position by position to the next entry of "
          + "the stream. And pointers of different entries overlap: what was found is not looked "
          + "at again."
      ),
      check(
        "7.1.3",
        Promise.unknown,
        WalkScene.Kind(junk: 0.2, forgets: 0.1),
        [.missed, .invented, .order, .endless],
        often: "A link whose positions are nil says that nobody knew them. That is no end: go back "
          + "position by position."
      ),
      check(
        "7.1.4",
        Promise.strides,
        WalkScene.Kind(begins: true),
        [.missed, .lookedElsewhere, .tooMany, .endless],
        often: "What stands before the range is of no interest. The oldest entry of a stride leads "
          + "to the next four; the newest would lead to the same again, and one more."
      ),
      check(
        "7.1.5",
        Promise.told,
        WalkScene.Kind(junk: 0.1, trimmed: 0.3, forgets: 0.05, hidesEnd: 0.5, begins: true),
        [.untold, .falselyTold, .endless],
        often: "If an entry pointed at a position, and that is trimmed, something of the stream is "
          + "gone. Where one goes back position by position, nobody can say whose a trimmed one "
          + "was: it is told, too. But only up to the first entry that knows its pointers: those "
          + "say whose is whose behind it."
      ),
      check(
        "7.1.6",
        Promise.strides,
        WalkScene.Kind(junk: 0.4, trimmed: 0.1, begins: true),
        [.missed, .lookedElsewhere, .endless],
        often: "If the oldest of a stride is lost, do not go back position by position yet: the "
          + "oldest of the stride that is left says what stands before. Only where all of them "
          + "are lost nobody says it."
      ),
    ]
  }

  private func check(
    _ id: String,
    _ invariant: Invariant,
    _ kind: WalkScene.Kind,
    _ breaches: Set<WalkScene.Breach>,
    often: String
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      var scene = WalkScene(seed: seed, kind)
      let found = scene.walk(as: Walk.self)
      if let found, breaches.contains(found.breach) {
        var failure = CheckFailure(found.finding, events: scene.events, often: often)
        failure.isEndless = found.breach == .endless
        throw failure
      }
      return CheckTrace(events: scene.events)
    }
  }
}

/// A log with a stream in it, and a walk along that.
struct WalkScene {
  /// What kind of log it is, and how likely things are.
  struct Kind {
    var junk = 0.0
    var trimmed = 0.0
    /// Whether the sequencer forgets the stream now and then.
    var forgets = 0.0
    /// How likely it has forgotten where the stream ends, and only that.
    var hidesEnd = 0.0
    /// Whether the walk ends somewhere in the middle.
    var begins = false
  }

  /// What can be wrong with a walk.
  enum Breach {
    case missed, invented, order, lookedElsewhere, tooMany, untold, falselyTold, endless
  }

  private static let stream = StreamID(2)

  private(set) var events: [String] = []
  private var slots: [Slot] = []
  private var end: StreamLink
  private var begin = Position.zero
  /// The positions that were handed out for the stream.
  private var given: Set<Position> = []
  /// The pointers that are known, and where they stand: those of the end behind all entries.
  private var links: [(place: Position, previous: [Position])] = []

  init(seed: UInt64, _ kind: Kind) {
    var random = SeededGenerator(seed: seed)
    var known: [Position]? = []
    var recent: [Position] = []
    var marks: [String] = []
    for number in 0..<random.number(in: 1...24) {
      let position = Position(UInt64(number))
      // As a sequencer does it that forgets: from four entries on it knows all that a link needs.
      if random.chance(kind.forgets) { (known, recent) = (nil, []) }
      let isMine = random.chance(0.6)
      let fate = random.fraction()
      let link = StreamLink(stream: isMine ? Self.stream : StreamID(3), previous: known)
      let entry = Entry(
        mark: EntryMark(client: ClientID(high: 0, low: 1), sequence: UInt64(number)),
        streams: [isMine ? link : StreamLink(stream: link.stream, previous: [])],
        payload: []
      )
      if fate < kind.junk {
        slots.append(.junk)
        marks.append(isMine ? "J" : "j")
      } else if fate < kind.junk + kind.trimmed {
        slots.append(.trimmed)
        marks.append(isMine ? "T" : "t")
      } else {
        slots.append(.data(entry))
        marks.append(isMine ? "E" : ".")
        if isMine, let known { links.append((position, known)) }
      }
      guard isMine else { continue }
      given.insert(position)
      recent = Array(([position] + recent).prefix(StreamLink.backpointersMax))
      known = known != nil || recent.count == StreamLink.backpointersMax ? recent : nil
    }
    if kind.begins { begin = Position(UInt64(random.number(below: slots.count))) }
    if random.chance(kind.hidesEnd) { known = nil }
    if let known { links.append((Position(UInt64(slots.count)), known)) }
    end = StreamLink(stream: Self.stream, previous: known)
    events.append("the log, from 0 on: " + marks.joined(separator: " "))
    events.append("(E an entry of the stream, J or T junk or trimmed in its place, others small)")
    let told = known.map { "the last of the stream stand at \(Self.told($0))" }
    events.append((told ?? "nobody knows where the stream ends") + "; look from \(begin) on")
  }

  private static func told(_ positions: some Sequence<Position>) -> String {
    let list = positions.map(\.description).joined(separator: " ")
    return list.isEmpty ? "none" : list
  }

  /// Walks to the beginning.
  mutating func walk<Walk: StreamWalking>(
    as _: Walk.Type
  ) -> (breach: Breach, finding: String)? {
    let tail = Position(UInt64(slots.count))
    var walk = Walk(from: end, over: begin..<tail)
    var found: [Position] = []
    var elsewhere: Position?
    var needless: Position?
    for step in 0...slots.count {
      let wanted = walk.wanted
      if wanted.isEmpty {
        events.append("it has come to the end; found: \(Self.told(found))")
        return judge(found, elsewhere, needless, walk.trimmed, steps: step)
      }
      events.append("it looks at \(Self.told(wanted))")
      if let outside = wanted.first(where: { $0 < begin || $0 >= tail }) {
        return (.lookedElsewhere, "it looks at \(outside), and was to look from \(begin) on only")
      }
      elsewhere = elsewhere ?? wanted.first { !given.contains($0) }
      let known = [tail] + found
      needless = needless ?? wanted.first { !given.contains($0) && isCovered($0, from: known) }
      walk.take(wanted.map { slots[Int($0.number)] })
      found += walk.takeFound()
    }
    return (.endless, "it looks and looks: there are \(slots.count) positions in all")
  }

  private func judge(
    _ found: [Position],
    _ elsewhere: Position?,
    _ needless: Position?,
    _ trimmed: Position?,
    steps: Int
  ) -> (breach: Breach, finding: String)? {
    let isEntry = { (place: Position) -> Bool in
      guard case .data = slots[Int(place.number)] else { return false }
      return given.contains(place)
    }
    let expected = given.filter { $0 >= begin && isEntry($0) }.sorted(by: >)
    if let missed = expected.first(where: { !found.contains($0) }) {
      return (.missed, "the entry at \(missed) is the stream's, and was not found")
    }
    if let place = found.first(where: { !isEntry($0) || $0 < begin }) {
      return (.invented, "\(place) was found, and no entry of the stream stands there")
    }
    if found != expected {
      return (.order, "each is found once, newest first: it should be \(Self.told(expected))")
    }
    // Where all are there, pointers lead to all.
    if end.previous != nil, slots.allSatisfy({ $0 != .junk && $0 != .trimmed }) {
      if let elsewhere {
        return (.lookedElsewhere, "it looks at \(elsewhere), to which no pointer leads")
      }
      let stride = StreamLink.backpointersMax
      let enough = (expected.count + stride - 1) / stride
      if steps > enough {
        let finding = "it took \(steps) strides for \(expected.count) entries: \(enough) will do"
        return (.tooMany, finding)
      }
    }
    if let needless {
      let finding = "it looks at \(needless), and pointers that it has met already lead past it"
      return (.lookedElsewhere, finding)
    }
    return judge(trimmed)
  }

  /// Looks at what a walk says of trimmed positions.
  private func judge(_ trimmed: Position?) -> (breach: Breach, finding: String)? {
    let pointed = Set(links.flatMap(\.previous))
    let places = slots.indices.map { Position(UInt64($0)) }
    let gone = places.filter { place in
      slots[Int(place.number)] == .trimmed && place >= begin
        && (pointed.contains(place) || !isCovered(place))
    }
    if let trimmed, !gone.contains(trimmed) {
      return (.falselyTold, "it says that \(trimmed) of the stream is trimmed, and it is not")
    }
    guard trimmed == nil, let last = gone.last else { return nil }
    let finding =
      pointed.contains(last)
      ? "an entry points at \(last), which is trimmed, and nothing is said of it"
      : "\(last) is trimmed, nobody can say whose it was, and nothing is said of it"
    return (.untold, finding)
  }

  /// Whether pointers from further on say whose a position is: fewer than four lead to all that is
  /// before them, four to all from the oldest of them on.
  ///
  /// - Parameters:
  ///   - position: Which.
  ///   - places: Where the pointers stand; anywhere without them. The end's stand behind all.
  /// - Returns: Whether they do.
  private func isCovered(_ position: Position, from places: [Position]? = nil) -> Bool {
    links.contains { link in
      if let places, !places.contains(link.place) { return false }
      let isAll = link.previous.count < StreamLink.backpointersMax
      return position < link.place && (isAll || link.previous.contains { $0 <= position })
    }
  }
}
