// How long a log takes to open again, and what it holds in memory then.

extension StoreBench {
  func reopening() async throws -> [Report.Section] {
    var figures: [Figure] = []
    var memory: [Figure] = []
    var first: Series?
    for payloadBytes in sizes.reopenPayloadBytes {
      let (series, residentBytes) = try await reopen(payloadBytes)
      let entries = Self.name(count: sizes.reopenEntries)
      let name = "\(entries) entries of \(Self.name(bytes: payloadBytes))"
      var figure = Figure(name, series.median(\.duration.seconds), .seconds)
        .within(.value(atMost: 0.3))
      figure.spread = series.spread(\.duration.seconds)
      if let first {
        figure = figure.against(
          "smaller payloads",
          ratio: series.ratio(to: first, \.duration.seconds)
        )
      }
      first = first ?? series
      figures.append(figure)
      memory.append(
        Figure("\(name), the whole process", Double(residentBytes), .bytes)
          .within(.value(atMost: 200e6))
      )
    }
    return [
      Report.Section("Open again, in the page cache", figures),
      Report.Section("Resident while open, entries in closed segments", memory),
    ]
  }

  private func reopen(_ payloadBytes: Int) async throws -> (Series, residentBytes: Int) {
    let folder = folder.folder("reopen")
    rounds.onTrial("loading \(sizes.reopenEntries) entries of \(payloadBytes) B")
    try await LogFolder(folder: folder).load(
      entries: sizes.reopenEntries,
      payloadBytes: payloadBytes
    )
    let workload = ReopenWorkload(folder: folder, entries: sizes.reopenEntries)
    var series = Series()
    var residentBytes = 0
    for round in 0...rounds.count {
      rounds.onTrial("opening again, round \(round)")
      let opening = try await workload.run()
      residentBytes = max(residentBytes, opening.residentBytes)
      // The first warms up.
      if round > 0 { series.append(opening.measurement) }
    }
    try folder.remove()
    return (series, residentBytes)
  }
}
