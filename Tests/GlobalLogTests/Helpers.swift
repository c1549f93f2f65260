@testable import CorfuGlobalLog
import CorfuSimulation

/// Runs a body beside a store's commit loop.
///
/// Closes the store in the end, or leaves it as a kill would.
func withStore<Storage: Device>(
  _ device: Storage,
  limits: StoreLimits = .small(segmentBytes: 16 << 10),
  closes: Bool = true,
  _ body: @Sendable (GroupCommit<Storage>) async throws -> Void
) async throws {
  var random = SeededGenerator(seed: 1)
  let store = try await GroupCommit.open(device, limits: limits, using: &random)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await store.run() }
    do {
      try await body(store)
      if closes { try await store.close() }
    } catch {
      group.cancelAll()
      throw error
    }
    group.cancelAll()
  }
}

/// A store that is driven by hand, step by step.
func openStore<Storage: Device>(
  _ device: Storage,
  limits: StoreLimits = .small(segmentBytes: 16 << 10)
) async throws -> SegmentStore<Storage> {
  var random = SeededGenerator(seed: 1)
  return try await SegmentStore.open(device, limits: limits, using: &random)
}

/// An entry whose bytes tell which it is.
func entry(_ number: Int, bytes: Int = 40) -> Entry {
  Entry(
    mark: EntryMark(client: ClientID(high: 7, low: 9), sequence: UInt64(number)),
    payload: (0..<bytes).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
  )
}

/// The slot that an entry makes.
func data(_ number: Int, bytes: Int = 40) -> Slot { .data(entry(number, bytes: bytes)) }

extension RecordDraft {
  init(_ number: Int, bytes: Int = 40) {
    let entry = entry(number, bytes: bytes)
    self.init(
      entry,
      at: Position(UInt64(number)),
      epoch: .zero,
      bodySum: Self.bodySum(of: entry)
    )
  }
}

extension MemoryDevice {
  /// Another device with the same files.
  func copy() throws -> MemoryDevice {
    let copy = MemoryDevice()
    for name in list() {
      let file = try open(name)
      let bytes = file.read(at: 0, count: file.size())
      try copy.create(name, count: 0).write(bytes.span.bytes, at: 0)
    }
    return copy
  }
}
