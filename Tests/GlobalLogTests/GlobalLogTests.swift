import CorfuGlobalLog
import Testing

/// Runs a body beside a store's commit loop, and closes the store in the end.
func withStore<Storage: Device>(
  _ device: Storage, limits: StoreLimits = .small(segmentBytes: 64 << 10), close: Bool = true,
  _ body: @Sendable (GroupCommit<Storage>) async throws -> Void
) async throws {
  var random = SystemRandomNumberGenerator()
  let store = try await GroupCommit.open(device, limits: limits, using: &random)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await store.run() }
    do {
      try await body(store)
      if close { try await store.close() }
    } catch {
      try await store.close()
      throw error
    }
  }
}

@Test("What was appended is there after closing and opening again")
func roundTrip() async throws {
  let device = MemoryDevice()
  try await withStore(device) { store in
    let log = RacingLog<MemoryDevice, TailRace>(store: store, client: ClientID(high: 1, low: 2))
    for index in 0..<2000 {
      let position = try await log.append([UInt8](repeating: UInt8(index % 251), count: index % 300))
      #expect(position == Position(UInt64(index)))
    }
    try await log.trim(Position(7))
    try await log.trimPrefix(before: Position(5))
  }
  print(device.list())
  try await withStore(device) { store in
    #expect(store.tail() == Position(2000))
    let slots = try store.reader.read(Position(0)..<Position(2001))
    for index in 0..<2000 {
      if index < 5 || index == 7 { #expect(slots[index] == .trimmed); continue }
      guard case .data(let entry) = slots[index] else { Issue.record("\(index): \(slots[index])"); return }
      #expect(entry.payload == [UInt8](repeating: UInt8(index % 251), count: index % 300))
    }
    #expect(slots[2000] == .empty)
  }
}
