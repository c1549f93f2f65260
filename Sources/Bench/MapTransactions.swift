internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStages
internal import CorfuTransactions

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

  /// How many were committed, and how many tries were off.
  func run(for duration: Duration) async throws -> Measurement {
    // What three keys had is added up in three others, again and again: sums begin anew when they
    // are full.
    try await programs.with { runtimes in
      var maps: [ReplicatedObject<BenchCluster.BenchClient, MapState<Int>>] = []
      var others: [ReplicatedObject<BenchCluster.BenchClient, MapState<Int>>] = []
      for runtime in runtimes {
        maps.append(try await runtime.object("map"))
        others.append(isAcross ? try await runtime.object("other") : maps[maps.count - 1])
      }
      let (all, written) = (maps, others)
      var measurement = try await programs.measure(for: duration) { program, random in
        let touched = (0..<6).map { _ in keys.key(&random) }
        let map = all[program]
        try await runtimes[program].transaction { tx in
          var sum = 0
          for key in touched[0..<3] { sum &+= try tx.read(map, keys: [key]) { $0[key] ?? 0 } }
          for key in touched[3..<6] { try tx.update(written[program], .put(key, sum &+ 1)) }
        }
      }
      measurement.aborts = runtimes.reduce(0) { $0 + $1.counters.aborted }
      return measurement
    }
  }
}

/// Programs that have a map each, a partition of all there is, and transactions of which some also
/// write the next program's.
///
/// Each program has the next one's map open as well, and plays it: an object that one writes is one
/// that one has.
struct PartitionTransactions: Sendable {
  let programs: ObjectPrograms
  let keys: KeyChoice
  /// How many of a hundred transactions write another program's map.
  let percent: Int

  /// How many were committed, and how many tries were off.
  func run(for duration: Duration) async throws -> Measurement {
    try await programs.with { runtimes in
      var maps: [ReplicatedObject<BenchCluster.BenchClient, MapState<Int>>] = []
      var others: [ReplicatedObject<BenchCluster.BenchClient, MapState<Int>>] = []
      for (number, runtime) in runtimes.enumerated() {
        maps.append(try await runtime.object("part \(number)"))
        others.append(try await runtime.object("part \((number + 1) % runtimes.count)"))
      }
      let (own, next) = (maps, others)
      var measurement = try await programs.measure(for: duration) { program, random in
        let touched = (0..<6).map { _ in keys.key(&random) }
        let last = random.below(100) < percent ? next[program] : own[program]
        let map = own[program]
        try await runtimes[program].transaction { tx in
          var sum = 0
          for key in touched[0..<3] { sum &+= try tx.read(map, keys: [key]) { $0[key] ?? 0 } }
          for key in touched[3..<5] { try tx.update(map, .put(key, sum &+ 1)) }
          try tx.update(last, .put(touched[5], sum &+ 1))
        }
      }
      measurement.aborts = runtimes.reduce(0) { $0 + $1.counters.aborted }
      return measurement
    }
  }
}
