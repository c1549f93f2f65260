// Goal: entries come in the order in which each writer sent them, else in the log's; none is left
// out or told twice, and few wait. Method: every order of a few entries of one to three writers,
// some of them missing, beside a definition that sorts; small limits; marks drawn by chance.
import CorfuGlobalLog
import CorfuSimulation
import Testing

@testable import CorfuRepl

@Suite struct WriterOrderTests {
  private func entry(_ writer: UInt64, _ number: UInt64, bytes: Int = 1) -> Entry {
    let mark = EntryMark(client: ClientID(high: 0, low: writer), sequence: number)
    return Entry(mark: mark, payload: [UInt8](repeating: 0x78, count: bytes))
  }

  private func entries(_ writer: UInt64, _ numbers: [UInt64]) -> [Entry] {
    numbers.map { entry(writer, $0) }
  }

  /// Takes what may be given out.
  private func take(_ order: inout WriterOrder) -> [Entry] {
    var taken: [Entry] = []
    while let entry = order.next() { taken.append(entry) }
    return taken
  }

  /// What comes of a log, and how many entries waited at most after each that came.
  private func ordered(
    _ log: [Entry],
    _ limits: WriterOrder.Limits = WriterOrder.Limits()
  ) -> (entries: [Entry], waitingMax: Int) {
    var order = WriterOrder(limits: limits)
    var given: [Entry] = []
    var waitingMax = 0
    for entry in log {
      order.add(entry)
      given += take(&order)
      waitingMax = max(waitingMax, order.entriesWaiting)
    }
    order.end()
    given += take(&order)
    #expect(order.entriesWaiting == 0)
    return (given, waitingMax)
  }

  /// The definition: an entry stands where the first one stands that its writer sent no earlier.
  private func defined(_ log: [Entry]) -> [Entry] {
    let keys = log.indices.map { index in
      let mark = log[index].mark
      let place = log.firstIndex {
        $0.mark.client == mark.client && $0.mark.sequence >= mark.sequence
      }
      return (place ?? index, mark.sequence)
    }
    return log.indices.sorted { keys[$0] < keys[$1] }.map { log[$0] }
  }

  /// All orders of some things.
  private func orders<Thing>(of things: [Thing]) -> [[Thing]] {
    guard let last = things.last else { return [[]] }
    return orders(of: Array(things.dropLast())).flatMap { order in
      (0...order.count).map { place in
        var longer = order
        longer.insert(last, at: place)
        return longer
      }
    }
  }

