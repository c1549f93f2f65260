// Goal: what was trimmed is known though the chain that had it is gone, and nothing is taken for
// trimmed that nobody allowed to be forgotten (R20, R24). Method: layouts with losses, and what
// units say, made up.
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSequencer
import CorfuStripeMirror
import Testing

private func range(_ begin: UInt64, _ end: UInt64) -> Range<Position> {
  Position(begin)..<Position(end)
}

private func loss(_ begin: UInt64, _ end: UInt64, stripe: Int, of stripes: Int = 2) -> LostRange {
  LostRange(range: range(begin, end), stripes: stripes, stripe: stripe)
}

struct ToldTrimsTests {
  /// Unit 5 stands in for stripe 1 of all that was written.
  private var layout: Layout {
    var layout = Layout(
      epoch: Epoch(2),
      firstTail: Position(90),
      spans: [span(0, [[1, 2], [5]])],
      sequencer: sequencer(100),
      acceptors: [unit(1)]
    )
    layout.losses = [loss(0, 90, stripe: 1)]
    return layout
  }

  private func trims(_ told: [UInt32: [Range<Position>]], in layout: Layout? = nil) -> ToldTrims {
    var names: [UnitName: [Range<Position>]] = [:]
    for (number, ranges) in told { names[unit(number)] = ranges }
    return ToldTrims(in: layout ?? self.layout, told: names)
  }

  @Test("R20, R24: what one unit knows to be trimmed from the beginning on is finished everywhere")
  func mark() {
    let trim = { (mark: UInt64, chain: Chain) in OpenTrim(mark: Position(mark), chain: chain) }
    let told = trims([1: [range(0, 40)], 2: [range(0, 40)], 5: []])
    #expect(told.mark == Position(40) && told.isConclusive)
    #expect(told.unfinished == [trim(40, chain(5))])
    // Half-done, or a tail that was rebuilt and did not answer.
    let half = trims([1: [range(0, 60)], 2: [range(0, 40)], 5: [range(0, 40)]])
    #expect(half.mark == Position(60))
    #expect(half.unfinished == [trim(60, chain(1, 2)), trim(60, chain(5))])
    #expect(trims([1: [range(0, 40)], 5: [range(0, 40)]]).unfinished == [trim(40, chain(1, 2))])
    // Who has heard of it says so, and then nothing is left to do.
    let done = trims([1: [range(0, 40)], 2: [range(0, 40)], 5: [range(0, 40)]])
    #expect(done.mark == Position(40) && done.unfinished == [])
  }

  @Test("R20: positions that were trimmed one by one allow nobody to forget their neighbours")
  func single() {
    let even = (0..<20 as Range<UInt64>).map { range(2 * $0, 2 * $0 + 1) }
    let told = trims([1: even, 2: even, 5: []])
    // The very first was trimmed.
    #expect(told.mark == Position(1))
    #expect(trims([1: [range(2, 3), range(4, 40)], 2: [], 5: []]).mark == .zero)
    // Together with what another chain has, they are a beginning of the log.
    #expect(trims([1: [range(0, 1), range(2, 3)], 5: [range(1, 2)]]).mark == Position(3))
  }

  @Test("R24: beyond the last loss nothing is anybody's business")
  func end() {
    var layout = layout
    layout.losses = [loss(0, 30, stripe: 1)]
    let told = trims([1: [range(0, 80)], 2: [range(0, 80)], 5: []], in: layout)
    #expect(told.mark == Position(30))
    layout.losses = []
    #expect(trims([1: [range(0, 80)], 5: []], in: layout).unfinished == [])
  }

  @Test("R24: as long as nobody answers who must have heard of a trim, nobody says what is lost")
  func conclusive() {
    #expect(!trims([:]).isConclusive)
    #expect(!trims([5: []]).isConclusive)
    #expect(trims([1: []]).isConclusive && trims([2: [], 5: []]).isConclusive)
    // Where all of a span was given up there is nobody to ask.
    var layout = layout
    layout.losses.append(loss(0, 90, stripe: 0))
    #expect(trims([:], in: layout).isConclusive)
    // Each span by itself, as far as anything was given up.
    layout.spans = [span(0, [[1], [5]]), span(40, [[6], [7]]), span(90, [[8], [9]])]
    layout.losses = [loss(0, 90, stripe: 1)]
    #expect(!trims([1: []], in: layout).isConclusive)
    #expect(!trims([6: []], in: layout).isConclusive)
    #expect(trims([1: [], 6: []], in: layout).isConclusive)
    layout.losses = [loss(0, 40, stripe: 1)]
    #expect(trims([1: []], in: layout).isConclusive)
  }

  @Test("R20: a trim is finished span by span, and in none beyond its end")
  func spans() {
    var layout = layout
    // Unit 2 is second in one chain, and in the next span the tail of another.
    layout.spans = [span(0, [[1, 2], [5]]), span(40, [[3, 2], [5]])]
    let told = trims([1: [range(0, 70)], 2: [], 3: [], 5: []], in: layout)
    #expect(
      told.unfinished == [
        OpenTrim(mark: Position(40), chain: chain(1, 2)),
        OpenTrim(mark: Position(40), chain: chain(5)),
        OpenTrim(mark: Position(70), chain: chain(3, 2)),
        OpenTrim(mark: Position(70), chain: chain(5)),
      ]
    )
    // Of a later span a chain need say nothing of what was before it.
    let later = trims(
      [1: [range(0, 70)], 2: [range(0, 70)], 3: [range(40, 70)], 5: []],
      in: layout
    )
    #expect(later.unfinished.map(\.chain) == [chain(5), chain(5)])
  }
}
