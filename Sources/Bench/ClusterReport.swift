/// What `corfu bench cluster` tells of the loads that it measured.
struct ClusterReport: Sendable {
  let sizes: ClusterBench.Sizes
  let series: ClusterMeasured

  var sync: Series { series.machine[0] }
  private var echo: Series { series.machine[1] }
  private var echoes: Series { series.machine[2] }

  /// What a reader must know of them.
  var notes: [String] {
    var notes = [
      "units keep no entries in their own memory: what is read comes from the system's page cache, "
        + "or from the disk"
    ]
    if series.files.count < 2 {
      notes.append("this system cannot be told to forget files: nothing is read from the disk")
    }
    if series.redis.isEmpty {
      notes.append("redis-server is not installed: no figures beside it")
    }
    return notes
  }

  /// The figures.
  var sections: [Report.Section] {
    var sections = [machineSection, tokenSection, appendSection, crowdSection]
    sections += redisSections
    sections += [readSection, mixSection, besideSection]
    return sections
  }

  // MARK: - The machine, and tokens

  private var machineSection: Report.Section {
    var figures = [
      Figure("fdatasync loop, 4 KiB, overwriting", rate: sync),
      Figure("echo over loopback, 1 at a time", rate: echo),
      Figure("echo over loopback, \(ClusterTrials.tokensInFlight) in flight", rate: echoes),
    ]
    figures += zip(["in the page cache", "from the disk"], series.files).map { place, series in
      Figure("pread loop, random 4 KiB, \(place)", rate: series)
    }
    return Report.Section("Machine", figures)
  }

  private var tokenSection: Report.Section {
    let budgets = [(rate: 800_000.0, share: 0.25), (rate: 2_000_000.0, share: 0.5)]
    let names = ["a program's calls", "one raw connection"]
    let count = "\(ClusterTrials.tokensInFlight) in flight"
    let figures = zip(names, zip(series.tokens, budgets)).flatMap { name, measured -> [Figure] in
      let (tokens, budget) = measured
      let share = tokens.ratio(to: echoes, \.operationsPerSecond)
      return [
        Figure("\(name), \(count)", rate: tokens)
          .against("echo, \(count)", ratio: share)
          .within(.value(atLeast: budget.rate)),
        Figure("\(name), beside the echo", share, .number)
          .within(.value(atLeast: budget.share)),
      ]
    }
    return Report.Section("Tokens, one client over TCP", figures)
  }

  // MARK: - Appends

  private var appendSection: Report.Section {
    Report.Section(
      "Append, \(sizes.stripes) stripes of \(sizes.replicas), durable on all replicas, "
        + "one client",
      zip(sizes.appends, series.appends).map { size, series in
        figure(size.bytes, size.outstanding, series)
      }
    )
  }

  private var crowdSection: Report.Section {
    Report.Section(
      "Append, 128 B, clients with one entry at a time",
      zip(sizes.clients, series.crowds).map { count, series in
        let ratio = series.ratio(to: sync, \.operationsPerSecond)
        return Figure(count == 1 ? "1 client" : "\(count) clients", rate: series)
          .against("fdatasync loop", ratio: ratio)
      }
    )
  }

  private func figure(_ bytes: Int, _ outstanding: Int, _ series: Series) -> Figure {
    let figure = Figure(Self.name(bytes, outstanding), rate: series)
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

  static func name(_ bytes: Int, _ outstanding: Int) -> String {
    "\(bytes) B, \(Unit.grouped(outstanding)) at a time"
  }

  /// What was measured of appends of a size; `nil`, if nothing was.
  func appends(of bytes: Int, outstanding: Int) -> Series? {
    let index = sizes.appends.firstIndex { $0.bytes == bytes && $0.outstanding == outstanding }
    return index.map { series.appends[$0] }
  }
}
