// Goal: where a log is lost altogether, what was told of the objects before and since is judged
// apart (R24). Method: a small history with an end before, across and behind the loss; a few whole
// runs.
import CorfuGlobalLog
@testable import CorfuSimulation
import Testing

struct ObjectLivesTests {
  @Test("R24: what began in one life of the log and ended in the other is of neither")
  func lives() throws {
    let history = ObjectHistory()
    for (number, begun, ended) in [(1, 4, 4), (2, 4, 5), (3, 5, 6)] as [(Int, UInt64, UInt64)] {
      let place = Position(UInt64(number))
      history.begin(updateOf: .bank, number: number, in: Epoch(begun))
      history.end(update: number, .stands(place), in: Epoch(ended))
      history.begin(appendTo: [StreamID(8)], number: 10 + number, in: Epoch(begun))
      history.end(append: 10 + number, .stands(place), in: Epoch(ended))
    }
    #expect(history.floor == Position(4))
    #expect(history.isKnown(.bank, as: StreamID(2), in: Epoch(4)))
    #expect(!history.isKnown(.bank, as: StreamID(4), in: Epoch(4)))
    history.archive([.junk, .junk], from: .zero, in: Epoch(4))
    #expect(history.lives.count == 1 && !history.isCut)
    history.keepAll([Position(0): .trimmed, Position(3): .empty])
    history.beginAnew(in: Epoch(5))
    #expect(history.isCut(since: Epoch(4)) && !history.isCut(since: Epoch(5)))
    let lives = history.lives
    try #require(lives.count == 2)
    #expect(lives.map { $0.updates.keys.sorted() } == [[1], [3]])
    #expect(lives.map { $0.appends.keys.sorted() } == [[11], [13]])
    #expect(lives[0].log == [Position(0): .trimmed, Position(3): .junk])
    #expect(lives[0].end == Position(4))
    #expect(lives[0].archive.count == 2 && lives[1].archive.isEmpty)
    #expect(history.floor == .zero && history.archived == .zero)
    // Who was late has read the old log.
    history.archive([.junk], from: .zero, in: Epoch(4))
    #expect(history.archived == .zero)
    history.archive([.junk], from: .zero, in: Epoch(5))
    #expect(history.archived == Position(1))
    // Names have other streams, the same for everybody.
    #expect(history.isKnown(.bank, as: StreamID(2), in: Epoch(4)))
    #expect(history.isKnown(.bank, as: StreamID(4), in: Epoch(5)))
    #expect(!history.isKnown(.bank, as: StreamID(2), in: Epoch(5)))
  }

  @Test("R24: objects begin anew with a log that was lost, and nobody keeps the old ones")
  func runs() {
    for seed in 1...8 as ClosedRange<UInt64> {
      let outcome = ClusterRun.run(seed: seed, stage: 7, focus: .losses)
      #expect(outcome.failure == nil, "seed \(seed)")
      if outcome.probes["cut under a process", default: 0] > 0 { return }
    }
    Issue.record("no process was told of a cut")
  }
}
