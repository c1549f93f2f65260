import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import Testing

// Goal: a layout is what its bytes say, and only that. Method: round trips, and every cut and every
// changed byte of one layout.

private let four = (1...4).map {
  UnitName(node: NodeID($0), incarnation: Incarnation(high: UInt64($0), low: 7))
}

private let raid = Layout(
  epoch: Epoch(3),
  firstTail: Position(50),
  spans: [
    Span(begin: .zero, stripes: [Chain([four[0], four[1]]), Chain([four[2], four[3]])]),
    Span(begin: Position(50), stripes: [Chain([four[0]]), Chain([four[2], four[3]])]),
  ],
  sequencer: SequencerName(node: NodeID(1), boot: BootID(high: 1, low: 2)),
  acceptors: [four[0], four[1], four[2]]
)

private var raidWithLosses: Layout {
  var raid = raid
  raid.losses = [
    LostRange(range: .zero..<Position(50), stripes: 2, stripe: 1),
    LostRange(range: Position(7)..<Position(9), stripes: 3, stripe: 0),
  ]
  return raid
}

private var raidWithOpenings: Layout {
  var raid = raid
  raid.openings = [
    four[1]: DiskOpening(count: 300, boot: BootID(high: 1, low: 2)),
    four[3]: DiskOpening(count: 1, boot: BootID(high: 3, low: 4)),
  ]
  return raid
}

private var raidWithAll: Layout {
  var raid = raidWithOpenings
  raid.losses = raidWithLosses.losses
  return raid
}

@Test(arguments: [raid, raidWithLosses, raidWithOpenings, raidWithAll])
func aLayoutSurvivesItsBytes(raid: Layout) throws {
  let bytes = raid.encoded()
  #expect(try Layout(decoding: bytes) == raid)
  #expect(try Layout(decoding: bytes).id == raid.id)
}

@Test(arguments: [raid, raidWithLosses, raidWithOpenings, raidWithAll])
func everyCutAndEveryChangedByteIsRefusedOrAnotherLayout(raid: Layout) throws {
  let bytes = raid.encoded()
  for count in 0..<bytes.count {
    #expect(throws: LayoutError.self) { try Layout(decoding: Array(bytes[..<count])) }
  }
  for index in bytes.indices {
    for bit in 0..<8 {
      var damaged = bytes
      damaged[index] ^= 1 << bit
      // Refused is as good.
      guard let other = try? Layout(decoding: damaged) else { continue }
      #expect(other.encoded() == damaged, "byte \(index), bit \(bit): one layout, two spellings")
      #expect(other.id != raid.id)
    }
  }
}

// MARK: - What a layout must be

private func unit(_ number: UInt32, life: UInt64 = 7) -> UnitName {
  UnitName(node: NodeID(number), incarnation: Incarnation(high: UInt64(number), low: life))
}

private func chain(_ numbers: UInt32...) -> Chain { Chain(numbers.map { unit($0) }) }

private func layout(_ spans: [(UInt64, [Chain])], spares: [UnitName] = []) -> Layout {
  Layout(
    epoch: Epoch(1),
    spans: spans.map { Span(begin: Position($0.0), stripes: $0.1) },
    sequencer: SequencerName(node: NodeID(1), boot: BootID(high: 1, low: 2)),
    acceptors: [unit(1)],
    spares: spares
  )
}

