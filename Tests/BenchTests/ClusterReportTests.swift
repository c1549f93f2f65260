import Testing

@testable import CorfuBench

// Goal: what the cluster's benchmark tells is what was measured.
// Method: series by hand, with Redis and without, with reads from the disk and without.

private func series(_ rate: Int, slowest: Int = 2) -> Series {
  var latencies = Latencies()
  latencies.record(.milliseconds(slowest))
  var measurement = Measurement(
    operations: rate,
    bytes: rate,
    duration: .seconds(1),
    latencies: latencies
  )
  measurement.besides = 7 * rate
  return Series([measurement])
}

private func mix(_ reads: Int, _ appends: Int) -> Series {
  var whole = series(reads + appends).measurements[0]
  whole.parts = [reads, appends].map { series($0).measurements[0] }
  return Series([whole])
}

private func makeReport(redis: Bool = false, disk: Bool = true) -> ClusterReport {
  var sizes = ClusterBench.Sizes()
  sizes.outstanding = [1, 64]
  return ClusterReport(
    sizes: sizes,
    series: ClusterMeasured(
      machine: [series(100), series(200), series(3_000_000)],
      files: disk ? [series(1000), series(50)] : [series(1000)],
      tokens: [series(900_000), series(1_200_000)],
      appends: [series(50), series(500), series(40), series(400)],
      crowds: [series(50), series(300), series(600)],
      reads: [series(600), series(20)] + (disk ? [series(25)] : []),
      mixes: [mix(150, 150), mix(450, 50)],
      beside: [series(9), series(8, slowest: 5), series(7, slowest: 8)],
      redis: redis ? [series(100), series(250)] : [],
      redises: redis ? [series(10), series(100), series(5), series(200)] : []
    )
  )
}

private func section(_ title: String, of report: ClusterReport) throws -> [Figure] {
  try #require(report.sections.first { $0.title.hasPrefix(title) }).figures
}

@Suite struct ClusterReportTests {
  @Test func withoutRedisThatIsSaid() {
    let report = makeReport()
    #expect(report.notes.last == "redis-server is not installed: no figures beside it")
    #expect(report.sections.map(\.figures.count) == [5, 4, 4, 3, 3, 6, 5])
  }

  @Test func whereFilesAreNotForgottenThatIsSaid() {
    let report = makeReport(redis: true, disk: false)
    #expect(report.notes.count == 2)
    #expect(report.notes[1].hasPrefix("this system cannot be told to forget files"))
    #expect(report.sections.map(\.figures.count) == [4, 4, 4, 3, 4, 8, 2, 6, 5])
  }

  @Test func tokensAreHeldAgainstTheEchoOfTheSameWindow() throws {
    let figures = try section("Tokens", of: makeReport())
    #expect(figures.map(\.value) == [900_000, 0.3, 1_200_000, 0.4])
    #expect(figures.map(\.verdict) == [.met, .met, .missed, .missed])
    #expect(figures[2].name == "one raw connection, 256 in flight")
    #expect(figures[2].baseline == Figure.Baseline(name: "echo, 256 in flight", ratio: 0.4))
  }

  @Test func redisStandsBesideEachNumberOfAppends() throws {
    let report = makeReport(redis: true)
    #expect(report.notes.count == 1)
    let figures = try section("Beside it: redis-server, one node", of: report)
    #expect(figures.map(\.value) == [100, 50, 250, 500])
    #expect(figures.map(\.baseline?.ratio) == [nil, 0.5, nil, 2])
    #expect(figures[1].baseline?.name == "redis, 128 B, 1 at a time")
    #expect(figures.allSatisfy { $0.budget == nil })
  }

