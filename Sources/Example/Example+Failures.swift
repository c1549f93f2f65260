import Corfu

// What may go wrong, what it means, and how long to wait for it.

extension Example {
  /// Somebody who has less time than the ten seconds that an operation may take.
  static func hurry(_ addresses: [String]) async throws {
    var limits = ClientLimits()
    limits.operationPatience = .seconds(5)
    let connection = try await LogConnection.open(to: addresses, limits: limits)
    let position = try await appendOnce(Array("once".utf8), to: connection.log)
    print("what stands at \(position) stands there once")
    if let tail = try await tailInTime(of: connection.log, within: .seconds(1)) {
      print("the log ended at \(tail) in time")
    }
    await connection.close()
  }

  /// Appends, and if nobody can say whether the entry stands, looks before it tries again.
  static func appendOnce(
    _ payload: [UInt8],
    to log: ClusterLog
  ) async throws(LogError) -> Position {
    while true {
      do throws(LogError) {
        return try await log.append(payload)
      } catch .indefinite(let position) {
        // A fill settles it: by now the entry stands there, or never will; without one it is open.
        switch try? await log.fill(position) {
        case .data(let entry)? where entry.mark.client == log.id && entry.payload == payload:
          return position
        case .data?, .junk?: continue
        case .trimmed?, .empty?, nil: throw .indefinite(position)
        }
      }
    }
  }

  /// The end of the log; `nil` if nobody tells it in time: what is late is cancelled.
  static func tailInTime(of log: ClusterLog, within time: Duration) async throws -> Position? {
    try await withThrowingTaskGroup(of: Position?.self) { group in
      group.addTask { try await log.tail() }
      group.addTask {
        try await Task.sleep(for: time)
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  /// Ann has too little.
  struct Overdrawn: Error {}

  /// A transaction that its own body ends, and what other ends it may come to.
  static func overdraw(_ runtime: Runtime<ClusterLog>) async throws {
    let accounts = try await runtime.object("accounts", of: MapState<Int64>.self)
    do {
      try await runtime.transaction { transaction in
        let balance = try transaction.read(accounts, keys: ["ann"]) { $0["ann"] ?? 0 }
        guard balance >= 1000 else { throw Overdrawn() }
        try transaction.update(accounts, .put("ann", balance - 1000))
      }
    } catch is Overdrawn {
      print("ann has too little, and nothing of it is in the log")
    } catch ObjectError.aborted(let reason) {
      print("nothing of it is in the log: \(reason)")
    } catch ObjectError.log(let error) where !error.isDefinite {
      print("look before you do it again: \(error)")
    }
  }
}
