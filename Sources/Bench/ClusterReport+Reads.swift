// What is told of reads: by themselves, among appends, and beside writers.

extension ClusterReport {
  var readSection: Report.Section {
    let (random, scan, file) = (series.reads[0], series.reads[1], series.files[0])
    var figures = [
      Figure("random, \(sizes.callers) at a time, in the page cache", rate: random)
        .against("pread loop", ratio: random.ratio(to: file, \.operationsPerSecond))
        .within(.value(atLeast: 150_000)),
      Figure("scan, 256 at a time, in the page cache", throughput: scan)
        .within(.value(atLeast: 1e9)),
    ]
    if let cold = series.reads.dropFirst(2).first, let file = series.files.dropFirst().first {
      figures.append(
        Figure("random, \(sizes.callers) at a time, from the disk", rate: cold)
          .against("pread loop", ratio: cold.ratio(to: file, \.operationsPerSecond))
      )
    }
    return Report.Section("Read, 4 KiB", figures)
  }

  // MARK: - Reads and appends together

  var mixSection: Report.Section {
    Report.Section(
      "Reads and appends of 4 KiB together, \(sizes.callers) at a time",
      zip(sizes.readPercents, series.mixes).flatMap { percent, mix -> [Figure] in
        let name = "\(percent) % reads"
        let whole = Figure(name, rate: mix)
        let ratio = apart(readPercent: percent).map { apart in
          zip(mix.measurements, apart).map { $0.operationsPerSecond / $1 }.median
        }
        return [
          ratio.map { whole.against("the same apart", ratio: $0) } ?? whole,
          Figure("\(name): the reads", rate: Self.part(0, of: mix)),
          Figure("\(name): the appends", rate: Self.part(1, of: mix)),
        ]
      }
    )
  }

  /// How many operations there would be in a second, round by round, if reads and appends took as
  /// long as they do by themselves, one kind after the other.
  ///
  /// - Parameter readPercent: How many of a hundred are reads.
  /// - Returns: The rates; `nil` if such appends were not measured.
  private func apart(readPercent: Int) -> [Double]? {
    guard let appends = appendsAlone else { return nil }
    let share = Double(readPercent) / 100
    return zip(series.reads[0].measurements, appends.measurements).map { reads, appends in
      1 / (share / reads.operationsPerSecond + (1 - share) / appends.operationsPerSecond)
    }
  }

  /// Appends like those of the mixes, without reads.
  var appendsAlone: Series? {
    appends(of: ClusterLoads.entryBytes, outstanding: sizes.callers)
  }

  /// The reads of a mix, 0, or its appends, 1.
  static func part(_ index: Int, of mix: Series) -> Series {
    Series(mix.measurements.compactMap { $0.parts.dropFirst(index).first })
  }

  // MARK: - A reader beside writers

  var besideSection: Report.Section {
    let idle = series.beside[0]
    let others = zip(sizes.payloads, series.beside.dropFirst()).flatMap {
      bytes,
      series -> [Figure] in
      let name = "\(Unit.grouped(sizes.writers)) writers of \(bytes) B"
      return [
        Figure(name, rate: series)
          .against(
            "idle p99",
            ratio: series.ratio(to: idle, \.p99),
            budget: .ratio(atMost: 3)
          ),
        Figure("\(name): appends meanwhile", series, \.besidesPerSecond, .perSecond),
      ]
    }
    return Report.Section(
      "Random reads of 4 KiB, 1 at a time, beside writers: p99 against that of an idle cluster",
      [Figure("nobody writes", rate: idle)] + others
    )
  }
}