  @Test func beforeOneWithAReplicaThisLogHasToStayAhead() throws {
    let figures = try section("Beside it: redis-server and a replica", of: makeReport(redis: true))
    #expect(figures.map(\.value) == [10, 50, 100, 500, 5, 40, 200, 400])
    #expect(figures[7].name == "this log, 4096 B, 64 at a time")
    #expect(figures[7].baseline?.name == "redis + replica, 4096 B, 64 at a time")
    let ratios: [Double?] = [nil, 5, nil, 5, nil, 8, nil, 2]
    #expect(figures.map(\.baseline?.ratio) == ratios)
    // With one at a time nothing is asked; of small entries twice as many, of large ones 3.5 times.
    let verdicts: [Verdict] = [.none, .none, .none, .met, .none, .none, .none, .missed]
    #expect(figures.map(\.verdict) == verdicts)
    #expect(figures[3].budget == .ratio(atLeast: 2))
    #expect(figures[7].budget == .ratio(atLeast: 3.5))
  }

  @Test func readsFromMemoryAndFromTheDiskAreToldApart() throws {
    let figures = try section("Read, 4 KiB", of: makeReport())
    #expect(
      figures.map(\.name) == [
        "random, 64 at a time, in the page cache", "scan, 256 at a time, in the page cache",
        "random, 64 at a time, from the disk",
      ]
    )
    #expect(figures.map(\.baseline?.ratio) == [0.6, nil, 0.5])
    #expect(figures.map(\.verdict) == [.missed, .missed, .none])
  }

  @Test func mixesStandBesideTheirPartsAlone() throws {
    let figures = try section("Reads and appends", of: makeReport())
    #expect(figures.map(\.value) == [300, 150, 150, 500, 450, 50])
    #expect(figures[0].name == "50 % reads" && figures[4].name == "90 % reads: the reads")
    // Half of them reads at 600/s, half appends at 400/s: 480/s. Nine of ten: 571/s.
    let ratios = figures.compactMap(\.baseline?.ratio)
    #expect(ratios.count == 2)
    #expect(abs(ratios[0] - 300.0 / 480) < 1e-9)
    #expect(abs(ratios[1] - 500 * (0.9 / 600 + 0.1 / 400)) < 1e-9)
  }

  @Test func aReaderBesideWritersIsHeldAgainstOneAlone() throws {
    let figures = try section("Random reads of 4 KiB, 1 at a time", of: makeReport())
    #expect(figures.map(\.value) == [9, 8, 56, 7, 49])
    #expect(figures.map(\.verdict) == [.none, .met, .none, .missed, .none])
    #expect(figures[1].name == "1,024 writers of 128 B")
    #expect(figures[2].name == "1,024 writers of 128 B: appends meanwhile")
    let ratio = try #require(figures[3].baseline?.ratio)
    #expect(abs(ratio - 4) < 0.05)
  }

  @Test func eachFamilyIsDrawn() throws {
    let plots = makeReport(redis: true).plots
    #expect(
      plots.map(\.name) == [
        "append-throughput", "append-latency-128", "append-latency-4096", "append-clients",
        "append-redis", "mixed", "reads-beside-writers",
      ]
    )
    let throughput = try #require(plots.first).drawing
    #expect(throughput.lines.map(\.name) == ["128 B", "4096 B", "redis, 128 B"])
    #expect(throughput.lines.map(\.values) == [[50, 500], [40, 400], [100, 250]])
    #expect(plots[1].drawing.lines.map(\.name) == ["p50", "p90", "p99", "p99.9"])
    #expect(plots[3].drawing.xLabels == ["1", "16", "256"])
    let redis = plots[4].drawing
    #expect(redis.lines.map(\.values) == [[50, 500], [10, 100], [40, 400], [5, 200]])
    let mixed = plots[5].drawing
    #expect(mixed.xLabels == ["0", "50", "90", "100"])
    #expect(
      mixed.lines.map(\.values) == [[400, 300, 500, 600], [0, 150, 450, 600], [400, 150, 50, 0]]
    )
    #expect(plots[6].drawing.xLabels == ["none", "1,024 of 128 B", "1,024 of 4096 B"])
    #expect(makeReport().plots.map(\.name).contains("append-redis") == false)
  }
}
