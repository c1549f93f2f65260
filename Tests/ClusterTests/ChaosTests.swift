// Goal: 'corfu chaos' finds each promise that is broken, and breaks things. Method: logs by hand,
// each with one thing wrong; a short run is in ProgramTests.
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuStripeMirror
import Testing

@Suite struct ChaosTests {
  private let start = ContinuousClock.now

  private func entry(_ number: Int) -> ChaosEntry { ChaosEntry(writer: 7, number: number) }

  private func slot(_ number: Int) -> Slot {
    let mark = EntryMark(client: ClientID(high: 1, low: 1), sequence: UInt64(number))
    return .data(Entry(mark: mark, payload: Array("7 \(number)".utf8)))
  }

  /// Entries 0, 1, … acknowledged at 10, 11, …, each a second after the one before.
  private func record(_ count: Int) -> ChaosRecord {
    var record = ChaosRecord()
    record.acknowledged = (0..<count).map { number in
      let begin = start + .seconds(number)
      return .init(
        entry(number),
        at: Position(UInt64(10 + number)),
        during: begin..<begin + .milliseconds(500)
      )
    }
    return record
  }

  private func violations(_ slots: [Slot], _ record: ChaosRecord) -> [ChaosViolation] {
    ChaosJudge.violations(in: slots, from: Position(10), against: record)
  }

  @Test func aLogThatKeepsItsPromisesHasNothingWrong() {
    var record = record(3)
    record.doubtful = [entry(5), entry(6)]
    record.refused = [entry(8)]
    // A hole that was filled, and one of the two that nobody could say anything of.
    #expect(violations([slot(0), slot(1), slot(2), .junk, slot(6)], record) == [])
  }

  @Test func eachBrokenPromiseIsFound() {
    let record = record(2)
    let places = (Position(10), Position(11), Position(12))
    #expect(violations([slot(0), .junk], record) == [.lost(entry(1), places.1)])
    #expect(
      violations([slot(0), slot(1), slot(0)], record).contains(.twice(entry(0), places.0, places.2))
    )
    #expect(violations([slot(0), slot(1), slot(4)], record) == [.strange(places.2)])
    let foreign = Slot.data(
      Entry(mark: EntryMark(client: ClientID(high: 0, low: 0), sequence: 0), payload: [1])
    )
    #expect(violations([slot(0), slot(1), foreign], record) == [.strange(places.2)])
    #expect(
      violations([slot(0), .junk, slot(1)], record)
        == [.moved(entry(1), said: places.1, found: places.2)]
    )
    var refused = record
    refused.refused = [entry(3)]
    #expect(violations([slot(0), slot(1), slot(3)], refused) == [.refused(entry(3), places.2)])
  }

  @Test func orderIsThatOfTime() {
    var record = ChaosRecord()
    func note(_ number: Int, _ position: UInt64, _ begin: Int, _ end: Int) {
      let time = start + .seconds(begin)..<start + .seconds(end)
      record.acknowledged.append(.init(entry(number), at: Position(position), during: time))
    }
    // At the same time: either may come first.
    note(0, 11, 0, 10)
    note(1, 10, 5, 15)
    #expect(violations([slot(1), slot(0)], record) == [])
    // Number 2 begins when both are over, and stands between them and what came before.
    note(2, 12, 20, 30)
    #expect(violations([slot(1), slot(0), slot(2)], record) == [])
    record = ChaosRecord()
    note(0, 11, 0, 10)
    note(1, 10, 11, 15)
    #expect(
      violations([slot(1), slot(0)], record) == [.reordered(earlier: entry(0), later: entry(1))]
    )
  }

  @Test func everythingIsBrokenInTheEnd() {
    let processes = faults(with: ChaosMeans())
    #expect(processes.count == 4 * 3 + 1)
    let all = faults(with: ChaosMeans(hasCuts: true, hasCertificates: true))
    #expect(all.isSuperset(of: processes))
    let cuts = all.filter { if case .cut = $0 { true } else { false } }
    // A node from everybody, from nodes, from clients; and pairs, in both directions or one.
    #expect(cuts.count == 3 + 3 + 3 + 3 + 6)
    #expect(all.count == processes.count + cuts.count + 3)
    // Alone nobody is cut off.
    let nodes = [NodeID(1)]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<100 {
      let step = ChaosStep(of: nodes, with: ChaosMeans(hasCuts: true), using: &random)
      if case .cut = step.fault { Issue.record("\(step.fault)") }
    }
  }

  /// What is drawn when much is drawn.
  private func faults(with means: ChaosMeans) -> Set<ChaosFault> {
    var random = SystemRandomNumberGenerator()
    let nodes = (1...3).map { NodeID($0) }
    return Set(
      (0..<10_000).map { _ in ChaosStep(of: nodes, with: means, using: &random).fault }
    )
  }

  @Test func theReportSaysWhatWasBroken() {
    var report = ChaosReport()
    let faults: [ChaosFault] = [
      .kill(NodeID(1)), .cut(.node(NodeID(2))), .cut(.oneWay(from: NodeID(2), to: NodeID(1))),
      .renew(NodeID(3)), .wipe(NodeID(1)), .add, .stutter(NodeID(2)),
    ]
    for fault in faults { report.count(fault) }
    let begin = "0 rounds, 7 faults (2 partitions, 1 new certificates, 2 by operators), "
    #expect(report.summary.hasPrefix(begin))
    #expect(
      faults.map(\.description) == [
        "n1 is killed", "n2 is cut off", "n1 does not hear n2", "n3 gets a new certificate",
        "n1 loses its disk", "another node is added", "n2 gets on slowly",
      ]
    )
  }

  @Test func whatNodesDoNotGiveBackIsSaid() {
    let first = ChaosUsage(bytes: 40 << 20, descriptors: 30)
    let usages: [(ChaosUsage, Bool)] = [
      (first, false), (ChaosUsage(bytes: 144 << 20, descriptors: 92), false),
      (ChaosUsage(bytes: 145 << 20, descriptors: 30), true),
      (ChaosUsage(bytes: 40 << 20, descriptors: 93), true),
    ]
    for (last, isLeak) in usages {
      var report = ChaosReport()
      report.usage = (first, last)
      #expect(report.hasLeak == isLeak, "\(last)")
      #expect(report.summary.contains("not given back") == isLeak)
    }
    #expect(!ChaosReport().hasLeak)
  }
}
