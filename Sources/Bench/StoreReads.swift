internal import CorfuGlobalLog

// How fast what is in the log can be read, alone and beside writers.

extension StoreBench {
  func reads() async throws -> [Report.Section] {
    let payloadBytes = DiskBaselines.blockBytes
    let entries = max(1, sizes.readBytes / payloadBytes)
    let file = try disk.makeReadFile(bytes: sizes.readBytes)
    let folder = folder.folder("reads")
    let log = LogFolder(folder: folder)
    try await log.load(entries: entries, payloadBytes: payloadBytes)
    let sections = try await log.with { store in
      let reads = ReadWorkload(store: store, payloadBytes: payloadBytes)
      let alone = try await self.alone(reads, file, before: Position(UInt64(entries)))
      let beside = try await self.beside(reads, before: Position(UInt64(entries)))
      return [alone, beside]
    }
    try folder.remove()
    return sections
  }

  private func alone(
    _ reads: ReadWorkload,
    _ file: RawFile,
    before end: Position
  ) async throws -> Report.Section {
    let (disk, bytes) = (disk, sizes.readBytes)
    let series = try await rounds.run([
      Trial("pread, random") { try disk.readRandomly(file, bytes: bytes, for: $0) },
      Trial("read, random") { try reads.readRandomly(before: end, for: $0) },
      Trial("pread, sequential") { try disk.readSequentially(file, bytes: bytes, for: $0) },
      Trial("scan") { try reads.scan(for: $0) },
    ])
    return Report.Section(
      "Read, 4 KiB entries in the page cache",
      [
        Figure("pread loop, random 4 KiB", rate: series[0]),
        Figure("random entry", rate: series[1])
          .against("pread loop", ratio: series[1].ratio(to: series[0], \.operationsPerSecond))
          .within(.value(atLeast: 150_000)),
        Figure("pread loop, sequential 1 MiB", throughput: series[2]),
        Figure("scan", throughput: series[3])
          .against("pread loop", ratio: series[3].ratio(to: series[2], \.bytesPerSecond))
          .within(.value(atLeast: 1e9)),
      ]
    )
  }

  private func beside(_ reads: ReadWorkload, before end: Position) async throws -> Report.Section {
    let workload = ReadBesideWriters(store: reads.store, reads: reads, end: end)
    let most = sizes.outstanding.last ?? 1
    let small = AppendWorkload(outstanding: most, payloadBytes: 128)
    let large = AppendWorkload(outstanding: most, payloadBytes: DiskBaselines.blockBytes)
    let series = try await rounds.run([
      Trial("read, idle") { try await workload.runIdle(for: $0) },
      Trial("read beside 128 B writers") { try await workload.run(beside: small, for: $0) },
      Trial("read beside 4 KiB writers") { try await workload.run(beside: large, for: $0) },
    ])
    let count = Self.name(count: most)
    return Report.Section(
      "Random read beside writers: p99 against an idle log's",
      [
        Figure("nobody writes", rate: series[0]),
        Figure("\(count) writers of 128 B", rate: series[1])
          .against(
            "idle p99",
            ratio: series[1].ratio(to: series[0], \.p99),
            budget: .ratio(atMost: 3)
          ),
        Figure("\(count) writers of 4 KiB", rate: series[2])
          .against(
            "idle p99",
            ratio: series[2].ratio(to: series[0], \.p99),
            budget: .ratio(atMost: 3)
          ),
      ]
    )
  }
}
