// The race of chapter 1: what it costs when every client wants the same position.

extension StoreBench {
  func races() async throws -> Report.Section {
    let folder = folder.folder("race")
    let series = try await rounds.run(
      sizes.racers.map { clients in
        let workload = RaceWorkload(clients: clients, payloadBytes: 128)
        return Trial("race of \(clients)") { try await workload.run(in: folder, for: $0) }
      }
    )
    var figures: [Figure] = []
    for (clients, one) in zip(sizes.racers, series) {
      let name = clients == 1 ? "1 client" : "\(clients) clients"
      figures.append(
        Figure("\(name), appends", rate: one)
          .against("1 client", ratio: one.ratio(to: series[0], \.operationsPerSecond))
      )
      let lost = one.median { Double($0.lostRaces) / Double(max(1, $0.operations)) }
      figures.append(Figure("\(name), lost races per append", lost, .number))
    }
    return Report.Section("Race for the tail, 128 B (chapter 1)", figures)
  }
}
