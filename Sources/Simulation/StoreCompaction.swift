import CorfuCopyCompaction
import CorfuGlobalLog

/// Somebody who compacts a store while clients work on it: as the plan says, and at random.
struct StoreCompaction: Sendable {
  let world: World
  let store: GroupCommit<SimulatedDevice>
  let history: StoreHistory
  /// To look at the files without the store; `nil` to believe the store's count.
  let device: SimulatedDevice?

  /// Compacts again and again until the store is at its end.
  func run(_ generator: SeededGenerator) async {
    var random = generator
    while !Task.isCancelled {
      await world.sleep(for: random.duration(in: .zero ... .milliseconds(4)))
      guard await compactOnce(&random) else { return }
    }
  }

  /// Compacts until the plan finds nothing worth it.
  ///
  /// - Returns: Whether the store is still there.
  func compact() async -> Bool {
    var limits = CompactionLimits()
    limits.stepBytesMax = 1 << 10
    let compactor = Compactor(of: store, limits: limits, clock: world.clock)
    do {
      try await compactor.run()
    } catch {
      return survive(error)
    }
    judgeCounts()
    return true
  }

  /// Does one thing to one segment, or compacts as the plan says.
  ///
  /// - Returns: Whether the store is still there.
  func compactOnce(_ random: inout SeededGenerator) async -> Bool {
    judgeCounts()
    let choice = random.number(below: 10)
    guard let segment = random.element(of: store.reader.segments) else { return true }
    do throws(LogError) {
      switch choice {
      case 0..<3: return await compact()
      case 3: _ = try await store.rewrite(segment.segment)
      case 4: _ = try await store.retire(segment.segment)
      case 5: try await store.restate(segment.segment)
      default:
        let isAbandoned = random.chance(0.2)
        var next: Position? = .zero
        while let position = next {
          let bytes = random.number(in: 1...4096)
          next = try await store.copy(segment.segment, from: position, bytesMax: bytes).next
          await world.sleep(for: random.duration(in: .zero ... .microseconds(100)))
          if isAbandoned { return true }
        }
        try await store.restate(segment.segment)
        _ = try await store.retire(segment.segment)
      }
    } catch {
      return survive(.store(error))
    }
    return true
  }

  /// Empties a segment, or finds that damage keeps it.
  ///
  /// - Returns: Whether the store is still there.
  func move(_ segment: UInt32) async -> Bool {
    do throws(LogError) {
      var next: Position? = .zero
      while let position = next {
        next = try await store.copy(segment, from: position, bytesMax: 1 << 10).next
      }
      try await store.restate(segment)
      _ = try await store.retire(segment)
    } catch {
      return survive(.store(error))
    }
    return true
  }

  private func survive(_ error: CompactionError) -> Bool {
    switch error {
    case .cancelled, .store(.failed), .store(.closed): return false
    case .store(.outOfSpace): return true
    case .store(let error):
      switch error {
      case .corrupt(let position), .unknown(let position): history.saw(error, at: position)
      default: history.fail("compaction answered: \(error)")
      }
      return true
    }
  }

  /// Holds the store's counts of live bytes against the records that stand in the files.
  private func judgeCounts() {
    guard let device, device.isAlive else { return }
    do {
      var counted: [UInt32: Int] = [:]
      for segment in store.reader.segments {
        counted[segment.segment] = try store.reader.live(in: segment.segment)?.bytes
      }
      var found: [UInt32: Int] = [:]
      try FolderReport.dump(device) { record in
        guard case .data? = record.slot else {
          if record.slot != .junk { return }
          return try count(record, &found)
        }
        try count(record, &found)
      }
      for (segment, bytes) in counted.sorted(by: { $0.key < $1.key })
      where found[segment, default: 0] != bytes {
        let there = found[segment, default: 0]
        history.fail("segment \(segment) holds \(there) live bytes, and \(bytes) were counted")
      }
    } catch {
      world.note("not counted: \(error)")
    }
  }

  private func count(_ record: FoundRecord, _ found: inout [UInt32: Int]) throws(LogError) {
    let position = record.header.position
    let isTrimmed = store.reader.trims(in: position..<position.advanced(by: 1)).count > 0
    if !isTrimmed { found[record.header.segment, default: 0] += record.header.recordBytes }
  }
}
