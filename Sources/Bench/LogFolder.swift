internal import CorfuGlobalLog

/// A durable log in a folder, running on a thread of its own.
struct LogFolder: Sendable {
  typealias Log = GroupCommit<FileDevice>

  let folder: BenchFolder
  var limits = StoreLimits()

  /// Opens the log, or makes one; hands it to `body` while it runs; closes it.
  func with<Result: Sendable>(
    _ body: @Sendable (Log) async throws -> Result
  ) async throws -> Result {
    var random = BenchRandom(seed: 1)
    let device = FileDevice(path: folder.path)
    let store = try await GroupCommit.open(device, limits: limits, using: &random)
    let thread = try ThreadExecutor()
    defer { thread.stop() }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: thread) { await store.run() }
      let result: Result
      do {
        result = try await body(store)
      } catch {
        // Without closing, the store would be waited for in vain.
        try await store.close()
        throw error
      }
      try await store.close()
      return result
    }
  }

  /// Fills the log with entries, from its tail on.
  func load(entries count: Int, payloadBytes: Int) async throws {
    let run = 1024
    try await with { store in
      let first = store.tail()
      let runs = SharedCounter()
      let payload = [UInt8](repeating: 5, count: payloadBytes)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<4 {
          group.addTask {
            let client = ClientID(high: 9, low: UInt64(writer))
            while true {
              let begin = runs.next() * run
              guard begin < count else { return }
              let entries = (begin..<min(begin + run, count)).map { index in
                Entry(mark: EntryMark(client: client, sequence: UInt64(index)), payload: payload)
              }
              let outcome = try await store.write(entries, at: first.advanced(by: begin))
              guard outcome.written == entries.count else {
                throw BenchError.wrongAnswer("loading stopped: \(outcome)")
              }
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }
}
