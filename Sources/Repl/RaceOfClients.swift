import CorfuGlobalLog

/// Clients that append at once, each as fast as it can.
enum RaceOfClients {
  /// Lets each client append so many entries.
  ///
  /// Stops early when the task is cancelled.
  static func run(_ clients: [some SharedLog], appends: Int) async throws(LogError) {
    let outcome = await withTaskGroup(of: LogError?.self) { group in
      for (number, client) in clients.enumerated() {
        group.addTask { await appendAlone(appends, by: client, number: number + 1) }
      }
      var first: LogError?
      for await error in group { first = first ?? error }
      return first
    }
    if let outcome { throw outcome }
  }

  static func appendAlone(
    _ count: Int,
    by client: some SharedLog,
    number: Int
  ) async -> LogError? {
    // The presses of Ctrl-C, too: what runs in a simulated world cannot be cancelled.
    for entry in 0..<count where !Task.isCancelled && !Interruption.isRaised {
      do {
        _ = try await client.append(Array("client \(number), entry \(entry + 1)".utf8))
      } catch {
        return error
      }
    }
    return nil
  }
}
