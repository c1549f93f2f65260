internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStages
internal import CorfuTransactions

/// Reads and writes of a register, each linearizable.
struct RegisterUse: Sendable {
  let programs: ObjectPrograms
  let reads: Bool

  func run(for duration: Duration) async throws -> Measurement {
    try await programs.with { runtimes in
      var registers: [ReplicatedObject<BenchCluster.BenchClient, RegisterState<Int>>] = []
      for runtime in runtimes { registers.append(try await runtime.object("register")) }
      let all = registers
      try await all[0].update(.write(1))
      return try await programs.measure(for: duration) { program, _ in
        if reads {
          _ = try await all[program].read { $0.value }
        } else {
          try await all[program].update(.write(1))
        }
      }
    }
  }
}

/// Views of one register: so many programs read it, each its own view, while one more writes it all
/// the time, and all of them play that.
struct RegisterViews: Sendable {
  /// Those that read, and one that writes.
  let programs: ObjectPrograms
  /// How many writes are under way at any time.
  var writers = 16

  init(programs: ObjectPrograms) {
    self.programs = programs
  }

  /// How many reads were made, each linearizable, and how many writes besides.
  func run(for duration: Duration) async throws -> Measurement {
    try await programs.with { runtimes in
      var opened: [ReplicatedObject<BenchCluster.BenchClient, RegisterState<Int>>] = []
      for runtime in runtimes { opened.append(try await runtime.object("register")) }
      guard let writer = opened.popLast() else {
        throw BenchError.failed("there is no program that writes")
      }
      try await writer.update(.write(0))
      return try await measure(opened, writtenBy: writer, for: duration)
    }
  }

  private func measure(
    _ views: [ReplicatedObject<BenchCluster.BenchClient, RegisterState<Int>>],
    writtenBy writer: ReplicatedObject<BenchCluster.BenchClient, RegisterState<Int>>,
    for duration: Duration
  ) async throws -> Measurement {
    let readers = Callers(count: views.count * programs.callers, payloadBytes: 0)
    let writes = SharedCounter()
    return try await withThrowingTaskGroup(of: Measurement?.self) { group in
      for _ in 0..<writers {
        group.addTask {
          var value = 0
          while !Task.isCancelled {
            value += 1
            try await writer.update(.write(value))
            _ = writes.next()
          }
          return nil
        }
      }
      group.addTask {
        var measurement = try await readers.run(for: duration) { caller, _ in
          _ = try await views[caller % views.count].read { $0.value }
        }
        measurement.besides = writes.count
        return measurement
      }
      for try await case let measurement? in group {
        group.cancelAll()
        return measurement
      }
      throw BenchError.failed("nothing was measured")
    }
  }
}
