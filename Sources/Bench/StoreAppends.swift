// How fast the log takes entries, and how fast the disk alone would.

extension StoreBench {
  private static let small = 128
  private static let block = DiskBaselines.blockBytes

  func appends() async throws -> [Report.Section] {
    let (disk, sizes) = (disk, sizes)
    let baselines = [
      Trial("fdatasync loop, overwriting") { try disk.overwriteAndSync(for: $0) },
      Trial("fdatasync loop, growing") { try disk.growAndSync(for: $0) },
      Trial("sequential write") {
        try disk.writeSequentially(fileBytes: sizes.streamBytes, for: $0)
      },
    ]
    // Small ones next to the loop that syncs, large ones next to the one that streams.
    let series = try await rounds.run(
      trials(Self.small) + baselines + trials(Self.block).reversed()
    )
    let count = sizes.outstanding.count
    let small = Array(series[..<count])
    let large = Array(series[(count + baselines.count)...].reversed())
    let (overwrite, grow, stream) = (series[count], series[count + 1], series[count + 2])
    return [
      Report.Section(
        "Disk, 4 KiB and 1 MiB at a time",
        [
          Figure("fdatasync loop, overwriting", rate: overwrite),
          Figure("fdatasync loop, growing the file", rate: grow)
            .against("overwriting", ratio: grow.ratio(to: overwrite, \.operationsPerSecond)),
          Figure("sequential write, one sync", throughput: stream),
        ]
      ),
      Report.Section(
        "Append, durable when it returns",
        zip(sizes.outstanding, small).map { figure(Self.small, $0, $1, overwrite) }
          + zip(sizes.outstanding, large).map { figure(Self.block, $0, $1, overwrite) }
          + large.suffix(1).map { series in
            Figure(
              "\(appendName(Self.block, sizes.outstanding.last ?? 0)), bytes",
              throughput: series
            )
            .against(
              "sequential write",
              ratio: series.ratio(to: stream, \.bytesPerSecond),
              budget: .ratio(atLeast: 0.7)
            )
          }
      ),
    ]
  }

  private func trials(_ payloadBytes: Int) -> [Trial] {
    sizes.outstanding.map { outstanding in
      let workload = AppendWorkload(outstanding: outstanding, payloadBytes: payloadBytes)
      let folder = folder.folder("append")
      return Trial(appendName(payloadBytes, outstanding)) {
        try await workload.run(in: folder, for: $0)
      }
    }
  }

  private func appendName(_ payloadBytes: Int, _ outstanding: Int) -> String {
    "\(Self.name(bytes: payloadBytes)), \(Self.name(count: outstanding)) outstanding"
  }

  private func figure(
    _ payloadBytes: Int,
    _ outstanding: Int,
    _ series: Series,
    _ overwrite: Series
  ) -> Figure {
    let figure = Figure(appendName(payloadBytes, outstanding), rate: series)
    if outstanding == 1 {
      // One at a time, the rate is the latency turned round: ours beside a bare sync's.
      return figure.against("fdatasync p50", ratio: series.ratio(to: overwrite, \.p50))
    }
    let isBudgeted = payloadBytes == Self.small && outstanding == sizes.outstanding.last
    return figure.against(
      "fdatasync loop",
      ratio: series.ratio(to: overwrite, \.operationsPerSecond),
      budget: isBudgeted ? .ratio(atLeast: 8) : nil
    )
  }
}
