// The figures as pictures.

extension ClusterReport {
  /// The pictures.
  var plots: [Report.Plot] {
    var plots = [throughput] + sizes.payloads.map(latency(of:)) + [clients]
    if !series.redises.isEmpty { plots.append(redises) }
    if let mixes { plots.append(mixes) }
    plots.append(beside)
    return plots
  }

  private var outstanding: [String] { sizes.outstanding.map(Unit.grouped) }

  private func appends(of bytes: Int) -> [Series] {
    sizes.outstanding.compactMap { appends(of: bytes, outstanding: $0) }
  }

  private static func rates(_ series: [Series]) -> [Double] {
    series.map { $0.median(\.operationsPerSecond) }
  }

  private var throughput: Report.Plot {
    var lines = sizes.payloads.map { bytes in
      LinePlot.Line("\(bytes) B", Self.rates(appends(of: bytes)))
    }
    if !series.redis.isEmpty {
      lines.append(LinePlot.Line("redis, 128 B", Self.rates(series.redis)))
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

  /// How long most of them, nearly all and all but a few took, a line for each.
  private static func percentiles(of series: [Series]) -> [LinePlot.Line] {
    [50, 90, 99, 99.9].map { (percent: Double) in
      LinePlot.Line(
        percent == 99.9 ? "p99.9" : "p\(Int(percent))",
        series.map { $0.median { $0.latencies.seconds(atPercentile: percent) } }
      )
    }
  }

  private func latency(of bytes: Int) -> Report.Plot {
    let appends = appends(of: bytes)
    let lines = Self.percentiles(of: appends)
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
        lines: [LinePlot.Line("128 B", Self.rates(series.crowds))]
      )
    )
  }

  private var redises: Report.Plot {
    let count = sizes.outstanding.count
    let lines = sizes.payloads.enumerated().flatMap { index, bytes -> [LinePlot.Line] in
      let theirs = Array(series.redises.dropFirst(index * count).prefix(count))
      return [
        LinePlot.Line("\(bytes) B", Self.rates(appends(of: bytes))),
        LinePlot.Line("redis + replica, \(bytes) B", Self.rates(theirs)),
      ]
    }
    return Report.Plot(
      "append-redis",
      LinePlot(
        title: "Durable appends, each kept twice",
        xTitle: "appends under way, one client",
        xLabels: outstanding,
        yTitle: "appends per second",
        unit: .perSecond,
        isLogarithmic: true,
        lines: lines
      )
    )
  }

  /// From appends alone to reads alone; `nil` if such appends were not measured.
  private var mixes: Report.Plot? {
    guard let appends = appendsAlone else { return nil }
    let (none, all) = (Self.rates([appends]), Self.rates([series.reads[0]]))
    let parts = [0, 1].map { index in
      Self.rates(series.mixes.map { Self.part(index, of: $0) })
    }
    return Report.Plot(
      "mixed",
      LinePlot(
        title: "Reads and appends of 4 KiB, \(sizes.callers) at a time",
        xTitle: "reads, in percent",
        xLabels: ([0] + sizes.readPercents + [100]).map(Unit.grouped),
        yTitle: "operations per second",
        unit: .perSecond,
        lines: [
          LinePlot.Line("both", none + Self.rates(series.mixes) + all),
          LinePlot.Line("reads", [0] + parts[0] + all),
          LinePlot.Line("appends", none + parts[1] + [0]),
        ]
      )
    )
  }

  private var beside: Report.Plot {
    let lines = Self.percentiles(of: series.beside)
    let writers = Unit.grouped(sizes.writers)
    return Report.Plot(
      "reads-beside-writers",
      LinePlot(
        title: "How long a read of 4 KiB takes beside writers",
        xTitle: "appends under way beside it",
        xLabels: ["none"] + sizes.payloads.map { "\(writers) of \($0) B" },
        yTitle: "time of a read",
        unit: .seconds,
        isLogarithmic: true,
        lines: lines
      )
    )
  }
}
