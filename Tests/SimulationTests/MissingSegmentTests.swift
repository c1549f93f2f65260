// Goal: a segment's file that somebody removed is missed at the next opening, even if that one and
// the one after it are cut short; and no crash alone makes a store miss a segment.
// Method: a small folder, each file removed in turn, the power cut or the process killed at each
// call to the disk.
import CorfuGlobalLog
import CorfuSimulation
import Testing

struct MissingSegmentTests {
  private static let limits = StoreLimits.small(segmentBytes: 4 << 10)

  private static func fill(
    _ device: SimulatedDevice,
    closes: Bool,
    using random: inout SeededGenerator
  ) async throws {
    let store = try await GroupCommit.open(device, limits: limits, using: &random)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await store.run() }
      do {
        for number in 0..<40 {
          let mark = EntryMark(client: ClientID(high: 1, low: 2), sequence: UInt64(number))
          let entry = Entry(mark: mark, payload: [UInt8](repeating: UInt8(number), count: 100))
          _ = try await store.write([entry], at: Position(UInt64(number)))
        }
        if closes { try await store.close() } else { device.kill() }
      } catch {
        Issue.record("filling a folder: \(error)")
      }
      group.cancelAll()
    }
  }

  private static func image(closes: Bool) throws -> DiskImage {
    let world = World(seed: 1)
    return try world.run {
      let device = SimulatedDevice(world: world)
      var random = world.random.split()
      try await fill(device, closes: closes, using: &random)
      return device.snapshot(.visible)
    }
  }

  /// Opens a folder, with something happening at a call to the disk.
  ///
  /// - Returns: What is left of it, and whether the call came at all.
  private static func open(
    _ image: DiskImage,
    _ effect: SimulatedDevice.Effect,
    atCall call: Int
  ) throws -> (DiskImage, struck: Bool) {
    let world = World(seed: UInt64(call))
    return try world.run {
      let device = SimulatedDevice(world: world, image: image)
      device.inject(effect, atCall: call)
      var random = world.random.split()
      do throws(StoreOpenError) {
        _ = try await GroupCommit.open(device, limits: limits, using: &random)
      } catch {
        #expect(error == .device(.powerOff) || error == .device(.stopped), "\(error)")
      }
      return (device.snapshot(.visible), device.removeInjections() == 0)
    }
  }

  private static func isInDoubt(_ image: DiskImage) throws -> Bool {
    let world = World(seed: 1)
    return try world.run {
      let device = SimulatedDevice(world: world, image: image)
      var random = world.random.split()
      return try await GroupCommit.open(device, limits: limits, using: &random).reader.isInDoubt
    }
  }

  @Test(
    "D7: openings that a crash ends at any call miss what is missing, and nothing else",
    arguments: [true, false]
  )
  func crashes(closes: Bool) throws {
    let whole = try Self.image(closes: closes)
    // The spare of a killed store is blank: nobody misses it.
    let segments = whole.names.filter { $0.hasSuffix(".seg") }.dropLast(closes ? 0 : 1)
    #expect(segments.count > 1)
    for effect in [SimulatedDevice.Effect.kill, .powerCut] {
      for removed in [nil] + segments.map({ Optional($0) }) {
        var first = whole
        if let removed { first[removed] = nil }
        for call in 1... {
          let (second, isStruck) = try Self.open(first, effect, atCall: call)
          guard isStruck else { break }
          // Crash again, a little further on.
          let (third, _) = try Self.open(second, effect, atCall: call + 3)
          let place = "\(removed ?? "nothing") removed, \(effect) at call \(call)"
          #expect(try Self.isInDoubt(third) == (removed != nil), "\(place)")
        }
      }
    }
  }

  @Test("A segment is not missed whose records a failed sync left in the page cache only")
  func unsyncedRecords() throws {
    for call in 1...60 {
      let world = World(seed: UInt64(call))
      let isInDoubt = try world.run { () -> Bool in
        let device = SimulatedDevice(world: world)
        var random = world.random.split()
        let store = try await GroupCommit.open(device, limits: Self.limits, using: &random)
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await store.run() }
          device.inject(.error(.failed("injected")), atCall: 1, of: .sync)
          let mark = EntryMark(client: ClientID(high: 1, low: 2), sequence: 0)
          await #expect(throws: LogError.self) {
            _ = try await store.write([Entry(mark: mark, payload: [1])], at: .zero)
          }
          group.cancelAll()
        }
        device.kill()
        let second = device.restart()
        second.inject(.powerCut, atCall: call)
        // Most of them are ended by it.
        _ = try? await GroupCommit.open(second, limits: Self.limits, using: &random)
        second.removeInjections()
        if second.isAlive { second.powerCut() }
        let third = second.restart()
        return try await GroupCommit.open(third, limits: Self.limits, using: &random)
          .reader.isInDoubt
      }
      #expect(!isInDoubt, "the power went at call \(call) of the opening")
    }
  }
}
