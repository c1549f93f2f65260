internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStages
internal import CorfuTransactions

/// Opening a map whose updates are all in the log, beside reading the same entries and no more.
struct MapPlay: Sendable {
  let cluster: BenchCluster
  let updates: Int

  private static let keys = 100_000
  /// How many positions are read at once.
  private static let step = 256

  /// Writes the updates once, then opens the map and reads the log in turn, so often, each time as
  /// a program that knows nothing of it.
  func run(
    times: Int,
    onTime: (String) -> Void
  ) async throws -> (plays: Series, scans: Series) {
    // One that writes, and one for the time that does not count.
    let programs = ObjectPrograms(cluster: cluster, programs: times + 2, callers: 1)
    return try await programs.with { runtimes in
      onTime("writing \(Unit.grouped(updates)) updates")
      try await fill(try await runtimes[0].object("map", of: MapState<Int>.self))
      var (plays, scans) = (Series(), Series())
      for (time, runtime) in runtimes.dropFirst().enumerated() {
        onTime(time == 0 ? "playing a map, warming up" : "playing a map, \(time) of \(times)")
        let played = try await play(by: runtime)
        let scanned = try await scan(by: runtime.log)
        if time == 0 { continue }
        plays.append(played)
        scans.append(scanned)
      }
      return (plays, scans)
    }
  }

  private func play(by program: ObjectPrograms.Program) async throws -> Measurement {
    let clock = ContinuousClock()
    let begin = clock.now
    let map = try await program.object("map", of: MapState<Int>.self)
    let duration = begin.duration(to: clock.now)
    guard try map.peek({ $0.count }) == min(updates, Self.keys) else {
      throw BenchError.wrongAnswer("the map was not played to its end")
    }
    // The next one needs the room.
    await program.close(map)
    return Measurement(operations: updates, bytes: 0, duration: duration)
  }

  private func scan(by log: BenchCluster.BenchClient) async throws -> Measurement {
    let clock = ContinuousClock()
    let begin = clock.now
    let tail = try await log.tail()
    var next = Position.zero
    var count = 0
    while next < tail {
      let end = min(next.advanced(by: Self.step), tail)
      count += try await log.read(next..<end).count
      next = end
    }
    return Measurement(operations: count, bytes: 0, duration: begin.duration(to: clock.now))
  }

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
