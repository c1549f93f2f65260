import Corfu

// What is built on the log: streams, objects and transactions.

extension Example {
  /// A stream: entries of its own, in the order of the whole log.
  static func order(_ runtime: Runtime<ClusterLog>) async throws {
    let orders = try await runtime.stream("orders")
    let first = try await orders.append(Array("three apples".utf8))
    let last = try await orders.append(Array("a pear".utf8))
    for try await item in orders.entries(from: first) {
      print("ordered at \(item.position): \(String(decoding: item.entry.payload, as: UTF8.self))")
      if item.position >= last { break }
    }
  }

  /// An object of a type of its own: of all who want a seat, the log says who was first.
  static func takeASeat(_ runtime: Runtime<ClusterLog>) async throws {
    let seats = try await runtime.object("seats", of: Seats.self)
    let isMine = try await seats.outcome(of: .take(seat: 12, guest: "ann"))
    let guest = try await seats.read { $0.guests[12] ?? "nobody" }
    print(isMine ? "ann has seat 12 now" : "seat 12 was taken, by \(guest)")
  }

  /// Checkpoints in the background: what the program has open is written down when it has grown, so
  /// that whoever opens it need not play everything.
  static func keepSmall(_ runtime: Runtime<ClusterLog>) async throws {
    var policy = CheckpointPolicy()
    policy.entriesMin = 10_000
    // Or else it forgets what comes before, also entries that are no object's.
    policy.trims = false
    try await withThrowingTaskGroup(of: Void.self) { [policy] group in
      group.addTask { await runtime.run(policy) }
      let visits = try await runtime.object("visits", of: CounterState.self)
      for _ in 0..<10 { try await visits.update(.add(1)) }
      print("visits were counted: \(try await visits.read { $0.value } >= 10)")
      group.cancelAll()
    }
  }

  /// Objects and a transaction: two accounts, whose sum stays what it is, whoever else is at work.
  static func transfer(_ runtime: Runtime<ClusterLog>) async throws {
    let accounts = try await runtime.object("accounts", of: MapState<Int64>.self)
    try await accounts.update(.put("ann", 100))
    try await accounts.update(.put("bob", 0))
    let moved = try await runtime.transaction { transaction in
      let balance = try transaction.read(accounts, keys: ["ann"]) { $0["ann"] ?? 0 }
      let other = try transaction.read(accounts, keys: ["bob"]) { $0["bob"] ?? 0 }
      try transaction.update(accounts, .put("ann", balance - 30))
      try transaction.update(accounts, .put("bob", other + 30))
      return balance + other
    }
    let sum = try await accounts.read { ($0["ann"] ?? 0) + ($0["bob"] ?? 0) }
    print("30 of \(moved) went from ann to bob, and there are still \(sum)")
  }
}
