// Goal: how far a copy is behind is told as it is, as old as it is or a little older; an alarm goes
// off once, after a while, and its end is told once. Method: scripts of looks and moments.
@testable import CorfuCluster
import CorfuGlobalLog
import Testing

@Suite struct MirrorLagTests {
  private func position(_ number: Int) -> Position { Position(UInt64(number)) }

  private func lag(_ positions: Int, age: Duration = .zero) -> MirrorLag {
    MirrorLag(copied: .zero, end: position(positions), age: age)
  }

  // MARK: - How old a copy is

  @Test func aCopyThatHasAllIsAsOldAsTheLastLook() {
    var history = EndHistory()
    #expect(history.lag(of: .zero, at: .zero) == nil)
    history.note(position(10), at: .seconds(1))
    let there = MirrorLag(copied: position(10), end: position(10))
    #expect(history.lag(of: position(10), at: .seconds(1)) == there)
    #expect(there.positions == 0)
    // The log does not answer any more: what it has had since nobody knows.
    let silent = history.lag(of: position(10), at: .seconds(4))
    #expect(silent?.age == .seconds(3))
    #expect(silent?.silence == .seconds(3))
    // The same end once more.
    history.note(position(10), at: .seconds(5))
    #expect(history.lag(of: position(10), at: .seconds(5)) == there)
  }

  @Test func aCopyIsAsOldAsTheLogThatItHas() {
    var history = EndHistory()
    for second in 1...5 { history.note(position(10 * second), at: .seconds(second)) }
    let behind = history.lag(of: position(34), at: .seconds(6))
    #expect(behind?.positions == 16)
    // All that there was at 3 s, and not all that there was at 4 s.
    #expect(behind?.age == .seconds(3))
    #expect(behind?.isAgeKnown == true)
    #expect(behind?.silence == .seconds(1))
    #expect(history.lag(of: position(50), at: .seconds(6))?.age == .seconds(1))
  }

  @Test func aCopyThatNeverHadAllIsOlderThanTheFirstLook() {
    var history = EndHistory()
    history.note(position(100), at: .zero)
    history.note(position(100), at: .seconds(1))
    #expect(history.lag(of: .zero, at: .seconds(1))?.age == .seconds(1))
    history.note(position(150), at: .seconds(2))
    let behind = history.lag(of: position(20), at: .seconds(3))
    #expect(behind?.isAgeKnown == false)
    #expect(behind?.age == .seconds(3))
    #expect(history.lag(of: position(100), at: .seconds(4))?.isAgeKnown == true)
  }

  @Test func anEndThatIsLowerIsTheEnd() {
    var history = EndHistory()
    history.note(position(4), at: .zero)
    history.note(position(10), at: .seconds(1))
    // What the sequencer before had handed out was never written.
    history.note(position(8), at: .seconds(2))
    #expect(history.end == position(8))
    var copy = history
    let whole = MirrorLag(copied: position(8), end: position(8))
    #expect(copy.lag(of: position(8), at: .seconds(2)) == whole)
    #expect(history.lag(of: position(7), at: .seconds(3))?.age == .seconds(3))
  }

  @Test("However long a copy stands still, little is kept, and its age is never told too low")
  func agesStayGood() {
    var history = EndHistory()
    for second in 0...6000 {
      history.note(position(second), at: .seconds(second))
      guard second % 97 == 0 else { continue }
      for behind in [1, 2, 5, 60, 1000, 5000] where behind <= second {
        var copy = history
        let age = copy.lag(of: position(second - behind), at: .seconds(second))?.age ?? .zero
        #expect(age >= .seconds(behind), "\(behind) s behind at \(second) s")
        #expect(age <= .seconds(behind + behind / 4), "\(behind) s behind at \(second) s")
      }
    }
  }

  // MARK: - Alarms

  private func watch(_ change: (inout LagLimits) -> Void) -> LagWatch {
    var limits = LagLimits()
    change(&limits)
    return LagWatch(limits)
  }

  @Test func anAlarmIsToldOnceAndSoIsItsEnd() {
    var watch = watch { $0.positionsMax = 100 }
    #expect(watch.note(lag(100), at: .seconds(0)) == nil)
    #expect(watch.note(lag(101), at: .seconds(1)) == nil)
    #expect(watch.note(lag(500), at: .seconds(5)) == nil)
    #expect(!watch.isAlarmed)
    #expect(watch.note(lag(300), at: .seconds(6)) == .exceeded(lag(300), lasting: .seconds(5)))
    #expect(watch.isAlarmed)
    #expect(watch.note(lag(300), at: .seconds(600)) == nil)
    #expect(watch.note(lag(50), at: .seconds(601)) == nil)
    #expect(watch.note(lag(20), at: .seconds(605)) == nil)
    #expect(watch.note(lag(10), at: .seconds(606)) == .recovered(lag(10), after: .seconds(600)))
    #expect(!watch.isAlarmed)
    #expect(watch.note(lag(10), at: .seconds(700)) == nil)
  }

