/// What `corfu bench transactions` tells of what it measured.
struct TransactionReport: Sendable {
  let sizes: TransactionBench.Sizes
  /// Of one program: appends, reads and writes of a register, transactions over two maps.
  let single: [Series]
  /// For each number of programs.
  let views: [Series]
  let alike: [Series]
  let skewed: [Series]
  /// For each share of transactions that write another program's map.
  let partitions: [Series]
  let play: Series
  let scan: Series

  private var most: Int { sizes.programs.last ?? 1 }

  private static func counted(_ count: Int, _ word: String) -> String {
    "\(count) \(word)\(count == 1 ? "" : "s")"
  }

  private func figure(_ name: String, _ series: Series) -> Figure {
    Figure(name, rate: series)
      .against("appends", ratio: series.ratio(to: single[0], \.operationsPerSecond))
  }

  // MARK: - Figures

  /// The figures.
  var sections: [Report.Section] {
    [
      Report.Section(
        "Appends, durable on both replicas",
        [Figure("appends", rate: single[0])]
      ),
      Report.Section(
        "A register, linearizable, one view",
        [figure("reads", single[1]), figure("writes", single[2])]
      ),
      Report.Section("A register, linearizable: one writes, and each view plays it", viewFigures),
      Report.Section(
        "Transactions on a map, 3 reads and 3 writes, all keys alike",
        transactions(alike, hasBudget: true)
      ),
      Report.Section(
        "The same, the second key half as often as the first, the third a third as often (Zipf)",
        transactions(skewed, hasBudget: false)
      ),
      Report.Section(
        "\(Self.counted(most, "program")) with a map each: some write the next one's, too",
        partitionFigures
      ),
      Report.Section(
        "Several objects",
        [figure("1 program, reading one map and writing another", single[3])]
      ),
      Report.Section("Playing a map from the log", playFigures),
    ]
  }

  private var viewFigures: [Figure] {
    zip(sizes.programs, views).flatMap { count, series -> [Figure] in
      let name = Self.counted(count, "view")
      return [
        figure("\(name), reads", series),
        Figure("\(name), writes meanwhile", series, \.besidesPerSecond, .perSecond),
      ]
    }
  }

  private func transactions(_ series: [Series], hasBudget: Bool) -> [Figure] {
    zip(sizes.programs, series).flatMap { count, series -> [Figure] in
      let name = Self.counted(count, "program")
      var committed = figure("\(name), committed", series)
      if hasBudget, count == 1 { committed.budget = .value(atLeast: 30_000) }
      if hasBudget, count == 4 { committed.budget = .value(atLeast: 50_000) }
      return [committed, Figure("\(name), tries that were off", series, \.abortShare, .share)]
    }
  }

  private var partitionFigures: [Figure] {
    zip(sizes.percents, partitions).flatMap { percent, series -> [Figure] in
      [
        figure("\(percent) % across, committed", series),
        Figure("\(percent) % across, tries that were off", series, \.abortShare, .share),
      ]
    }
  }

  private var playFigures: [Figure] {
    let ratio = play.ratio(to: scan, \.operationsPerSecond)
    return [
      Figure("reading the entries, 256 at a time", rate: scan),
      Figure("\(Unit.grouped(sizes.updates)) updates", rate: play)
        .against("reading the entries", ratio: ratio, budget: .value(atLeast: 500_000)),
    ]
  }

  // MARK: - Plots

  /// The figures as pictures.
  var plots: [Report.Plot] {
    [viewPlot, goodput, aborts, partitionPlot]
  }

  private static func rates(_ series: [Series]) -> [Double] {
    series.map { $0.median(\.operationsPerSecond) }
  }

  private var viewPlot: Report.Plot {
    Report.Plot(
      "register-views",
      LinePlot(
        title: "A register that one writes and all views read",
        xTitle: "views",
        xLabels: sizes.programs.map(Unit.grouped),
        yTitle: "operations per second",
        unit: .perSecond,
        lines: [
          LinePlot.Line("reads", Self.rates(views)),
          LinePlot.Line("writes", views.map { $0.median(\.besidesPerSecond) }),
        ]
      )
    )
  }

  private var goodput: Report.Plot {
    Report.Plot(
      "transactions-goodput",
      LinePlot(
        title: "Transactions of 3 reads and 3 writes that were committed",
        xTitle: "programs",
        xLabels: sizes.programs.map(Unit.grouped),
        yTitle: "committed per second",
        unit: .perSecond,
        lines: [
          LinePlot.Line("all keys alike", Self.rates(alike)),
          LinePlot.Line("Zipf", Self.rates(skewed)),
        ]
      )
    )
  }

  private var aborts: Report.Plot {
    Report.Plot(
      "transactions-aborts",
      LinePlot(
        title: "Tries of transactions that were off",
        xTitle: "programs",
        xLabels: sizes.programs.map(Unit.grouped),
        yTitle: "part of all tries",
        unit: .share,
        lines: [
          LinePlot.Line("all keys alike", alike.map { $0.median(\.abortShare) }),
          LinePlot.Line("Zipf", skewed.map { $0.median(\.abortShare) }),
        ]
      )
    )
  }

  private var partitionPlot: Report.Plot {
    Report.Plot(
      "transactions-partitions",
      LinePlot(
        title: "Transactions of \(Self.counted(most, "program")) with a map each",
        xTitle: "transactions that write another program's map, in percent",
        xLabels: sizes.percents.map(Unit.grouped),
        yTitle: "committed per second",
        unit: .perSecond,
        lines: [LinePlot.Line("committed", Self.rates(partitions))]
      )
    )
  }
}
