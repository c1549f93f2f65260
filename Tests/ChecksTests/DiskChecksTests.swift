// Goal: the checks of a record's bytes and of torn tails pass ours, and tell what is wrong with
// others.
// Method: ours and a few wrong parts, each against all checks of its exercise.
import CorfuChecks
import CorfuGlobalLog
import Testing

@Suite struct DiskChecksTests {
  private func failing(_ checks: [Check], seeds: Range<UInt64> = 1..<30) -> [String: String] {
    var failing: [String: String] = [:]
    for check in checks {
      do throws(SeedFailure) {
        try check.run(seeds: seeds)
      } catch {
        failing[check.id] = error.failure.finding
      }
    }
    return failing
  }

  @Test("Ours pass")
  func ours() {
    #expect(failing(RecordCodingChecks<RecordCodec>().checks) == [:])
    #expect(failing(TailJudgingChecks<TailJudge>().checks) == [:])
    #expect(failing(TailBreakingChecks<TailBreaker>().checks) == [:])
    #expect(failing(ReadSizingChecks<ReadWindow>().checks) == [:])
  }

  @Test("Reading each record by itself is right, and over the budget; so is reading much anywhere")
  func dearReads() {
    let single = failing(ReadSizingChecks<SingleReads>().checks)
    #expect(Array(single.keys) == ["1.5.2"])
    #expect(single["1.5.2"]?.contains("reads, and the budget is") == true)
    let greedy = failing(ReadSizingChecks<GreedyReads>().checks)
    #expect(Array(greedy.keys) == ["1.5.3"])
    #expect(greedy["1.5.3"]?.contains("bytes, and the budget is") == true)
  }

  @Test("What reading cost is told, and is within both budgets; a seed repeats")
  func costsAreTold() throws {
    for check in ReadSizingChecks<ReadWindow>().checks.dropFirst() {
      var costs: [Cost] = []
      try check.run(seeds: 1..<31, onCost: { costs.append($0) })
      #expect(costs.count == 30)
      #expect(costs.allSatisfy { $0.count > 0 && $0.isWithinBudget })
      #expect(try check.run(seed: 7) == check.run(seed: 7))
    }
  }

  @Test("A codec that writes nothing and recognises nothing fails all that wants something")
  func silent() {
    let failing = failing(RecordCodingChecks<SilentCodec>().checks)
    #expect(failing["1.1.1"] == "0 bytes were appended; a header has 96")
    #expect(failing["1.1.3"] == "a header stands there, and was not recognised")
    #expect(failing["1.1.4"] == nil)
  }

  @Test("A judge that sees nothing is told what it forgets")
  func blind() {
    let failing = failing(TailJudgingChecks<BlindJudge>().checks)
    #expect(failing["1.2.1"]?.contains("the next record should go to") == true)
    #expect(failing["1.2.2"]?.contains("it would read as empty") == true)
    #expect(failing["1.2.3"] != nil)
  }

  @Test("A record that nobody was promised, or that is not there, breaks nothing")
  func harmless() {
    let expected = [
      "1.4.1": "position 1 reads as empty, and nobody was promised it: no harm was done"
    ]
    #expect(failing(TailBreakingChecks<UnpromisedScript>().checks, seeds: 1..<2) == expected)
    let missing = "there is no record at position 0"
    #expect(
      failing(TailBreakingChecks<EmptyScript>().checks, seeds: 1..<2)
        == ["1.4.1": missing, "1.4.2": missing]
    )
  }
}

/// Reads as much as it may, wherever it is.
private struct GreedyReads: ReadSizing {
  init(sideBySide: Bool) {}

  mutating func records(from record: FilePiece, after last: FilePiece?, left: Int) -> Int {
    max(1, min(left, ReadWindow.bytesMax / record.byteCount))
  }
}

private enum SilentCodec: RecordCoding {
  static func encode(_: RecordHeader, into _: inout [UInt8]) {}
  static func decode(_: RawSpan, at _: Int) -> RecordHeader? { nil }
}

private enum BlindJudge: TailJudging {
  static func judge(_: [SegmentLandmark], durable _: Int, byteCount _: Int) -> TailVerdict {
    TailVerdict()
  }
}

private enum UnpromisedScript: TailBreaking {
  static var script: [DiskStep] { [.append, .write, .spoil(1), .powerCut] }
}

private enum EmptyScript: TailBreaking {
  static var script: [DiskStep] { [.spoil(0), .powerCut] }
}
