// Goal: a log on a full disk opens again, however often it crashes and whoever else takes the room,
// with all that was acknowledged; and it takes writes again once there is room.
// Method: scripted lives in the simulator, over many sizes of disk, ends of a life, and moments.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct FullDiskTests {
  private static let limits = StoreLimits.small(segmentBytes: 8 << 10)

  enum Ending: CaseIterable {
    case kill
    case powerCut
    case close
  }

  /// One log on one disk, through many lives.
  private struct Scene {
    let history = StoreHistory()
    var device: SimulatedDevice
    var limits = FullDiskTests.limits
    private var sequence: UInt64 = 0

    init(_ device: SimulatedDevice) {
      self.device = device
    }

    /// Opens the log, looks at all of it, does something, and ends.
    mutating func live(
      _ ending: Ending,
      _ body: (GroupCommit<SimulatedDevice>, inout Scene) async throws(LogError) -> Void
    ) async throws {
      var random = SeededGenerator(seed: 1)
      let store = try await GroupCommit.open(device, limits: limits, using: &random)
      history.inspectOpened(store.reader)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await store.run() }
        do throws(LogError) {
          try await body(store, &self)
          if ending == .close { try await store.close() }
        } catch {
          // The fault that the script strikes.
          guard case .failed = error else { throw error }
        }
        history.inspect(store.reader)
        group.cancelAll()
      }
      if device.isAlive {
        switch ending {
        case .kill: device.kill()
        case .powerCut: device.powerCut()
        case .close: device.exit()
        }
      }
      device = device.restart()
    }

    /// Opens the log, looks at all of it, and ends.
    mutating func live(_ ending: Ending) async throws {
      try await live(ending) { _, _ throws(LogError) in }
    }

    /// - Returns: Whether there was room for it.
    mutating func append(
      to store: GroupCommit<SimulatedDevice>,
      bytes: Int = 300,
      run: Int = 1
    ) async throws(LogError) -> Bool {
      let position = store.tail()
      let entries = (0..<run).map { _ in
        sequence += 1
        let mark = EntryMark(client: ClientID(high: 1, low: 1), sequence: sequence)
        let byte = UInt8(truncatingIfNeeded: sequence)
        return Entry(mark: mark, payload: [UInt8](repeating: byte, count: bytes))
      }
      for (entry, place) in zip(entries, position...) { history.began(.data(entry), at: place) }
      do {
        let written = try await store.write(entries, at: position).written
        for (entry, place) in zip(entries.prefix(written), position...) {
          history.acknowledged(.data(entry), at: place)
        }
        return written == run
      } catch .outOfSpace {
        return false
      }
    }

    /// - Returns: Whether there was room for it.
    func fill(_ store: GroupCommit<SimulatedDevice>) async throws(LogError) -> Bool {
      let position = store.tail()
      history.began(.junk, at: position)
      do {
        _ = try await store.fill(position)
        history.acknowledged(.junk, at: position)
        return true
      } catch .outOfSpace {
        return false
      }
    }

    /// - Returns: Whether there was room for it.
    func trimAll(_ store: GroupCommit<SimulatedDevice>) async throws(LogError) -> Bool {
      let mark = store.tail()
      history.beganPrefixTrim(before: mark)
      do {
        try await store.trimPrefix(before: mark)
        history.trimmedPrefix(before: mark)
        return true
      } catch .outOfSpace {
        return false
      }
    }
  }

  @Test("However often it crashes on a full disk", arguments: [Ending.kill, .powerCut])
  func crashesAgainAndAgain(ending: Ending) throws {
    let segment = Self.limits.segmentBytes
    for capacity in stride(from: 3 * segment + 1024, to: 5 * segment, by: 704) {
      for junk in [0, 3, 1000] {
        try simulate { world in
          var scene = Scene(SimulatedDevice(world: world, capacityBytes: capacity))
          for _ in 1...12 {
            try await scene.live(ending) { store, scene throws(LogError) in
              while try await scene.append(to: store) {}
              for _ in 0..<junk {
                guard try await scene.fill(store) else { break }
              }
            }
          }
          #expect(scene.device.counts[.outOfSpace] > 0)
          try await scene.live(.close) { store, scene throws(LogError) in
            #expect(try await scene.trimAll(store))
            #expect(try await scene.append(to: store))
          }
          #expect(scene.history.violation == nil, "capacity \(capacity), junk \(junk)")
        }
      }
    }
  }

  @Test("Whoever else takes the room, and when", arguments: Ending.allCases)
  func othersTakeTheRoom(ending: Ending) throws {
    for entries in 0...40 {
      try simulate { world in
        var scene = Scene(SimulatedDevice(world: world))
        try await scene.live(ending) { store, scene throws(LogError) in
          for _ in 0..<entries { #expect(try await scene.append(to: store)) }
        }
        scene.device.capacityBytes = 0
        for again in Ending.allCases {
          try await scene.live(again) { store, scene throws(LogError) in
            #expect(try await !scene.append(to: store))
            _ = try await scene.fill(store)
          }
        }
        try await scene.live(ending) { store, scene throws(LogError) in
          #expect(try await !scene.append(to: store))
          scene.device.capacityBytes = nil
          // Who waited for room sees it with the round after the next at the latest.
          _ = try await scene.append(to: store)
          #expect(try await scene.append(to: store))
          #expect(try await scene.trimAll(store))
          #expect(try await scene.append(to: store))
        }
        try await scene.live(.close)
        #expect(scene.history.violation == nil, "\(entries) entries")
      }
    }
  }

  @Test("Whatever happens to the disk while it opens", arguments: [200, 300, 407])
  func everyCallIsStruck(bytes: Int) throws {
    var struck = 0
    for effect in [SimulatedDevice.Effect.error(.failed("injected")), .powerCut, .kill] {
      for number in 1...40 {
        struck += try simulate(seed: UInt64(number)) { world in
          var scene = Scene(SimulatedDevice(world: world))
          // The first life ends in the middle of a batch, of which any part may be there.
          scene.device.inject(number % 2 == 0 ? .kill : .powerCut, atCall: 14, of: .sync)
          try await scene.live(.kill) { store, scene throws(LogError) in
            while try await scene.append(to: store, bytes: bytes, run: 3) {}
          }
          scene.device.capacityBytes = 0
          scene.device.inject(effect, atCall: number)
          // It may be the reading of what was opened that is struck.
          scene.history.allowReadErrors(true)
          do {
            try await scene.live(.powerCut) { store, scene throws(LogError) in
              while try await scene.fill(store) {}
            }
          } catch {
            if scene.device.isAlive { scene.device.powerCut() }
            scene.device = scene.device.restart()
          }
          let isStruck = scene.device.removeInjections() == 0
          scene.history.allowReadErrors(false)
          try await scene.live(.powerCut)
          try await scene.live(.kill)
          #expect(scene.history.violation == nil, "\(effect) at \(number)")
          return isStruck ? 1 : 0
        }
      }
    }
    #expect(struck > 60)
  }

  // A later write that ends where the torn record ended must not bring back what stands behind it.
  @Test("What a crash left of a batch is gone for good, once the log has opened without it")
  func tornBatchStaysGone() throws {
    try simulate { world in
      var scene = Scene(SimulatedDevice(world: world))
      // Zeros ahead of a record would hide what stands behind it.
      scene.limits.zeroAheadBytes = 0
      // With the first batch the segment is counted, in two syncs more.
      scene.device.inject(.kill, atCall: 7, of: .sync)
      try await scene.live(.kill) { store, scene throws(LogError) in
        while try await scene.append(to: store, bytes: 0, run: 16) {}
      }
      var image = scene.device.snapshot(.visible)
      let name = try #require(
        image.names.last { name in name.hasSuffix(".seg") && Self.records(image[name]).count > 16 }
      )
      let torn = try #require(Self.records(image[name]).suffix(16).first)
      image.flipBit(of: name, at: torn + 8, bit: 1)
      scene.device = SimulatedDevice(world: world, capacityBytes: 0, image: image)
      var tail = Position.zero
      try await scene.live(.kill) { store, scene throws(LogError) in
        tail = store.tail()
        // So many that they reach beyond the claims, which would hide what stands behind them, and
        // killed before there are new ones.
        scene.device.inject(.kill, atCall: 1, of: .sync)
        let junk = (0..<8).map { PlacedValue(.junk, at: tail.advanced(by: $0)) }
        _ = try await store.write(junk, epoch: .zero)
      }
      try await scene.live(.kill) { store, _ throws(LogError) in
        #expect(store.tail() == tail.advanced(by: 8))
      }
    }
  }

  // The footer can be written anew in the room that it had.
  @Test("A closed segment whose footer is damaged stays where it is, if there is no room")
  func damagedFooter() throws {
    for number in 1...30 {
      try simulate(seed: UInt64(number)) { world in
        var scene = Scene(SimulatedDevice(world: world))
        try await scene.live(.close) { store, scene throws(LogError) in
          for _ in 0..<40 { #expect(try await scene.append(to: store)) }
        }
        var image = scene.device.snapshot(.visible)
        let names = image.names.filter { $0.hasSuffix(".seg") }
        #expect(names.count == 3)
        let first = try #require(names.first)
        let whole = try #require(image[first])
        // In the tables, which stand before the trailer's second copy.
        image.flipBit(of: first, at: whole.count - SegmentTrailer.byteCount - 1, bit: 0)
        let used = image.names.reduce(0) { $0 + (image.size(of: $1) ?? 0) }
        scene.device = SimulatedDevice(world: world, capacityBytes: used, image: image)
        scene.device.inject(.powerCut, atCall: number)
        do {
          try await scene.live(.powerCut)
        } catch {
          scene.device = scene.device.restart()
        }
        scene.device.removeInjections()
        try await scene.live(.kill)
        try await scene.live(.powerCut)
        #expect(scene.device.usedBytes <= used)
        #expect(scene.device.snapshot()[first] == whole)
        #expect(scene.history.violation == nil, "power cut at call \(number)")
      }
    }
  }

  /// Where the whole records of a segment stand.
  private static func records(_ bytes: [UInt8]?) -> [Int] {
    guard let bytes, case .header(let header, _) = SegmentHeader.read(bytes.span.bytes)
    else { return [] }
    return SegmentScan(
      bytes.span.bytes,
      unit: header.unit,
      segment: header.number,
      durable: header.durable
    ).found.map(\.offset)
  }
}
