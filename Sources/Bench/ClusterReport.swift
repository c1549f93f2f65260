/// What `corfu bench cluster` tells of the loads that it measured.
struct ClusterReport: Sendable {
  /// What was measured, in the order of the sizes.
  struct Measured: Sendable {
    /// The disk, the network with one message at a time, and with many.
    var machine: [Series]
    /// Tokens, random reads, a scan.
    var others: [Series]
    var appends: [Series]
    var crowds: [Series]
    /// Nothing, if there is no Redis.
    var redis: [Series]
  }

  let sizes: ClusterBench.Sizes
  let series: Measured

  private var sync: Series { series.machine[0] }
  private var echo: Series { series.machine[1] }

  /// What a reader must know of them.
  var notes: [String] {
    series.redis.isEmpty ? ["redis-server is not installed: no figures beside it"] : []
  }

  /// The figures.
  var sections: [Report.Section] {
    let tokens = series.others[0]
    let share = tokens.ratio(to: series.machine[2], \.operationsPerSecond)
    var sections = [
      Report.Section(
        "Machine",
        [
          Figure("fdatasync loop, 4 KiB, overwriting", rate: sync),
          Figure("echo over loopback, 1 at a time", rate: echo),
          Figure("echo over loopback, 256 in flight", rate: series.machine[2]),
        ]
      ),
      Report.Section(
        "Tokens, one client over TCP",
        [
          Figure("256 in flight", rate: tokens)
            .against("echo, 256 in flight", ratio: share, budget: .ratio(atLeast: 0.25))
        ]
      ),
      Report.Section(
        "Append, \(sizes.stripes) stripes of \(sizes.replicas), durable on all replicas, "
          + "one client",
        zip(sizes.appends, series.appends).map { size, series in
          figure(size.bytes, size.outstanding, series)
        }
      ),
      Report.Section(
        "Append, 128 B, clients with one entry at a time",
        zip(sizes.clients, series.crowds).map { count, series in
          let ratio = series.ratio(to: sync, \.operationsPerSecond)
          return Figure(count == 1 ? "1 client" : "\(count) clients", rate: series)
            .against("fdatasync loop", ratio: ratio)
        }
      ),
    ]
    sections += redisSections
    sections.append(
      Report.Section(
        "Read, 4 KiB, from the units' memory cache",
        [
          Figure("random, 64 at a time", rate: series.others[1]),
          Figure("scan, 256 at a time", throughput: series.others[2]),
        ]
      )
    )
    return sections
  }

  private func figure(_ bytes: Int, _ outstanding: Int, _ series: Series) -> Figure {
    let figure = Figure("\(bytes) B, \(Unit.grouped(outstanding)) at a time", rate: series)
    if outstanding == 1 {
      // Two syncs one after the other, and four times through the network.
      let floor = zip(sync.measurements, echo.measurements).map { sync, echo in
        2 * sync.p50 + 4 / echo.operationsPerSecond
      }
      let ratio = zip(series.measurements, floor).map { $0.p50 / $1 }.median
      return figure.against(
        "2 fdatasync + 4 echoes",
        ratio: ratio,
        budget: .ratio(atMost: 1.2)
      )
    }
    return figure.against("fdatasync loop", ratio: series.ratio(to: sync, \.operationsPerSecond))
      .within(.value(atLeast: Self.budget(bytes, outstanding)))
  }

  /// What is asked of the machine that the budgets were made for.
  private static func budget(_ bytes: Int, _ outstanding: Int) -> Double {
    switch (bytes <= 128, outstanding <= 64) {
    case (true, true): 140_000
    case (true, false): 350_000
    case (false, true): 50_000
    case (false, false): 80_000
    }
  }

  // MARK: - Redis

  private var redisSections: [Report.Section] {
    if series.redis.isEmpty { return [] }
    let figures = zip(sizes.outstanding, series.redis).flatMap { count, theirs -> [Figure] in
      let name = "redis, \(Unit.grouped(count)) at a time"
      let beside = Figure(name, rate: theirs)
      guard let ours = appends(of: 128, outstanding: count) else { return [beside] }
      let ratio = ours.ratio(to: theirs, \.operationsPerSecond)
      let figure = Figure("this log, \(Unit.grouped(count)) at a time", rate: ours)
      return [beside, figure.against(name, ratio: ratio)]
    }
    return [
      Report.Section(
        "Beside it: redis-server, one node without a replica, XADD of 128 B, appendfsync always",
        figures
      )
    ]
  }

  private func appends(of bytes: Int, outstanding: Int) -> Series? {
    let index = sizes.appends.firstIndex { $0.bytes == bytes && $0.outstanding == outstanding }
    return index.map { series.appends[$0] }
  }

  // MARK: - Plots

  /// The figures as pictures.
  var plots: [Report.Plot] {
    [throughput] + sizes.payloads.map(latency(of:)) + [clients]
  }

  private var outstanding: [String] { sizes.outstanding.map(Unit.grouped) }

  private func appends(of bytes: Int) -> [Series] {
    sizes.outstanding.compactMap { appends(of: bytes, outstanding: $0) }
  }

  private var throughput: Report.Plot {
    var lines = sizes.payloads.map { bytes in
      LinePlot.Line("\(bytes) B", appends(of: bytes).map { $0.median(\.operationsPerSecond) })
    }
    if !series.redis.isEmpty {
      let rates = series.redis.map { $0.median(\.operationsPerSecond) }
      lines.append(LinePlot.Line("redis, 128 B", rates))
    }
    return Report.Plot(
      "append-throughput",
      LinePlot(
        title: "Durable appends, by how many are under way",
        xTitle: "appends under way, one client",
        xLabels: outstanding,
        yTitle: "appends per second",
        unit: .perSecond,
        isLogarithmic: true,
        lines: lines
      )
    )
  }

  private func latency(of bytes: Int) -> Report.Plot {
    let appends = appends(of: bytes)
    let lines = [50, 90, 99, 99.9].map { (percent: Double) in
      LinePlot.Line(
        percent == 99.9 ? "p99.9" : "p\(Int(percent))",
        appends.map { $0.median { $0.latencies.seconds(atPercentile: percent) } }
      )
    }
    return Report.Plot(
      "append-latency-\(bytes)",
      LinePlot(
        title: "How long an append of \(bytes) B takes, by load",
        xTitle: "appends under way, one client",
        xLabels: outstanding,
        yTitle: "time until it is durable",
        unit: .seconds,
        isLogarithmic: true,
        lines: lines
      )
    )
  }

  private var clients: Report.Plot {
    Report.Plot(
      "append-clients",
      LinePlot(
        title: "Durable appends of 128 B, by clients",
        xTitle: "clients with one append at a time",
        xLabels: sizes.clients.map(Unit.grouped),
        yTitle: "appends per second",
        unit: .perSecond,
        lines: [
          LinePlot.Line("128 B", series.crowds.map { $0.median(\.operationsPerSecond) })
        ]
      )
    )
  }
}
