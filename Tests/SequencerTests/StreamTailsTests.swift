// Goal: stream tails are right or said to be unknown, in bounded memory (R12).
// Method: random notes on tiny limits, against a model that remembers all; census merges by hand.
import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import Testing

private func positions(_ numbers: [UInt64]) -> [Position] { numbers.map { Position($0) } }

@Suite struct StreamTailsTests {
  @Test("What is told is true or nothing, whatever is forgotten", arguments: [1, 2, 3, 4, 6, 64])
  func againstAModel(streamsMax: Int) {
    var forgotten = 0
    for seed in 1...60 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed: seed)
      let isComplete = random.chance(0.7)
      var truth: [StreamID: [Position]] = [:]
      var next: UInt64 = 0
      for stream in 0..<UInt64(random.number(below: 6)) {
        let count = UInt64(random.number(in: 1...6))
        truth[StreamID(stream)] = positions(Array(next..<next + count)).reversed()
        next += count
      }
      let census = StreamCensus(truth, isComplete: isComplete)
      var tails = StreamTails(census, streamsMax: streamsMax)
      // Of a stream that was not in an incomplete census nobody knows how it began.
      let named = Set(truth.keys)
      for _ in 0..<60 {
        let stream = StreamID(UInt64(random.number(below: 8)))
        let count = UInt64(random.number(in: 1...5))
        let new = Position(next)..<Position(next + count)
        next += count
        tails.note(new, of: stream)
        truth[stream] = new.reversed() + (truth[stream] ?? [])
        #expect(tails.count <= streamsMax)
        for number in 0..<9 as Range<UInt64> {
          let stream = StreamID(number)
          let all = truth[stream] ?? []
          guard let told = tails.last(of: stream) else {
            forgotten += 1
            #expect(all.first != new.last || all.count < 4 || count < 4)
            continue
          }
          #expect(told == Array(all.prefix(4)), "seed \(seed), stream \(stream)")
          #expect(isComplete || named.contains(stream) || told.count == 4)
        }
      }
    }
    #expect(forgotten > 0)
    #expect(StreamTails(.empty, streamsMax: streamsMax).last(of: StreamID(1)) == [])
  }

  @Test("R12: a stream is remembered until half as many others as there is room for were used")
  func eviction() {
    let streamsMax = 8
    for others in 0..<20 as Range<UInt64> {
      // The stream comes at every place in its generation.
      for before in 0..<4 as Range<UInt64> {
        var tails = StreamTails(.empty, streamsMax: streamsMax)
        for number in 0..<before {
          tails.note(Position(number)..<Position(number + 1), of: StreamID(100 + number))
        }
        tails.note(Position(50)..<Position(52), of: StreamID(1))
        for number in 0..<others {
          tails.note(Position(60 + number)..<Position(61 + number), of: StreamID(200 + number))
        }
        let told = tails.last(of: StreamID(1))
        #expect(told == positions([51, 50]) || told == nil && others > UInt64(streamsMax / 2))
        if others > UInt64(streamsMax) { #expect(told == nil) }
      }
    }
  }

  @Test("R12: with room for one stream the last one is remembered, and no other")
  func oneStream() {
    let census = StreamCensus([StreamID(1): positions([4, 2])], isComplete: true)
    var tails = StreamTails(census, streamsMax: 1)
    // Nothing was forgotten yet.
    #expect(tails.last(of: StreamID(1)) == positions([4, 2]))
    #expect(tails.last(of: StreamID(2)) == [])
    tails.note(Position(5)..<Position(6), of: StreamID(1))
    #expect(tails.last(of: StreamID(1)) == positions([5, 4, 2]))
    tails.note(Position(6)..<Position(7), of: StreamID(2))
    #expect(tails.count == 1)
    // It came before anything was forgotten, so this is all that it has.
    #expect(tails.last(of: StreamID(2)) == positions([6]))
    #expect(tails.last(of: StreamID(1)) == nil)
    #expect(tails.last(of: StreamID(3)) == nil)
    tails.note(Position(7)..<Position(8), of: StreamID(1))
    #expect(tails.last(of: StreamID(1)) == nil)
    tails.note(Position(8)..<Position(12), of: StreamID(1))
    #expect(tails.last(of: StreamID(1)) == positions([11, 10, 9, 8]))
    // Of two that a census names the one with the latest entry is kept.
    let two = StreamCensus(
      [StreamID(1): positions([9]), StreamID(2): positions([3])],
      isComplete: true
    )
    let begun = StreamTails(two, streamsMax: 1)
    #expect(begun.count == 1)
    #expect(begun.last(of: StreamID(1)) == positions([9]))
    #expect(begun.last(of: StreamID(2)) == nil)
  }

  @Test("R12: a stream that comes back after it was forgotten is unknown until it has four entries")
  func comesBack() {
    var tails = StreamTails(.empty, streamsMax: 2)
    tails.note(Position(0)..<Position(1), of: StreamID(1))
    tails.note(Position(1)..<Position(2), of: StreamID(2))
    tails.note(Position(2)..<Position(3), of: StreamID(3))
    #expect(tails.last(of: StreamID(1)) == nil)
    #expect(tails.last(of: StreamID(4)) == nil)
    for number in 3..<7 as Range<UInt64> {
      #expect(tails.last(of: StreamID(1)) == nil)
      tails.note(Position(number)..<Position(number + 1), of: StreamID(1))
    }
    #expect(tails.last(of: StreamID(1)) == positions([6, 5, 4, 3]))
  }

  @Test("Many streams are told apart, and counted, through two generations")
  func manyStreams() {
    let streamsMax = 1 << 15
    var tails = StreamTails(.empty, streamsMax: streamsMax)
    let each = UInt64(streamsMax / 2)
    // Far apart, and in a row besides.
    let stream = { (number: UInt64) in StreamID(number << 40 | number) }
    var wrong: [UInt64] = []
    for number in 0..<3 * each {
      tails.note(Position(number)..<Position(number + 1), of: stream(number))
      let count = number < 2 * each ? number + 1 : number + 1 - each
      if tails.count != Int(count) { wrong.append(number) }
    }
    for number in 0..<3 * each {
      // The first are forgotten. Of those that came then nobody knows whether they were among them.
      let told = (each...2 * each).contains(number) ? [Position(number)] : nil
      if tails.last(of: stream(number)) != told { wrong.append(number) }
    }
    #expect(wrong.isEmpty)
  }

  @Test("R12: of too many streams those with the latest entries are kept")
  func largeCensus() {
    let census = StreamCensus(
      Dictionary(uniqueKeysWithValues: (0..<100).map { (StreamID($0), [Position($0 * 3)]) }),
      isComplete: true
    )
    let tails = StreamTails(census, streamsMax: 10)
    #expect(tails.count == 10)
    #expect(tails.last(of: StreamID(99)) == [Position(297)])
    #expect(tails.last(of: StreamID(90)) == [Position(270)])
    #expect(tails.last(of: StreamID(89)) == nil)
    #expect(tails.last(of: StreamID(100)) == nil)
  }

  @Test("R12: a census of several is unknown where one of them cannot vouch")
  func merging() {
    let stream = StreamID(1)
    let other = StreamID(2)
    let one = StreamCensus([stream: positions([9, 1, 5, 3, 7])], isComplete: true)
    let two = StreamCensus(
      [stream: positions([8, 9, 2]), other: positions([4])],
      isComplete: true
    )
    let blind = StreamCensus([other: positions([6])], isComplete: false)
    #expect(one.last(of: stream) == positions([9, 7, 5, 3]))

    let both = StreamCensus.merged([one, two])
    #expect(both.isComplete)
    #expect(both.last(of: stream) == positions([9, 8, 7, 5]))
    #expect(both.last(of: other) == positions([4]))
    #expect(both.last(of: StreamID(3)) == [])

    let all = StreamCensus.merged([one, blind, two])
    #expect(!all.isComplete)
    #expect(all.last(of: stream) == nil)
    #expect(all.last(of: other) == positions([6, 4]))
    #expect(all.last(of: StreamID(3)) == nil)

    #expect(StreamCensus.merged([]).last(of: stream) == nil)
    #expect(StreamCensus.merged([both]) == both)
    // One that vouches for all but a stream makes that stream unknown, and no other.
    let doubtful = StreamCensus.merged([.empty, StreamCensus.unknown])
    #expect(doubtful.last(of: stream) == nil)
  }

  @Test("R12: half-written entries count, junk and what was trimmed do not")
  func whatCounts() {
    let stream = StreamID(1)
    // A unit names its data only; the head has an entry more than the tail of its chain.
    let head = ReplicaEnd(
      highest: Position(9),
      streams: StreamCensus([stream: positions([4, 6])], isComplete: true)
    )
    let tail = ReplicaEnd(
      highest: Position(9),
      streams: StreamCensus([stream: positions([4])], isComplete: true)
    )
    let end = ReignEnd(firstTail: .zero, replicas: [head, tail])
    #expect(end.streams.last(of: stream) == positions([6, 4]))
    #expect(Sequencer.firstTail(after: end) == Position(10))
  }
}
