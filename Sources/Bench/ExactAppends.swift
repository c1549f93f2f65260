internal import CorfuGlobalLog

/// A number of durable appends and nothing else, for tools that count what one costs: run it with
/// N and with 2N, and what the second run did more is the price of N appends.
public struct ExactAppends: Sendable {
  /// How many are under way at any time.
  public let outstanding: Int
  /// The size of each payload.
  public let payloadBytes: Int

  /// A workload.
  public init(outstanding: Int, payloadBytes: Int) {
    self.outstanding = outstanding
    self.payloadBytes = payloadBytes
  }

  /// Appends so many entries to a fresh log in a folder.
  public func run(_ count: Int, in folder: BenchFolder) async throws {
    try await LogFolder(folder: folder.folder("appends")).with { store in
      let places = SharedCounter()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<outstanding {
          group.addTask { try await append(to: store, places, count, UInt64(task)) }
        }
        try await group.waitForAll()
      }
    }
  }

  private func append(
    to store: LogFolder.Log,
    _ places: SharedCounter,
    _ count: Int,
    _ task: UInt64
  ) async throws {
    // Made once: whatever is allocated from here on is the store's.
    let mark = EntryMark(client: ClientID(high: 1, low: task), sequence: 0)
    let payload = [UInt8](repeating: 5, count: payloadBytes)
    let entries = [Entry(mark: mark, payload: payload)]
    while true {
      let place = places.next()
      guard place < count else { return }
      let outcome = try await store.write(entries, at: Position.zero.advanced(by: place))
      guard outcome.written == 1 else {
        throw BenchError.wrongAnswer("an append was refused: \(outcome)")
      }
    }
  }
}
