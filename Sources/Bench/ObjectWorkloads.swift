internal import Corfu
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStages
internal import CorfuTransactions

/// Programs that keep their state in a cluster's log, each with a client and objects of its own.
struct ObjectPrograms: Sendable {
  typealias Program = Runtime<BenchCluster.BenchClient>

  let cluster: BenchCluster
  let programs: Int
  /// How many things each program does at once.
  let callers: Int

  /// Runs something on fresh programs over a fresh cluster.
  func with<Result: Sendable>(
    _ body: ([Program]) async throws -> Result
  ) async throws -> Result {
    try await cluster.with { cluster in
      let clients = try BenchCluster.clients(programs, of: cluster)
      return try await withThrowingTaskGroup(of: Void.self) { group in
        for client in clients { group.addTask { await client.run() } }
        defer { group.cancelAll() }
        return try await body(clients.map { Program(over: $0) })
      }
    }
  }

  /// All callers of all programs at once, for a while.
  func measure(
    for duration: Duration,
    _ body: @escaping @Sendable (_ program: Int, _ random: inout BenchRandom) async throws -> Void
  ) async throws -> Measurement {
    let all = Callers(count: programs * callers, payloadBytes: 0)
    return try await all.run(for: duration) { [programs] caller, turn in
      var random = BenchRandom(seed: UInt64(caller) << 32 | UInt64(turn))
      try await body(caller % programs, &random)
    }
  }
}

/// Which keys transactions touch.
struct KeyChoice: Sendable {
  let count: Int
  /// For a skewed choice: how often one of the first so many keys is chosen, of all times.
  private let cumulated: [Double]

  /// All keys alike.
  static func uniform(_ count: Int) -> KeyChoice { KeyChoice(count: count, cumulated: []) }

  /// The second key half as often as the first, the third a third as often, and so on.
  static func zipf(_ count: Int) -> KeyChoice {
    var sum = 0.0
    let cumulated = (1...count).map { rank -> Double in
      sum += 1 / Double(rank)
      return sum
    }
    return KeyChoice(count: count, cumulated: cumulated)
  }

  func key(_ random: inout BenchRandom) -> LogKey {
    guard let whole = cumulated.last else { return .integer(Int64(random.below(count))) }
    let wanted = Double(random.below(1 << 30)) / Double(1 << 30) * whole
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulated[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return .integer(Int64(low))
  }
}

/// Transactions that read three keys and write three.
struct MapTransactions: Sendable {
  let programs: ObjectPrograms
  let keys: KeyChoice
  /// Whether they read one map and write another.
  var isAcross = false

  /// How many of all tries were off, besides the measurement.
  func run(for duration: Duration, _ aborts: SharedCounter) async throws -> Measurement {
    try await programs.with { runtimes in
      var maps: [ReplicatedObject<BenchCluster.BenchClient, MapState<Int>>] = []
      var others: [ReplicatedObject<BenchCluster.BenchClient, MapState<Int>>] = []
      for runtime in runtimes {
        maps.append(try await runtime.object("map"))
        others.append(isAcross ? try await runtime.object("other") : maps[maps.count - 1])
      }
      let (all, written) = (maps, others)
      let measurement = try await programs.measure(for: duration) { program, random in
        let touched = (0..<6).map { _ in keys.key(&random) }
        let map = all[program]
        try await runtimes[program].transaction { tx in
          var sum = 0
          for key in touched[0..<3] { sum += try tx.read(map, keys: [key]) { $0[key] ?? 0 } }
          for key in touched[3..<6] { try tx.update(written[program], .put(key, sum + 1)) }
        }
      }
      for runtime in runtimes { _ = aborts.next(runtime.counters.aborted) }
      return measurement
    }
  }
}

/// Reads and writes of a register, each linearizable.
struct RegisterUse: Sendable {
  let programs: ObjectPrograms
  let reads: Bool

  func run(for duration: Duration) async throws -> Measurement {
    try await programs.with { runtimes in
      var registers: [ReplicatedObject<BenchCluster.BenchClient, CounterState>] = []
      for runtime in runtimes { registers.append(try await runtime.object("register")) }
      let all = registers
      try await all[0].update(.add(1))
      return try await programs.measure(for: duration) { program, _ in
        if reads {
          _ = try await all[program].read { $0.value }
        } else {
          try await all[program].update(.add(1))
        }
      }
    }
  }
}

/// Opening a map whose updates are all in the log.
struct MapPlay: Sendable {
  let cluster: BenchCluster
  let updates: Int

  func run() async throws -> Measurement {
    let writer = ObjectPrograms(cluster: cluster, programs: 2, callers: 1)
    return try await writer.with { runtimes in
      let map = try await runtimes[0].object("map", of: MapState<Int>.self)
      try await fill(map)
      let clock = ContinuousClock()
      let begin = clock.now
      let opened = try await runtimes[1].object("map", of: MapState<Int>.self)
      let duration = begin.duration(to: clock.now)
      guard try opened.peek({ $0.count }) == min(updates, Self.keys) else {
        throw BenchError.wrongAnswer("the map was not played to its end")
      }
      return Measurement(operations: updates, bytes: 0, duration: duration)
    }
  }

  private static let keys = 100_000

  private func fill(
    _ map: ReplicatedObject<BenchCluster.BenchClient, MapState<Int>>
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for caller in 0..<1024 {
        group.addTask { [updates] in
          for number in stride(from: caller, to: updates, by: 1024) {
            try await map.update(.put(.integer(Int64(number % Self.keys)), number))
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
