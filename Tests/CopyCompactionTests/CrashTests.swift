// Goal: a crash or an error at any call to the disk leaves every record and every trim in place,
// and compaction can be done again. Method: one small log, and one fault at each call in turn.
import CorfuCopyCompaction
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct CrashTests {
  enum Way: CaseIterable {
    case moved
    case rewritten
  }

  private static let limits = StoreLimits.small(segmentBytes: 8 << 10)

  /// Data, junk, and trims of each kind, over several segments.
  private static func image() throws -> (DiskImage, [Slot]) {
    let world = World(seed: 5)
    let image = try world.run {
      let device = SimulatedDevice(world: world)
      try await withStore(device, limits: limits) { store async throws in
        for number in 0..<70 {
          if number % 9 == 4 {
            _ = try await store.fill(position(number))
          } else {
            try await store.write(number..<number + 1)
          }
        }
        try await store.trimPrefix(before: position(2))
        for number in stride(from: 3, to: 60, by: 3) { try await store.trim(position(number)) }
        try await store.trim([position(40)..<position(43), position(50)..<position(52)])
        try await store.write(70..<90)
      }
      return device.snapshot(.visible)
    }
    let slots = (0..<90).map { number -> Slot in
      let isTogether = (40..<43).contains(number) || (50..<52).contains(number)
      if number < 2 || number < 60 && number % 3 == 0 || isTogether { return .trimmed }
      return number < 70 && number % 9 == 4 ? .junk : data(number)
    }
    return (image, slots)
  }

  private static func empty(
    _ store: GroupCommit<SimulatedDevice>,
    _ way: Way
  ) async throws(LogError) {
    for trailer in store.reader.segments.prefix(3) {
      switch way {
      case .rewritten: _ = try await store.rewrite(trailer.segment)
      case .moved:
        var next: Position? = .zero
        while let position = next {
          next = try await store.copy(trailer.segment, from: position, bytesMax: 1000).next
        }
        try await store.restate(trailer.segment)
        _ = try await store.retire(trailer.segment)
      }
    }
  }

  /// Compacts, with a fault at one call to the disk.
  ///
  /// Throws `Missed` if there were fewer calls.
  private static func attempt(
    _ image: DiskImage,
    _ slots: [Slot],
    _ way: Way,
    _ effect: SimulatedDevice.Effect,
    _ call: Int
  ) throws {
    let world = World(seed: UInt64(call))
    let struck = try world.run {
      let first = SimulatedDevice(world: world, image: image)
      var random = SeededGenerator(seed: 2)
      let store = try await GroupCommit.open(first, limits: limits, using: &random)
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await store.run() }
        first.inject(effect, atCall: call)
        do throws(LogError) {
          try await empty(store, way)
        } catch {
          // Where the disk does not read, the segment is left alone.
          #expect(error == .outOfSpace || !error.isDefinite || error.isCorrupt, "\(error)")
        }
        group.cancelAll()
      }
      let struck = first.removeInjections() == 0
      if first.isAlive { first.powerCut() }
      let second = first.restart()
      let view = try StoreView(of: second).reader
      for (number, slot) in slots.enumerated() {
        #expect(try view.read(position(number)) == slot, "call \(call), a look at \(number)")
      }
      try await withStore(second, limits: limits) { store async throws in
        for (number, slot) in slots.enumerated() {
          #expect(try store.reader.read(position(number)) == slot, "call \(call), \(number)")
        }
        try await empty(store, way)
        for (number, slot) in slots.enumerated() {
          #expect(try store.reader.read(position(number)) == slot, "call \(call), then \(number)")
        }
        #expect(store.tail() == position(90))
      }
      #expect(try FolderReport(of: second).isSound)
      return struck
    }
    if !struck { throw Missed() }
  }

  private struct Missed: Error {}

  @Test(
    arguments: Way.allCases,
    [SimulatedDevice.Effect.powerCut, .kill, .error(.failed("injected"))]
  )
  func everyCall(way: Way, effect: SimulatedDevice.Effect) throws {
    let (image, slots) = try Self.image()
    var call = 1
    while true {
      do {
        try Self.attempt(image, slots, way, effect, call)
      } catch is Missed {
        break
      }
      call += 1
    }
    #expect(call > 20, "the faults struck")
  }
}

extension LogError {
  fileprivate var isCorrupt: Bool {
    if case .corrupt = self { return true }
    return false
  }
}
