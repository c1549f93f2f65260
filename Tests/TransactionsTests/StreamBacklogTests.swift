import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import Testing

@testable import CorfuTransactions

/// Goal: whatever room there is, a backlog hands over all that its streams have got, in order and
/// each position once, holds little, and looks at little more than once at each (R31).
///
/// Method: streams drawn from seeds, that share entries, lose some and have pointers that nobody
/// knew; walks along them with room for none, for a few and for all.
@Suite("Backlogs of streams")
struct StreamBacklogTests {
  /// A log of some streams.
  private struct Drawn {
    var slots: [Slot] = []
    /// How the next entry of each stream would be linked.
    var links: [StreamLink]
    /// Where the streams' entries stand.
    var entries: [Position] = []
  }

  /// Draws a log.
  ///
  /// - Parameters:
  ///   - count: How many positions it has.
  ///   - shares: For each stream, of how many positions one is its own, on average.
  ///   - seed: What it is drawn from.
  ///   - isWhole: Whether everything is written, and all pointers are known.
  /// - Returns: The log.
  private func drawn(
    _ count: Int,
    shares: [Int],
    from seed: UInt64,
    isWhole: Bool = false
  ) -> Drawn {
    var random = SeededGenerator(seed: seed)
    var recent = [[Position]](repeating: [], count: shares.count)
    let ids = shares.indices.map { StreamID(UInt64($0) + 2) }
    var log = Drawn(links: ids.map { StreamLink(stream: $0, previous: []) })
    for number in 0..<count {
      let position = Position(UInt64(number))
      let own = shares.indices.filter { random.number(below: shares[$0]) == 0 }
      let mark = EntryMark(client: ClientID(high: 0, low: 1), sequence: UInt64(number))
      let entry = Entry(mark: mark, streams: own.map { log.links[$0] }, payload: [])
      let fate = isWhole ? 9 : random.number(below: 10)
      log.slots.append(fate == 0 ? .junk : fate == 1 ? .trimmed : .data(entry))
      if fate > 1 && !own.isEmpty { log.entries.append(position) }
      for index in own {
        let wasKnown = log.links[index].previous != nil
        recent[index] = Array(([position] + recent[index]).prefix(4))
        let isKnown = wasKnown || recent[index].count == 4
        log.links[index] = StreamLink(stream: ids[index], previous: isKnown ? recent[index] : nil)
      }
      if !isWhole && random.number(below: 60) == 0 {
        let index = random.number(below: shares.count)
        recent[index] = []
        log.links[index] = StreamLink(stream: ids[index], previous: nil)
      }
    }
    return log
  }

  /// What came of walking along all streams.
  private struct Outcome {
    var found: [Position] = []
    /// How many positions were looked at, each as often as it was.
    var looks = 0
    var parts = 0
    var countMax = 0
    var landmarksMax = 0
  }

  private func walk(_ log: Drawn, from begin: Int = 0, positionsMax: Int) -> Outcome {
    let range = Position(UInt64(begin))..<Position(UInt64(log.slots.count))
    var backlog = StreamBacklog<StreamWalk>(
      along: log.links.map { ($0, range) },
      positionsMax: positionsMax
    )
    var outcome = Outcome()
    repeat {
      let before = backlog.begin
      backlog.resume()
      while true {
        let wanted = backlog.wanted
        if wanted.allSatisfy(\.isEmpty) { break }
        for (index, places) in wanted.enumerated() where !places.isEmpty {
          backlog.take(places.map { log.slots[Int($0.number)] }, at: places, of: index)
          outcome.looks += places.count
        }
        outcome.landmarksMax = max(outcome.landmarksMax, backlog.landmarkCount)
      }
      let part = backlog.takeReady().found
      #expect(part.allSatisfy { $0 >= before && $0 < backlog.begin })
      outcome.found += part
      outcome.parts += 1
    } while !backlog.isOver && outcome.parts <= log.slots.count
    #expect(backlog.count == 0)
    outcome.countMax = backlog.countMax
    return outcome
  }

  /// How much may be held: a little more than was allowed, as each stream needs some.
  private func bound(_ positionsMax: Int, streams: Int, step: Int) -> Int {
    positionsMax + streams * (max(4, positionsMax / (4 * streams)) + step)
  }

  @Test("R31: with any room it hands over what there is, in order", arguments: 0..<24)
  func anyRoom(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let shares = (0...random.number(below: 4)).map { _ in random.number(in: 1...12) }
    let log = drawn(50 + random.number(below: 600), shares: shares, from: seed)
    for begin in [0, random.number(below: log.slots.count)] {
      let entries = log.entries.filter { $0 >= Position(UInt64(begin)) }
      let all = walk(log, from: begin, positionsMax: .max)
      #expect(all.found == entries)
      #expect(all.parts == 1 && all.landmarksMax == 0)
      for positionsMax in [0, 1, 10, 64, 300] {
        let outcome = walk(log, from: begin, positionsMax: positionsMax)
        #expect(outcome.found == entries, "with room for \(positionsMax)")
        // Where no pointer leads on, a step may find more than a stride does.
        let most = bound(positionsMax, streams: shares.count, step: StreamWalk.scanMax)
        #expect(outcome.countMax <= most, "with room for \(positionsMax)")
      }
    }
  }

  @Test("What fits is found in one walk, and what does not with one look more")
  func looks() {
    let log = drawn(20_000, shares: [1], from: 1, isWhole: true)
    let all = walk(log, positionsMax: 20_000)
    #expect(all.looks == 20_000 && all.parts == 1 && all.countMax == 20_000)
    let some = walk(log, positionsMax: 4000)
    #expect(some.found == log.entries)
    #expect(some.countMax <= bound(4000, streams: 1, step: 4))
    #expect(some.looks < 2 * 20_000 + 100)
    #expect(some.parts > 3)
  }

  @Test("However long it is, little of it is held", arguments: [1, 3])
  func long(streams: Int) {
    // Streams of about the same length, and one that has hardly anything.
    let shares = (0..<streams).map { 2 + $0 } + [2000]
    let log = drawn(16_000, shares: shares, from: 2, isWhole: true)
    for positionsMax in [32, 128] {
      let outcome = walk(log, positionsMax: positionsMax)
      #expect(outcome.found == log.entries)
      #expect(outcome.countMax <= bound(positionsMax, streams: shares.count, step: 4))
      // Of each part a landmark would be more than that.
      #expect(outcome.parts > 60)
      #expect(outcome.landmarksMax < 15 * shares.count, "\(outcome.landmarksMax)")
      #expect(outcome.looks < 10 * log.entries.count, "\(outcome.looks)")
    }
  }

  @Test("What was trimmed between two walks is told with the part that misses it")
  func trimmedMeanwhile() {
    var log = drawn(400, shares: [1], from: 3, isWhole: true)
    let range = Position.zero..<Position(400)
    var backlog = StreamBacklog<StreamWalk>(along: [(log.links[0], range)], positionsMax: 16)
    var gaps: [StreamGap] = []
    var found: [Position] = []
    repeat {
      backlog.resume()
      while let places = backlog.wanted.first, !places.isEmpty {
        backlog.take(places.map { log.slots[Int($0.number)] }, at: places, of: 0)
      }
      let part = backlog.takeReady()
      found += part.found
      gaps += part.gaps
      if log.slots[200] != .trimmed {
        #expect(part.gaps.isEmpty && backlog.begin < Position(200))
        log.slots[200] = .trimmed
      }
    } while !backlog.isOver
    #expect(found == log.entries.filter { $0 != Position(200) })
    #expect(gaps.contains { $0.place == Position(200) && $0.isCertain })
  }
}
