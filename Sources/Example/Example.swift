import Corfu

/// A program that uses a running cluster, `corfu-example HOST:PORT`, or has one of its own:
/// `corfu-example --folder FOLDER`.
@main
enum Example {
  static func main() async {
    do {
      let words = CommandLine.arguments.dropFirst()
      if words.first == "--folder", let folder = words.dropFirst().first {
        return try await embed(in: folder)
      }
      // As 'corfu cluster up' prints them: one or several, with commas between.
      try await run(
        on: words.flatMap { $0.split(separator: ",").map(String.init) }
      )
    } catch {
      print("corfu-example: \(error)")
    }
  }

  /// From connecting to closing: the log, what is built on it, and what may go wrong.
  static func run(on addresses: [String]) async throws {
    let connection = try await LogConnection.open(to: addresses)
    print("connected to the cluster '\(connection.cluster)'")
    try await appendAndRead(connection.log)
    try await follow(connection.log)
    let runtime = connection.runtime()
    try await order(runtime)
    try await takeASeat(runtime)
    try await transfer(runtime)
    try await keepSmall(runtime)
    try await overdraw(runtime)
    await connection.close()
    try await hurry(addresses)
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

  /// Following: entries in order, without an end; this one leaves when it has seen its own.
  static func follow(_ log: ClusterLog) async throws {
    let begin = try await log.tail()
    let last = try await log.append(Array("the last word".utf8))
    for try await item in log.entries(from: begin) {
      print("at \(item.position) follows '\(String(decoding: item.entry.payload, as: UTF8.self))'")
      if item.position >= last { break }
    }
  }
}
