import CorfuGlobalLog
import CorfuStripeMirror
import Foundation
import Testing

@testable import CorfuBench

// Goal: what chapter 6 measures is what its text says. Method: layouts are computed, so they are
// judged; of the rest tiny sizes run, and what is judged is what is the same at every speed:
// messages and syncs.

@Suite struct LayoutSizeTests {
  private let model = LayoutModel(stripes: 4)

  @Test func whatIsRebuiltLeavesOneOrTwoSpans() throws {
    for gigabytes in [100, 10] {
      let layout = try model.life(failingEvery: gigabytes * 1_000_000_000, isRebuilt: true)
      #expect(layout.spans.count == 1)
      #expect(layout.epoch == Epoch(UInt64(1 + 2 * 1000 / gigabytes)))
      try layout.validate()
    }
  }

  @Test func whatIsNeverRebuiltLeavesASpanForEachChain() throws {
    // Who dies goes from all spans, so those before its predecessor's death become one.
    let layout = try model.life(failingEvery: 10_000_000_000, isRebuilt: false)
    #expect((2...5).contains(layout.spans.count))
    try layout.validate()
  }

  @Test func remappingTakesTensOfKilobytesPerTerabyte() throws {
    let layout = model.remapped(rangeBytes: 1 << 30, sets: 2, isHalved: false)
    try layout.validate()
    #expect((5_000..<50_000).contains(layout.encoded().count))
    #expect(try Layout(decoding: layout.encoded()) == layout)
  }

  @Test(
    "Halved ranges hold a terabyte together",
    arguments: [1 << 30, 64 << 20, 8 << 20]
  )
  func halvedRanges(bytes: Int) {
    // As many of each age: half of the space is in whole ranges.
    let ages = (bytes / 4096).trailingZeroBitCount + 1
    let count = model.ranges(rangeBytes: bytes, isHalved: true)
    let expected = Double(LayoutModel.terabyte) / Double(2 * bytes) * Double(ages)
    #expect(abs(Double(count) - expected) < 0.01 * expected + 2 * Double(ages))
  }

  @Test func atWorstALayoutStaysBelowItsBound() {
    let layout = model.remapped(rangeBytes: 64 << 20, sets: 8, isHalved: true)
    #expect(layout.spans.count == model.ranges(rangeBytes: 64 << 20, isHalved: true))
    #expect(layout.encoded().count < 25_000_000)
  }
}

@Suite struct AppendGapTests {
  @Test func theLongestGapCountsFromTheBeginningAndToTheEnd() {
    var gaps = AppendGaps(at: .milliseconds(100))
    gaps.acknowledge(at: .milliseconds(150), after: .milliseconds(20))
    #expect(gaps.longest == .milliseconds(50))
    gaps.acknowledge(at: .milliseconds(160), after: .milliseconds(90))
    #expect(gaps.longest == .milliseconds(50))
    #expect(gaps.slowest == .milliseconds(90))
    gaps.pass(to: .milliseconds(300))
    #expect(gaps.longest == .milliseconds(140))
  }

  @Test func whoTellsLateMakesNoGap() {
    var gaps = AppendGaps(at: .zero)
    gaps.acknowledge(at: .milliseconds(20), after: .zero)
    gaps.acknowledge(at: .milliseconds(10), after: .zero)
    gaps.acknowledge(at: .milliseconds(30), after: .zero)
    #expect(gaps.longest == .milliseconds(20))
  }
}

/// Hands a folder to `body`, in a parent of its own: other benchmarks' folders have the same name.
private func inFolder<Result>(_ body: (BenchFolder) async throws -> Result) async throws -> Result {
  let parent = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
  defer { _ = rmdir(parent) }
  return try await BenchFolder.with(in: parent, body)
}

private let brief = Rounds(count: 1, duration: .milliseconds(20))

@Suite(.serialized) struct ConfigurationBenchTests {
  @Test func agreeingOnEveryEntryIsCounted() async throws {
    var sizes = PaxosBench.Sizes()
    (sizes.clients, sizes.rivals, sizes.batched) = (4, 2, 8)
    let report = try await inFolder {
      try await PaxosBench(in: $0, rounds: brief, sizes: sizes).run()
    }
    let alone = try #require(report.sections.first { $0.title.hasPrefix("1 client,") }).figures
    let values = Dictionary(uniqueKeysWithValues: alone.map { ($0.name, $0.value) })
    #expect(values["paxos, both phases, messages per entry"] == 12)
    #expect(values["paxos, stable leader, messages per entry"] == 8)
    #expect(values["token, chain of 2, messages per entry"] == 6)
    #expect(values["token, chain of 3, messages per entry"] == 8)
    // The third acceptor may be a little behind, and answer two questions with one sync.
    #expect((4...6).contains(values["paxos, both phases, syncs per entry"] ?? 0))
    // The next segment may be prepared meanwhile.
    #expect(values["token, chain of 2, syncs per entry"] ?? 0 >= 2)
    #expect(report.figures.allSatisfy { $0.value.isFinite })
  }

  @Test func theLayoutChangesForEveryReason() async throws {
    let report = try await inFolder {
      try await ReconfigurationBench(in: $0, rounds: brief, units: [4], streams: [300]).run()
    }
    let changes = report.sections[1].figures
    #expect(changes.count == 9)
    let streams = report.sections[2].figures
    #expect(streams.count == 3)
    #expect((changes + streams).allSatisfy { $0.value > 0 && $0.value.isFinite })
  }
}
