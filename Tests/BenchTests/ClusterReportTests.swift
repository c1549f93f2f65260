import Testing

@testable import CorfuBench

// Goal: what the cluster's benchmark tells is what was measured.
// Method: series by hand, with a Redis and without.

private func series(_ rate: Int) -> Series {
  var latencies = Latencies()
  latencies.record(.milliseconds(2))
  return Series([
    Measurement(operations: rate, bytes: rate, duration: .seconds(1), latencies: latencies)
  ])
}

private func makeReport(redis: [Series]) -> ClusterReport {
  var sizes = ClusterBench.Sizes()
  sizes.outstanding = [1, 64]
  return ClusterReport(
    sizes: sizes,
    series: ClusterReport.Measured(
      machine: [series(100), series(200), series(300)],
      others: [series(150), series(10), series(20)],
      appends: [series(50), series(500), series(40), series(400)],
      crowds: [series(50), series(300), series(600)],
      redis: redis
    )
  )
}

@Suite struct ClusterReportTests {
  @Test func withoutRedisThatIsSaid() {
    let report = makeReport(redis: [])
    #expect(report.notes == ["redis-server is not installed: no figures beside it"])
    #expect(report.sections.map(\.figures.count) == [3, 1, 4, 3, 2])
  }

  @Test func redisStandsBesideEachNumberOfAppends() {
    let report = makeReport(redis: [series(100), series(250)])
    #expect(report.notes.isEmpty)
    let figures = report.sections[4].figures
    #expect(figures.map(\.value) == [100, 50, 250, 500])
    #expect(figures.map(\.baseline?.ratio) == [nil, 0.5, nil, 2])
    #expect(figures[1].baseline?.name == "redis, 1 at a time")
  }

  @Test func eachFamilyIsDrawn() throws {
    let plots = makeReport(redis: [series(100), series(250)]).plots
    #expect(
      plots.map(\.name) == [
        "append-throughput", "append-latency-128", "append-latency-4096", "append-clients",
      ]
    )
    let throughput = try #require(plots.first).drawing
    #expect(throughput.lines.map(\.name) == ["128 B", "4096 B", "redis, 128 B"])
    #expect(throughput.lines.map(\.values) == [[50, 500], [40, 400], [100, 250]])
    #expect(plots[1].drawing.lines.map(\.name) == ["p50", "p90", "p99", "p99.9"])
    #expect(plots[3].drawing.xLabels == ["1", "16", "256"])
  }
}
