import Corfu
import CorfuCluster
import CorfuGlobalLog
import CorfuTransactions

/// A program that uses a running cluster: `corfu-example HOST:PORT`.
@main
enum Example {
  static func main() async {
    do {
      // As 'corfu cluster up' prints them: one or several, with commas between.
      try await run(
        on: CommandLine.arguments.dropFirst().flatMap { $0.split(separator: ",").map(String.init) }
      )
    } catch {
      print("corfu-example: \(error)")
    }
  }

  static func run(on addresses: [String]) async throws {
    let connection = try await LogConnection.open(to: addresses)
    print("connected to the cluster '\(connection.cluster)'")
    try await appendAndRead(connection.log)
    try await transfer(connection.runtime())
    await connection.close()
  }

  /// The log itself: entries have positions, and stay where they are.
  static func appendAndRead(_ log: ClusterLog) async throws {
    let position = try await log.append(Array("hello".utf8))
    let others = try await log.append(batch: [Array("one".utf8), Array("two".utf8)])
    guard case .data(let entry) = try await log.read(position) else { return }
    print("'\(String(decoding: entry.payload, as: UTF8.self))' stands at \(position)")
    print("\(others.count) more came after it: \(others.allSatisfy { $0 > position })")
    print("the log ends behind them: \(try await log.tail() > others[1])")
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
