import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import Testing

@testable import CorfuTransactions

/// Goal: a walk finds all entries of its stream and no others, whatever became of the positions in
/// between, and looks at little more than them (R31).
///
/// Method: every fate of eight positions that belong to the stream in turn with another's; long
/// streams with chance; counts of what was looked at.
@Suite("Walks along a stream")
struct StreamWalkTests {
  static let mine = StreamID(2)
  static let other = StreamID(3)

  enum Fate: CaseIterable { case data, junk, trimmed, stranger }

  @Test("R31: every fate of six positions, with pointers that somebody knew and that nobody knew")
  func everyFate() {
    let count = 6
    for code in 0..<(1 << (2 * count)) {
      let fates = (0..<count).map { Fate.allCases[code >> (2 * $0) & 3] }
      for forgotten in [nil, 0, 3, 6] {
        let log = Self.log(fates, forgettingAt: forgotten)
        let expected = fates.indices.filter { fates[$0] == .data }.map { Position(UInt64($0)) }
        let (found, _) = Self.walk(log.slots, from: log.link)
        #expect(found == expected, "\(fates), forgotten at \(String(describing: forgotten))")
      }
    }
  }

  @Test("What stands before the beginning is neither found nor looked at")
  func beginning() {
    let log = Self.log([Fate](repeating: .data, count: 40), forgettingAt: nil)
    for begin in 0...40 {
      let (found, looked) = Self.walk(log.slots, from: log.link, begin: begin)
      #expect(found == (begin..<40).map { Position(UInt64($0)) })
      #expect(looked.allSatisfy { $0 >= Position(UInt64(begin)) })
    }
  }

  @Test("R31: where the pointers suffice, only the stream's own positions are looked at")
  func onlyItsOwn() {
    // Every tenth entry is the stream's, and one in five of those is lost.
    let fates = (0..<4000).map { number -> Fate in
      if number % 10 != 0 { return .stranger }
      return number % 50 == 0 ? .junk : .data
    }
    let log = Self.log(fates, forgettingAt: nil)
    let (found, looked) = Self.walk(log.slots, from: log.link)
    #expect(found.count == 320)
    #expect(looked.count <= 400)
  }

  @Test("A stream that nobody knows the end of is found by going back, and strided from there")
  func unknownEnd() {
    let fates = (0..<1000).map { $0 % 100 == 7 ? Fate.data : .stranger }
    let log = Self.log(fates, forgettingAt: nil)
    let (found, looked) = Self.walk(log.slots, from: StreamLink(stream: Self.mine, previous: nil))
    #expect(found.count == 10)
    #expect(looked.count <= 2 * StreamWalk.scanMax + 10)
  }

  @Test("A trimmed position that an entry points at is reported: something is missing")
  func trimmedIsTold() {
    var walk = StreamWalk(
      from: StreamLink(stream: Self.mine, previous: [Position(3), Position(1)]),
      over: .zero..<Position(5)
    )
    walk.take([.trimmed, .junk])
    #expect(walk.trimmed == Position(3))
    #expect(walk.wanted.isEmpty)
  }

  // MARK: - A log

  /// A log whose positions all were given to the stream, or to another; what became of each.
  ///
  /// - Parameters:
  ///   - fates: What becomes of each entry.
  ///   - forgotten: The entry from which on the sequencer knew nothing of what was before.
  /// - Returns: What stands in the log, and how the next entry would be linked.
  static func log(
    _ fates: [Fate],
    forgettingAt forgotten: Int?
  ) -> (slots: [Slot], link: StreamLink) {
    var given: [Position]? = []
    var recent: [Position] = []
    var slots: [Slot] = []
    for (number, fate) in fates.enumerated() {
      if number == forgotten { (given, recent) = (nil, []) }
      let position = Position(UInt64(number))
      let isMine = fate != .stranger
      let link = StreamLink(stream: isMine ? mine : other, previous: isMine ? given : [])
      let entry = Entry(
        mark: EntryMark(client: ClientID(high: 0, low: 1), sequence: UInt64(number)),
        streams: [link],
        payload: []
      )
      switch fate {
      case .data, .stranger: slots.append(.data(entry))
      case .junk: slots.append(.junk)
      case .trimmed: slots.append(.trimmed)
      }
      if isMine { recent = Array(([position] + recent).prefix(4)) }
      // As the sequencer does it: four are all that a link needs.
      if isMine { given = given != nil || recent.count == 4 ? recent : nil }
    }
    if forgotten == fates.count { given = nil }
    return (slots, StreamLink(stream: mine, previous: given))
  }

  /// Walks to the end.
  ///
  /// - Returns: What was found, in order, and what was looked at.
  static func walk(
    _ slots: [Slot],
    from link: StreamLink,
    begin: Int = 0
  ) -> (found: [Position], looked: Set<Position>) {
    let end = Position(UInt64(slots.count))
    var walk = StreamWalk(from: link, over: Position(UInt64(begin))..<end)
    var found: [Position] = []
    var looked: Set<Position> = []
    while !walk.wanted.isEmpty {
      let wanted = walk.wanted
      looked.formUnion(wanted)
      walk.take(wanted.map { slots[Int($0.number)] })
      let more = walk.takeFound()
      #expect(more == more.sorted(by: >))
      found += more
    }
    return (found.reversed(), looked)
  }
}