  @Test func everyOrderOfOneWriterIsPutRight() {
    let sent = entries(1, Array(0..<7))
    for log in orders(of: sent) { #expect(ordered(log).entries == sent, "\(log.map(\.mark))") }
  }

  @Test func everyOrderOfSeveralWritersIsAsDefined() {
    let crowds = [
      entries(1, [0, 1, 2]) + entries(2, [0, 1, 2]),
      entries(1, [0, 1, 2, 3]) + entries(2, [0, 1]),
      entries(1, [0, 1]) + entries(2, [0, 1]) + entries(3, [0, 1]),
    ]
    for crowd in crowds {
      for log in orders(of: crowd) {
        let given = ordered(log).entries
        #expect(given == defined(log), "\(log.map(\.mark))")
        for writer in Set(crowd.map(\.mark.client)) {
          let own = given.filter { $0.mark.client == writer }
          #expect(own == crowd.filter { $0.mark.client == writer }, "\(log.map(\.mark))")
        }
      }
    }
  }

  /// Numbers are missing that failed, were trimmed, or stand before what is read.
  @Test func whatIsMissingMovesNobodyElse() {
    for chosen in 1..<(1 << 6) {
      let numbers = (0..<6).filter { chosen >> $0 & 1 == 1 }.map { UInt64($0) }
      for some in orders(of: entries(1, numbers)) where numbers.count < 6 {
        for place in 0...some.count {
          var log = some
          log.insert(contentsOf: entries(2, [5, 4]), at: place)
          #expect(ordered(log).entries == defined(log), "\(log.map(\.mark))")
        }
      }
    }
  }

  @Test func whatIsInOrderNeverWaits() {
    let log = (UInt64(0)..<500).flatMap { [entry(1, $0), entry(2, $0 / 2 * 3 + $0 % 2)] }
    let alone = ordered(log.filter { $0.mark.client.low == 1 })
    #expect(alone.entries.count == 500 && alone.waitingMax == 0)
    // The second writer's numbers have gaps: others wait with it, and the order stays the log's.
    #expect(ordered(log).entries == log)
  }

  @Test func othersWaitWithAnEntryThatWaits() {
    var order = WriterOrder()
    order.add(entry(1, 1))
    order.add(entry(2, 0))
    order.add(entry(1, 2))
    var taken = take(&order)
    #expect(taken == [])
    order.add(entry(1, 0))
    taken = take(&order)
    #expect(taken == [entry(1, 0), entry(1, 1), entry(2, 0), entry(1, 2)])
    #expect(order.entriesWaiting == 0)
  }

  @Test func whatIsTooFarBackIsGivenUp() {
    var order = WriterOrder(limits: .init(distanceMax: 3))
    for number: UInt64 in [0, 1, 3, 4] { order.add(entry(1, number)) }
    var taken = take(&order)
    #expect(taken == entries(1, [0, 1]))
    order.add(entry(1, 5))
    taken = take(&order)
    #expect(taken == entries(1, [3, 4, 5]))
    // Too late: it stays where it is.
    order.add(entry(1, 2))
    taken = take(&order)
    #expect(taken == entries(1, [2]))
    // Only what is too far back is given up.
    for number: UInt64 in [8, 9] { order.add(entry(1, number)) }
    taken = take(&order)
    #expect(taken == [])
    order.add(entry(1, 7))
    taken = take(&order)
    #expect(taken == entries(1, [7, 8, 9]))
  }

  @Test(arguments: 1...6) func whateverIsCloseEnoughIsPutRight(distance: UInt64) {
    let sent = entries(1, Array(0..<6))
    var putRight = 0
    for log in orders(of: sent) {
      let given = ordered(log, .init(distanceMax: distance)).entries
      #expect(given.sorted { $0.mark.sequence < $1.mark.sequence } == sent)
      var highest: UInt64 = 0
      var isClose = true
      for number in log.map(\.mark.sequence) {
        // When the highest one came, this was missing.
        if number < highest, highest - number >= distance { isClose = false }
        highest = max(highest, number)
      }
      if isClose {
        putRight += 1
        #expect(given == sent, "\(log.map(\.mark))")
      }
    }
    // One order only if nothing may be missing, all of them if everything may.
    #expect(distance > 1 || putRight == 1)
    #expect(distance < 6 || putRight == 720)
  }

  @Test func noMoreWaitThanMay() {
    let sent = entries(1, Array(0..<6))
    for log in orders(of: sent) {
      for limits in [
        WriterOrder.Limits(entriesMax: 2), .init(bytesMax: 2), .init(entriesMax: 0),
      ] {
        let given = ordered(log, limits)
        #expect(given.entries.sorted { $0.mark.sequence < $1.mark.sequence } == sent)
        #expect(given.waitingMax <= min(limits.entriesMax, limits.bytesMax), "\(log.map(\.mark))")
      }
    }
    // Nothing waits: what comes late stays late.
    let backwards = Array(sent.reversed())
    #expect(ordered(backwards, .init(entriesMax: 0)).entries == backwards)
    // One is given up, and all that waited for nothing else goes with it.
    let log = entries(1, [1, 2]) + [entry(2, 1, bytes: 5)] + entries(2, [0])
    #expect(
      ordered(log, .init(bytesMax: 6)).entries.map(\.mark)
        == (entries(1, [1, 2]) + entries(2, [0, 1])).map(\.mark)
    )
  }

  @Test func whateverMarksAreNothingIsLeftOut() {
    var random = SeededGenerator(seed: 21)
    let odd: [UInt64] = [0, 1, 2, 3, 9, .max - 3, .max - 2, .max - 1, .max]
    for _ in 0..<3000 {
      let log = (0..<random.number(in: 0...12)).map { index in
        // Each has a size of its own, and marks may be double.
        entry(UInt64(random.number(below: 2)), odd[random.number(below: odd.count)], bytes: index)
      }
      var limits = WriterOrder.Limits()
      if random.chance(0.5) { limits.distanceMax = UInt64(random.number(in: 1...4)) }
      if random.chance(0.3) { limits.entriesMax = random.number(below: 5) }
      let given = ordered(log, limits)
      #expect(given.entries.map(\.payload.count).sorted() == Array(log.indices))
      #expect(given.waitingMax <= limits.entriesMax)
    }
  }

  @Test func aReaderThatBeginsInTheMiddleWaitsForLittle() {
    let sent = entries(1, Array(100_000..<110_000))
    let given = ordered(sent)
    #expect(given.entries == sent)
    // As nobody knows that those before are not on their way.
    #expect(given.waitingMax < 4096)
    // What changed places at the beginning is put right all the same.
    var swapped = sent
    swapped.swapAt(0, 1000)
    #expect(ordered(swapped).entries == sent)
  }

  @Test func aBatchOfLinesIsWithinTheLimits() {
    let limits = WriterOrder.Limits()
    #expect(Interpreter.batchLinesMax < limits.distanceMax)
    #expect(Interpreter.batchBytesMax + Entry.payloadBytesMaxDefault < limits.bytesMax)
  }
}
