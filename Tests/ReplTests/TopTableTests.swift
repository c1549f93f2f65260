// Goal: two looks at a cluster become rates and sums that are true, whatever nodes tell, and a page
// is drawn over the one before. Method: looks made up, and the exact numbers and lines.
import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
@testable import CorfuRepl
import CorfuSequencer
import CorfuStripeMirror
import Testing

@Suite struct TopTableTests {
  private static func unit(_ number: UInt32) -> UnitName {
    UnitName(node: NodeID(number), incarnation: Incarnation(high: 0, low: UInt64(number)))
  }

  private static let boot = BootID(high: 0, low: 7)
  private static let layout = Layout(
    epoch: Epoch(1),
    spans: [Span(begin: .zero, stripes: [Chain([unit(1), unit(2)])])],
    sequencer: SequencerName(node: NodeID(1), boot: boot),
    acceptors: [unit(1)]
  )

  /// A look at both nodes of a chain, so many seconds after the watch began.
  private static func reading(
    _ seconds: Int,
    _ meters: [UInt32: NodeMeters],
    tail: UInt64
  ) -> ClusterReading {
    var look = ClusterLook()
    for number in UInt32(1)...2 {
      look.statuses[NodeID(number)] = NodeStatus(
        unit: UnitStatus(incarnation: unit(number).incarnation, installed: layout.id),
        sequencer: number == 1 ? SequencerStatus(boot: boot) : nil,
        newest: layout.id
      )
    }
    let time = Duration.seconds(seconds)
    var reading = ClusterReading(layout: layout, look: look, wanted: nil)
    for (number, meters) in meters {
      reading.meters[NodeID(number)] = ClusterReading.Timed(value: meters, time: time)
    }
    reading.tail = ClusterReading.Timed(value: Position(tail), time: time)
    return reading
  }

  private static func buckets(_ counts: [Int]) -> [DurationBucket] {
    let bounds: [Int?] = [1_000_000, 2_000_000, nil]
    return zip(bounds, counts).map { DurationBucket(nanosecondsMax: $0, count: $1) }
  }

  @Test func twoLooksAreARate() {
    let rates = NodeRates(
      from: NodeMeters(entries: 100, reads: 5, tokens: 7, syncs: Self.buckets([9, 0, 0])),
      to: NodeMeters(entries: 300, reads: 5, tokens: 17, syncs: Self.buckets([9, 5, 0])),
      within: .seconds(2)
    )
    #expect(rates.appends == 100 && rates.reads == 0 && rates.tokens == 5)
    // The nine were before.
    #expect(rates.sync == DurationBound(.milliseconds(2)))
    #expect(rates.write == nil)
  }

  @Test func aNodeThatBeganAnewIsNoFall() {
    let rates = NodeRates(
      from: NodeMeters(entries: 1000, syncs: Self.buckets([100, 0, 0])),
      to: NodeMeters(entries: 30, syncs: Self.buckets([0, 0, 1])),
      within: .seconds(1)
    )
    #expect(rates.appends == 30)
    #expect(rates.sync == DurationBound(.milliseconds(2), isExceeded: true))
    #expect(rates.sync?.value == .text("over 2.000 ms"))
  }

  @Test(arguments: [([99, 1, 0], 1), ([98, 2, 0], 2), ([0, 1, 0], 2), ([1, 0, 0], 1)])
  func ninetyNineOfAHundred(counts: [Int], milliseconds: Int) {
    let rates = NodeRates(
      from: NodeMeters(),
      to: NodeMeters(writes: Self.buckets(counts)),
      within: .seconds(1)
    )
    #expect(rates.write == DurationBound(.milliseconds(milliseconds)))
  }

  @Test func theTableHasANodeInALineAndTheSums() throws {
    let space = UnitSpace(liveBytes: 1 << 20, totalBytes: 2 << 20)
    let table = TopTable(
      before: Self.reading(
        0,
        [1: NodeMeters(tokens: 10), 2: NodeMeters()],
        tail: 100
      ),
      after: Self.reading(
        2,
        [
          1: NodeMeters(
            entries: 2000,
            fills: 1,
            tokens: 2010,
            requests: 3,
            syncs: Self.buckets([1, 0, 0]),
            space: space,
            freeBytes: 512 << 30
          ),
          2: NodeMeters(entries: 2000, fills: 1, reads: 50, space: space, freeBytes: 256 << 30),
        ],
        tail: 2100
      )
    )
    let output = Output.captured()
    try table.answer.print(to: output, mode: .table)
    #expect(
      String(decoding: output.take(), as: UTF8.self) == """
        all is well
        epoch 1; the log ends at 2100, 1,000 positions a second

        node  state  does                       epoch  appends/s  reads/s  tokens/s  p99 sy\
        nc  p99 append  queue     live       left  filled
        n1    up     stripe 0, head; sequencer      1      1,000        0     1,000  1.000 \
        ms                  3  1.0 MiB  512.0 GiB       1
        n2    up     stripe 0, tail                 1      1,000       25                  \
                            0  1.0 MiB  256.0 GiB       1
        all                                                1,000       25     1,000  1.000 \
        ms                  3  2.0 MiB  256.0 GiB       1

        """
    )
  }

  @Test func aFullDiskIsTheNodesState() {
    var look = Self.reading(0, [:], tail: 0).look
    let node = NodeID(2)
    look.statuses[node]?.unit?.room = .short(bytes: 1)
    #expect(NodeWords.health(of: node, in: Self.layout, look) == "up")
    look.statuses[node]?.unit?.room = .full
    #expect(NodeWords.health(of: node, in: Self.layout, look) == "disk full")
    // No monitor makes room: who waits for them is not to wait for that.
    #expect(NodeWords.standing(of: node, in: Self.layout, look) == "up")
  }

  @Test func absurdNumbersDoNoHarm() throws {
    let absurd = NodeMeters(
      entries: .max,
      fills: .max,
      reads: .max,
      tokens: .max,
      requests: .max,
      syncs: [DurationBucket(nanosecondsMax: .max, count: .max)],
      writes: [DurationBucket(nanosecondsMax: nil, count: .max)],
      space: UnitSpace(liveBytes: .max, totalBytes: .max),
      freeBytes: .max
    )
    let table = TopTable(
      before: Self.reading(0, [1: NodeMeters(), 2: NodeMeters()], tail: 0),
      // No time has passed.
      after: Self.reading(0, [1: absurd, 2: absurd], tail: UInt64(Int.max))
    )
    let output = Output.captured()
    try table.answer.print(to: output, mode: .json)
    #expect(!output.take().isEmpty)
  }

  @Test func aPageIsDrawnOverTheOneBefore() {
    #expect(
      Pages.painted("one\n\ntwo\n", isFirst: true)
        == "\u{1b}[2J\u{1b}[Hone\u{1b}[K\n\u{1b}[K\ntwo\u{1b}[K\n\u{1b}[J"
    )
    #expect(Pages.painted("one\n", isFirst: false) == "\u{1b}[Hone\u{1b}[K\n\u{1b}[J")
  }

  @Test func elsewhereOnePageStandsBelowTheOther() throws {
    let output = Output.captured()
    let pages = Pages(on: output, mode: .table)
    for number in 1...2 {
      try pages.show { (page) throws(ReplError) in try page.line("page \(number)") }
    }
    #expect(String(decoding: output.take(), as: UTF8.self) == "page 1\n\npage 2\n")
  }
}
