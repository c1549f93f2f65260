import CorfuCopyCompaction
@testable import CorfuGlobalLog
import CorfuSimulation

/// Runs a body beside a store's commit loop, in a world, and closes the store in the end.
func withStore<Storage: Device>(
  _ device: Storage,
  limits: StoreLimits = .small(segmentBytes: 16 << 10),
  _ body: (GroupCommit<Storage>) async throws -> Void
) async throws {
  var random = SeededGenerator(seed: 1)
  let store = try await GroupCommit.open(device, limits: limits, using: &random)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await store.run() }
    do {
      try await body(store)
      try await store.close()
    } catch {
      group.cancelAll()
      throw error
    }
    group.cancelAll()
  }
}

/// An entry whose bytes tell which it is.
func entry(_ number: Int, bytes: Int = 300) -> Entry {
  Entry(
    mark: EntryMark(client: ClientID(high: 7, low: 9), sequence: UInt64(number)),
    payload: (0..<bytes).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
  )
}

/// The slot that an entry makes.
func data(_ number: Int, bytes: Int = 300) -> Slot { .data(entry(number, bytes: bytes)) }

func position(_ number: Int) -> Position { Position(UInt64(number)) }

extension GroupCommit {
  /// Writes entries from a position on.
  func write(_ numbers: Range<Int>, bytes: Int = 300) async throws {
    for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 8) {
      let run = start..<min(start + 8, numbers.upperBound)
      let outcome = try await write(run.map { entry($0, bytes: bytes) }, at: position(start))
      precondition(outcome.written == run.count)
    }
  }

  /// The segments' files, and what is live in them, in bytes.
  func room() async throws -> (files: Int, live: Int) {
    let usage = try await usage()
    return (
      usage.reduce(0) { $0 + $1.fileBytes }, usage.reduce(0) { $0 + $1.liveBytes }
    )
  }
}

/// A world's work, with an error as it came.
func inWorld(_ seed: UInt64 = 1, _ body: @escaping @Sendable (World) async throws -> Void) throws {
  let world = World(seed: seed)
  try world.run { try await body(world) }
}
