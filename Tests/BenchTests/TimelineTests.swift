import Testing

@testable import CorfuBench

// Goal: how long a death is felt is told right. Method: timelines written by hand.

private func timeline(
  _ before: [Int],
  _ after: [Int],
  outage: Duration = .milliseconds(30)
) -> Timeline {
  Timeline(
    victim: "a unit",
    width: .milliseconds(10),
    counts: before + after,
    death: before.count,
    outage: outage
  )
}

private let usual = [Int](repeating: 100, count: 20)

@Suite struct TimelineTests {
  @Test func usualIsWhatWasBeforeTheDeath() {
    #expect(timeline([90, 110, 100, 100], [0, 0, 7]).usual == 10_000)
    #expect(timeline([], [5]).usual == 0)
  }

  @Test func recoveryBeginsWhereTenStretchesTogetherAreNineTenthsAsFast() {
    // The 50 ms without any, then 20 ms that are too slow for any window that has them both.
    let slow = [40] + [Int](repeating: 0, count: 5) + [10, 20] + [Int](repeating: 95, count: 12)
    #expect(timeline(usual, slow).recovery == .milliseconds(80))
    // One stretch that is a little slower than nine tenths does not keep it from having recovered.
    let uneven = [0, 0, 80] + [Int](repeating: 96, count: 12)
    #expect(timeline(usual, uneven).recovery == .milliseconds(20))
  }

  @Test func theEndOfTheLongestSilenceCounts() {
    // It was as fast as before for a moment, and stopped again for longer.
    let twice = [0] + [Int](repeating: 100, count: 12) + [0, 0, 0]
    #expect(timeline(usual, twice).recovery == nil)
    let again = twice + [Int](repeating: 100, count: 10)
    #expect(timeline(usual, again).recovery == .milliseconds(160))
  }

  @Test func withoutASilenceItIsThereAtOnce() {
    #expect(timeline(usual, usual).recovery == .zero)
  }

  @Test func nothingComesBackWhereNothingWas() {
    #expect(timeline([0, 0], usual).recovery == nil)
    #expect(timeline([], usual).recovery == nil)
    #expect(timeline(usual, [0, 0, 0]).recovery == nil)
  }

  @Test func aPictureHasTheDeathAtZero() {
    let after = [Int](repeating: 0, count: 30) + [Int](repeating: 100, count: 40)
    let plot = timeline(usual, after).plot(named: "outage-unit")
    #expect(plot.name == "outage-unit")
    #expect(plot.drawing.xLabels[20] == "0")
    #expect(plot.drawing.xLabels[21] == "")
    #expect(plot.drawing.xLabels.filter { !$0.isEmpty } == ["-200", "0", "200", "400", "600"])
    #expect(plot.drawing.lines.first?.values.first == 10_000)
    let marks = [LinePlot.Mark("killed", at: 20), LinePlot.Mark("90 % again", at: 50)]
    #expect(plot.drawing.marks == marks)
  }
}

@Suite struct AppendBucketTests {
  @Test func stretchesThatAreOverAreCounted() {
    var buckets = AppendBuckets(of: .milliseconds(10), from: .milliseconds(100))
    buckets.acknowledge(at: .milliseconds(99))
    buckets.acknowledge(at: .milliseconds(100))
    buckets.acknowledge(at: .milliseconds(109))
    buckets.acknowledge(at: .milliseconds(131))
    #expect(buckets.place(of: .milliseconds(99)) == nil)
    #expect(buckets.place(of: .milliseconds(131)) == 3)
    #expect(buckets.counts(at: .milliseconds(139)) == [2, 0, 0])
    #expect(buckets.counts(at: .milliseconds(160)) == [2, 0, 0, 1, 0, 0])
    #expect(buckets.counts(at: .milliseconds(50)) == [])
  }
}

@Suite struct ProcessOutagesTests {
  private let outages = ProcessOutages(
    timelines: [30, 50, 40].map { outage in
      let silence = [Int](repeating: 0, count: outage / 10)
      return timeline(usual, silence + usual, outage: .milliseconds(outage))
    }
  )

  @Test func figuresAreMediansOfAllDeaths() throws {
    let figures = try #require(outages.section).figures
    #expect(figures.map(\.name).allSatisfy { $0.hasPrefix("a unit: ") })
    #expect(figures.map { Unit.seconds.text($0.value) } == ["40.0 ms", "40.0 ms"])
    #expect(outages.plots.map(\.name) == ["outage-unit"])
    #expect(outages.plots.first?.drawing.marks.last?.place == 24)
    #expect(outages.notes.count == 1)
  }

  @Test func whatDidNotComeBackIsToldOf() throws {
    let outages = ProcessOutages(timelines: [timeline(usual, [0, 0, 0])])
    let figures = try #require(outages.section).figures
    #expect(figures.map { Unit.seconds.text($0.value) } == ["30.0 ms", "– s"])
    #expect(outages.notes.last?.hasPrefix("1 of 1 times appends were not 90 % as fast") == true)
  }

  @Test func whereNobodyWasKilledNothingIsTold() {
    let none = ProcessOutages(timelines: [])
    #expect(none.section == nil && none.notes.isEmpty && none.plots.isEmpty)
  }

  @Test func theCountsAreInTheDocument() {
    var report = Report(
      name: "some",
      machine: Machine(system: "Linux", processor: "arm64", cores: 2, fileSystem: "ext4")
    )
    report.timelines = [timeline([2, 3], [0])]
    let expected =
      #""timelines":[{"killed":"a unit","bucket":0.01,"before":2,"acknowledged":[2,3,0],"#
      + #""outage":0.03,"recovery":null}]"#
    #expect(ReportJSON(report).text.contains(expected))
  }
}