@Test func everyMistakeInALayoutIsNamed() {
  var noAcceptors = layout([(0, [chain(1)])])
  noAcceptors.acceptors = []
  var twoOfOne = noAcceptors
  twoOfOne.acceptors = [unit(1), unit(1)]
  var tooFar = layout([(0, [chain(1)])])
  tooFar.firstTail = Position(.max)
  let early = LostRange(range: .zero..<Position(3), stripes: 1, stripe: 0)
  let unknown = LostRange(range: .zero..<Position(3), stripes: 2, stripe: 2)
  var (notWritten, noSuchChain) = (layout([(0, [chain(1)])]), layout([(0, [chain(1)])]))
  notWritten.losses = [early]
  noSuchChain.firstTail = Position(3)
  noSuchChain.losses = [unknown]
  var (neverOpened, notOurs) = (layout([(0, [chain(1)])]), layout([(0, [chain(1)])]))
  neverOpened.openings[unit(1)] = DiskOpening(count: 0, boot: BootID(high: 1, low: 2))
  notOurs.openings[unit(2)] = DiskOpening(count: 1, boot: BootID(high: 1, low: 2))
  let mistakes: [(Layout, LayoutError)] = [
    (neverOpened, .badOpening(unit(1))),
    (notOurs, .badOpening(unit(2))),
    (notWritten, .badLoss(early)),
    (noSuchChain, .badLoss(unknown)),
    (layout([]), .doesNotBeginAtZero),
    (layout([(5, [chain(1)])]), .doesNotBeginAtZero),
    (layout([(0, [chain(1)]), (0, [chain(2)])]), .spansOutOfOrder(.zero)),
    (layout([(0, [chain(1)]), (9, [chain(2)]), (8, [chain(1)])]), .spansOutOfOrder(Position(8))),
    (layout([(0, [])]), .emptyChain(.zero)),
    (layout([(0, [chain(1), Chain([])])]), .emptyChain(.zero)),
    (layout([(0, [chain(1, 2), chain(3, 1)])]), .unitTwice(unit(1), span: .zero)),
    (layout([(0, [chain(1, 1)])]), .unitTwice(unit(1), span: .zero)),
    (layout([(0, [chain(1, 2)])], spares: [unit(2)]), .spareInUse(unit(2))),
    (layout([(0, [chain(1)])], spares: [unit(2), unit(2)]), .spareInUse(unit(2))),
    (noAcceptors, .badAcceptors),
    (twoOfOne, .badAcceptors),
    (
      layout([(0, [chain(1)]), (9, [Chain([unit(1, life: 8)])])]),
      .twoIncarnations(NodeID(1))
    ),
    (layout([(0, [chain(1)])], spares: [unit(1, life: 8)]), .twoIncarnations(NodeID(1))),
    (layout([(0, [chain(1)]), (.max, [chain(2)])]), .positionTooLarge(Position(.max))),
    (tooFar, .positionTooLarge(Position(.max))),
  ]
  for (layout, mistake) in mistakes {
    #expect(throws: mistake) { try layout.validate() }
  }
  #expect(throws: LayoutError.malformed) { try Layout(decoding: [1, 2, 3]) }
}

// MARK: - Random layouts

/// A layout as chance makes it, and right.
private func drawn(_ random: inout SeededGenerator) -> Layout {
  let stripes = random.number(in: 1...4)
  let replicas = random.number(in: 1...3)
  var begin: UInt64 = 0
  var spans: [(UInt64, [Chain])] = []
  for index in 0..<random.number(in: 1...8) {
    if index > 0 { begin += UInt64(random.number(in: 1...(1 << random.number(in: 0...40)))) }
    var names = (1...UInt32(stripes * replicas + 2)).map { unit($0) }
    names.shuffle(using: &random)
    let chains = (0..<stripes).map { Chain(Array(names[$0 * replicas..<($0 + 1) * replicas])) }
    spans.append((begin, chains))
  }
  var layout = layout(spans)
  layout.epoch = Epoch(random.next() >> random.number(in: 0...63))
  layout.generation = random.next() >> random.number(in: 0...63)
  layout.firstTail = Position(random.next() >> random.number(in: 1...63))
  return layout
}

@Test func drawnLayoutsSurviveTheirBytes() throws {
  var random = SeededGenerator(seed: 3)
  for _ in 0..<500 {
    let layout = drawn(&random)
    try layout.validate()
    #expect(try Layout(decoding: layout.encoded()) == layout)
  }
}