  @Test func whatGoesToAndFroIsNotTold() {
    var watch = watch { $0.positionsMax = 100 }
    for second in 0..<60 {
      let event = watch.note(lag(second % 4 == 0 ? 0 : 1000), at: .seconds(second))
      #expect(event == nil, "\(second)")
    }
    for second in 60...65 { _ = watch.note(lag(1000), at: .seconds(second)) }
    #expect(watch.isAlarmed)
    for second in 66..<120 {
      let event = watch.note(lag(second % 4 == 0 ? 1000 : 0), at: .seconds(second))
      #expect(event == nil, "\(second)")
    }
  }

  @Test func timeCountsAsPositionsDo() {
    var watch = watch { limits in
      limits.ageMax = .seconds(2)
      limits.patience = .zero
    }
    #expect(watch.note(lag(1_000_000, age: .seconds(2)), at: .zero) == nil)
    let late = lag(1, age: .seconds(3))
    #expect(watch.note(late, at: .seconds(1)) == .exceeded(late, lasting: .zero))
  }

  @Test func whoSetsNoLimitHearsNothing() {
    var watch = watch { _ in }
    for second in 0..<20 {
      let far = lag(1 << 40, age: .seconds(1 << 20))
      #expect(watch.note(far, at: .seconds(second)) == nil)
    }
  }

  // MARK: - Words

  @Test func lagsAreSaidInWords() {
    var lag = MirrorLag(copied: position(1200), end: position(1234), age: .milliseconds(420))
    #expect("\(lag)" == "copied up to 1200, 34 positions and 0.4 s behind")
    lag.isAgeKnown = false
    lag.age = .seconds(72)
    #expect("\(lag)" == "copied up to 1200, 34 positions and more than 72 s behind")
    lag.end = position(1201)
    lag.isAgeKnown = true
    lag.silence = .seconds(4)
    #expect(
      "\(lag)" == "copied up to 1200, 1 position and 72 s behind; the log has not said for 4.0 s "
        + "where it ends"
    )
    let whole = MirrorLag(copied: position(7), end: position(7))
    #expect("\(whole)" == "copied up to 7, nothing behind")
    #expect(
      "\(LagWatch.Event.exceeded(lag, lasting: .seconds(5)))".hasPrefix(
        "warning: the copy has been too far behind for 5.0 s: copied up to 1200, 1 position"
      )
    )
    #expect(
      "\(LagWatch.Event.recovered(whole, after: .seconds(61)))"
        == "the copy is near enough again, after 61 s: copied up to 7, nothing behind"
    )
  }

  // MARK: - Metrics

  @Test func whatAMirrorShowsIsInTheCatalogue() async {
    let meters = MirrorMeters()
    // Of a lag that nobody knows nothing is said.
    let names = { Set(meters.families.map(\.name)) }
    let counters: Set = [
      "corfu_start_time_seconds", "corfu_mirror_entries_total", "corfu_mirror_failures_total",
    ]
    #expect(names() == counters)
    var lag = MirrorLag(copied: position(7), end: position(12), age: .milliseconds(2500))
    lag.silence = .seconds(1)
    meters.note(lag, isTooFar: true)
    let mark = EntryMark(client: ClientID(high: 1, low: 1), sequence: 0)
    let entry = Slot.data(Entry(mark: mark, payload: [1]))
    meters.note(copied: [entry, .junk, .trimmed, entry])
    meters.noteFailure(of: .copy)
    #expect(names() == Set(MetricCatalogue.mirror.map(\.name)).union(counters))
    let text = await meters.metrics()
    for line in [
      "copied_position 7", "end_position 12", "lag_positions 5", "lag_seconds 2.5",
      "silence_seconds 1", "too_far 1", "entries_total 2", "failures_total{side=\"log\"} 0",
      "failures_total{side=\"copy\"} 1",
    ] {
      #expect(text.contains("\ncorfu_mirror_\(line)\n"), "\(line)")
    }
    let trouble = await meters.unreadiness()
    #expect(trouble?.hasPrefix("the copy is too far behind: copied up to 7") == true)
    meters.note(lag, isTooFar: false)
    #expect(await meters.unreadiness() == nil)
  }

  // MARK: - How much is read at once

  @Test func largeEntriesAreReadInFewerPositions() {
    let mark = EntryMark(client: ClientID(high: 1, low: 1), sequence: 0)
    func slots(of bytes: Int) -> [Slot] {
      [.junk, .data(Entry(mark: mark, payload: [UInt8](repeating: 0, count: bytes))), .trimmed]
    }
    var size = CopySize()
    let first = size.count
    #expect(first * Entry.payloadBytesMaxDefault <= 2 * CopySize.bytesMax)
    for _ in 0..<10 { size.learn(from: slots(of: 100)) }
    #expect(size.count == CopySize.countMax)
    size.learn(from: slots(of: 1 << 20))
    #expect(size.count == CopySize.bytesMax >> 20)
    size.learn(from: slots(of: 64 << 20))
    #expect(size.count == 1)
    size.learn(from: [])
    #expect(size.count == 2)
  }
}
