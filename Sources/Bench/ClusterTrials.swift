/// What `corfu bench cluster` measures in the same rounds: a cluster of processes, what the machine
/// does without it, and a Redis server beside it.
struct ClusterTrials: Sendable {
  let sizes: ClusterBench.Sizes
  let loads: ClusterLoads
  let disk: DiskBaselines
  /// A server without a replica; `nil`, if the program is not installed.
  let redis: RedisServer?
  /// One with a replica.
  let redises: RedisServer?

  /// How many tokens are on their way at once, and messages of the echo beside them.
  static let tokensInFlight = 256

  /// Measures everything.
  ///
  /// - Parameter rounds: How often, and for how long.
  /// - Returns: What was measured.
  /// - Throws: ``BenchError``, and whatever goes wrong with a load.
  func measured(in rounds: Rounds) async throws -> ClusterMeasured {
    let files = try filesToRead()
    let groups = [
      machine, files, tokens, appends, crowds, reads, mixes, beside, redisTrials, redisesTrials,
    ]
    var rest = try await rounds.run(groups.flatMap(\.self))
    for name in Self.fileNames.prefix(files.count) {
      try RawFile.remove(disk.folder.path(of: name))
    }
    func taken(_ group: [Trial]) -> [Series] {
      defer { rest.removeFirst(group.count) }
      return Array(rest.prefix(group.count))
    }
    let series = groups.map(taken)
    return ClusterMeasured(
      machine: series[0],
      files: series[1],
      tokens: series[2],
      appends: series[3],
      crowds: series[4],
      reads: series[5],
      mixes: series[6],
      beside: series[7],
      redis: series[8],
      redises: series[9]
    )
  }

  // MARK: - The machine

  private var machine: [Trial] {
    let many = Self.tokensInFlight
    return [
      Trial("fdatasync loop") { try disk.overwriteAndSync(for: $0) },
      Trial("echo, 1 at a time") { try await EchoBaseline(inFlight: 1).run(for: $0) },
      Trial("echo, \(many) in flight") { try await EchoBaseline(inFlight: many).run(for: $0) },
    ]
  }

  private static let fileNames = ["read-warm", "read-cold"]

  /// Writes files, and has them read.
  private func filesToRead() throws -> [Trial] {
    let bytes = sizes.readable * DiskBaselines.blockBytes
    let warm = try disk.makeReadFile(bytes: bytes, named: Self.fileNames[0])
    let trial = Trial("pread") { try disk.readRandomly(warm, bytes: bytes, for: $0) }
    if !PageCache.canForget { return [trial] }
    // A file of its own: the other one stays in the page cache.
    let cold = try disk.makeReadFile(bytes: bytes, named: Self.fileNames[1])
    return [
      trial, Trial("pread, from the disk") { try disk.readColdly(cold, bytes: bytes, for: $0) },
    ]
  }

  // MARK: - The cluster

  private var tokens: [Trial] {
    let many = Self.tokensInFlight
    return [
      Trial("tokens") { try await loads.tokens(inFlight: many, for: $0) },
      Trial("tokens, raw") { try await loads.rawTokens(inFlight: many, for: $0) },
    ]
  }

  private var appends: [Trial] {
    sizes.appends.map { size in
      Trial("append \(size.bytes) B × \(size.outstanding)") {
        try await loads.appends(
          clients: 1,
          outstanding: size.outstanding,
          payloadBytes: size.bytes,
          for: $0
        )
      }
    }
  }

  private var crowds: [Trial] {
    sizes.clients.map { count in
      Trial("append, \(count) clients") {
        try await loads.appends(clients: count, outstanding: 1, payloadBytes: 128, for: $0)
      }
    }
  }

  private var reads: [Trial] {
    let warm = [
      Trial("random reads") { duration in
        try await loads.warm()
        return try await loads.randomReads(callers: sizes.callers, for: duration)
      },
      Trial("scan") { duration in
        try await loads.warm()
        return try await loads.scan(for: duration)
      },
    ]
    if !PageCache.canForget { return warm }
    return warm + [
      Trial("random reads from the disk") {
        try await loads.coldReads(callers: sizes.callers, for: $0)
      }
    ]
  }

  private var mixes: [Trial] {
    sizes.readPercents.map { percent in
      Trial("\(percent) % reads") { duration in
        try await loads.warm()
        return try await loads.mixed(
          readPercent: percent,
          callers: sizes.callers,
          for: duration
        )
      }
    }
  }

  private var beside: [Trial] {
    let alone = Trial("a reader alone") { duration in
      try await loads.warm()
      return try await loads.lonelyReads(for: duration)
    }
    let others = sizes.payloads.map { bytes in
      Trial("a reader beside writers of \(bytes) B") { duration in
        try await loads.warm()
        return try await loads.reads(beside: sizes.writers, of: bytes, for: duration)
      }
    }
    return [alone] + others
  }

  // MARK: - Redis

  private var redisTrials: [Trial] {
    guard let redis else { return [] }
    return sizes.outstanding.map { count in
      Trial("redis, 128 B × \(count)") {
        try await RedisAppends(server: redis, outstanding: count, payloadBytes: 128).run(for: $0)
      }
    }
  }

  private var redisesTrials: [Trial] {
    guard let redises else { return [] }
    return sizes.appends.map { size in
      Trial("redis and a replica, \(size.bytes) B × \(size.outstanding)") {
        try await RedisAppends(
          server: redises,
          outstanding: size.outstanding,
          payloadBytes: size.bytes
        ).run(for: $0)
      }
    }
  }
}