/// R30: a span may be cut anywhere, and cut ones put together, and no position moves.
@Test func cuttingAndMergingMovesNoPosition() {
  var random = SeededGenerator(seed: 4)
  let mapping = RoundRobin()
  for _ in 0..<200 {
    let whole = drawn(&random)
    var cut = whole
    let span = whole.spans[random.number(below: whole.spans.count)]
    let place = span.begin.advanced(by: random.number(in: 1...100))
    if whole.span(of: place) == span, !whole.spans.contains(where: { $0.begin == place }) {
      cut.spans.append(Span(begin: place, stripes: span.stripes))
      cut.spans.sort { $0.begin < $1.begin }
    }
    #expect(cut.merged() == whole.merged())
    for _ in 0..<50 {
      let position = Position(UInt64(random.number(in: 0...Int(place.number) + 200)))
      let chain = mapping.chain(of: position, in: whole)
      #expect(mapping.chain(of: position, in: cut) == chain)
      #expect(mapping.chain(of: position, in: whole.merged()) == chain)
      // The same by a search that is too simple to be wrong.
      let stripes = whole.spans.last { $0.begin <= position }?.stripes ?? []
      #expect(chain == stripes[Int(position.number) % stripes.count])
    }
  }
}

// MARK: - Layouts made from layouts

/// The sequence of figure 5 in the TOCS paper: F6 dies, F8 takes its place.
@Test func figureFive() throws {
  let pairs = [chain(0, 1), chain(2, 3), chain(4, 5)]
  let before = layout([(0, pairs), (40_000, [chain(6, 7)])], spares: [unit(8)])
  try before.validate()
  // A. F6 dies when the tail is at 50K: what its mirror has is all there is.
  let alone = try #require(before.without(unit(6)))
  #expect(alone.spans.map(\.begin) == [.zero, Position(40_000)])
  #expect(alone.spans[1].stripes == [chain(7)])
  #expect(alone.spans[0].stripes == pairs)
  // B. New positions get two copies at once.
  let served = alone.remapped(from: Position(50_000), to: [chain(7, 8)])
    .next(sequencer: before.sequencer, firstTail: Position(50_000))
  try served.validate()
  #expect(served.epoch == Epoch(2))
  #expect(served.spares.isEmpty)
  #expect(served.span(of: Position(49_999)).stripes == [chain(7)])
  #expect(served.span(of: Position(50_000)).stripes == [chain(7, 8)])
  // C. When F8 has the old ones too, the two spans are one.
  var copied = served
  copied.spans[1].stripes = [chain(7, 8)]
  let merged = copied.merged()
  #expect(merged.spans.map(\.begin) == [.zero, Position(40_000)])
  #expect(RoundRobin().chain(of: Position(45_001), in: merged) == chain(7, 8))
  // D. The tail passes 80K: other units take over from there.
  let grown = merged.remapped(from: Position(80_000), to: pairs)
  try grown.validate()
  #expect(grown.spans.map(\.begin) == [.zero, Position(40_000), Position(80_000)])
  #expect(RoundRobin().chain(of: Position(80_001), in: grown) == pairs[80_001 % 3])
}

@Test func theLastOfAChainIsNotTakenOut() {
  let layout = layout([(0, [chain(1, 2), chain(3)])])
  #expect(layout.without(unit(3)) == nil)
  #expect(layout.without(unit(1))?.spans[0].stripes == [chain(2), chain(3)])
  #expect(layout.without(unit(9)) == layout)
}

@Test func survivorsKeepTheirOrder() {
  let layout = layout([(0, [chain(3, 1, 2)]), (10, [chain(2, 3, 1)])])
  #expect(layout.without(unit(1))?.spans.map(\.stripes) == [[chain(3, 2)], [chain(2, 3)]])
}

/// R30: a thousand lost disks over a terabyte of entries of 4 KiB, none of them ever merged.
@Test func aLongHistoryStaysSmall() throws {
  let entries: UInt64 = (1 << 40) / 4096
  let changes: UInt64 = 1000
  var units = (1...32).map { unit(UInt32($0)) }
  var history = layout([(0, [Chain]())])
  history.spans = []
  for change in 0..<changes {
    let lost = Int(change) % units.count
    units[lost] = unit(32 + UInt32(change) + 1)
    let stripes = (0..<16).map { Chain([units[2 * $0], units[2 * $0 + 1]]) }
    history.spans.append(Span(begin: Position(entries / changes * change), stripes: stripes))
  }
  try history.validate()
  #expect(history.spans.count == 1000)
  #expect(history.encoded().count < 100_000)
}
