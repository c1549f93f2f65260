/// `corfu bench reconfiguration`: how long appends stop for while the layout changes, once somebody
/// has noticed that it must.
public struct ReconfigurationBench: Sendable {
  private let folder: BenchFolder
  private let rounds: Rounds
  private let units: [Int]
  private let streams: [Int]

  /// A benchmark with its files in a folder, which it leaves empty.
  ///
  /// - Parameters:
  ///   - folder: Where.
  ///   - rounds: How often, and for how long.
  ///   - units: How many units keep the log, in chains of two: even numbers from 4 on.
  ///   - streams: How many streams have an entry when the sequencer of four units dies.
  public init(
    in folder: BenchFolder,
    rounds: Rounds,
    units: [Int] = [4, 32],
    streams: [Int] = [1_000, 1_000_000]
  ) {
    self.folder = folder
    self.rounds = rounds
    self.units = units
    self.streams = streams
  }

  /// Measures everything and reports.
  public func run() async throws -> Report {
    let disk = DiskBaselines(folder: folder)
    let changes =
      units.flatMap { units in
        LayoutChange.Kind.allCases.map { LayoutChange(kind: $0, units: units, folder: folder) }
      }
      + streams.map {
        LayoutChange(kind: .sequencer, units: 4, streams: $0, folder: folder)
      }
    let series = try await rounds.run(
      [
        Trial("fdatasync loop") { try disk.overwriteAndSync(for: $0) },
        Trial("small file, rewritten") { try disk.rewriteAndSync(for: $0) },
      ]
        + changes.map { change in
          Trial("\(change.units) units, \(name(of: change))") {
            try await change.run(for: $0)
          }
        }
    )
    var report = Report(name: "reconfiguration", machine: .current(filesAt: folder.path))
    report.notes = [
      "3 acceptors, chains of 2; each node has a thread, all files are on one disk; median of "
        + "\(rounds.count) rounds, \(rounds(of: series[2...])) changes in all",
      "from the beginning of the change until a client that knew the old layout has appended",
      "streams: the units tell the new sequencer where each of them ends",
    ]
    if report.machine.isWithoutDisk {
      report.notes.append("the files were in memory: these are no figures of a disk")
    }
    report.sections = [
      Report.Section(
        "Disk, one after the other",
        [
          Figure("fdatasync loop, overwriting 4 KiB", rate: series[0]),
          Figure("small file rewritten in place, fdatasync", rate: series[1]),
        ]
      )
    ]
    let results = Array(zip(changes, series.dropFirst(2)))
    for count in units {
      let figures = results.filter { $0.0.units == count && $0.0.streams == 0 }.flatMap {
        self.figures(of: $0.0, $0.1, beside: series[1])
      }
      report.sections.append(Report.Section("Change of the layout, \(count) units", figures))
    }
    report.sections.append(
      Report.Section(
        "A new sequencer, 4 units",
        results.filter { $0.0.streams > 0 }.flatMap {
          self.figures(of: $0.0, $0.1, beside: series[1])
        }
      )
    )
    return report
  }

  private func name(of change: LayoutChange) -> String {
    change.streams == 0
      ? change.kind.rawValue : "\(change.kind.rawValue), \(change.streams) streams"
  }

  /// How long it may take.
  private func limit(of change: LayoutChange) -> Double {
    // A new sequencer alone is to be there sooner: nobody else is replaced.
    if change.streams > 1_000 { return 0.250 }
    if change.units > 4 { return 0.030 }
    return change.kind == .sequencer ? 0.010 : 0.015
  }

  private func rounds(of series: ArraySlice<Series>) -> Int {
    series.flatMap(\.measurements).reduce(0) { $0 + $1.operations }
  }

  private func figures(
    of change: LayoutChange,
    _ series: Series,
    beside rewriting: Series
  ) -> [Figure] {
    let name = name(of: change)
    var figure = Figure(name, series.median(\.p50), .seconds)
    figure.spread = series.spread(\.p50)
    figure.p50 = series.median(\.p50)
    figure.p99 = series.median(\.p99)
    figure = figure.against("small file p50", ratio: series.ratio(to: rewriting, \.p50))
    return [
      figure.within(.value(atMost: limit(of: change))),
      Figure("\(name), messages", series.median(\.messagesPerOperation), .number),
      Figure("\(name), syncs", series.median(\.syncsPerOperation), .number),
    ]
  }
}
