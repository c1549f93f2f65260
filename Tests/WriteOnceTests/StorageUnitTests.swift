// Goal: what a unit says of its epochs is durable, and nothing slips past a seal (R2, R3, R4, D8).
// Method: a simulated disk whose syncs take their time, with crashes at every call.
import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Synchronization
import Testing

private typealias Unit = StorageUnit<SimulatedDevice, EpochGate>

private let one = LayoutID(epoch: Epoch(1), hash: 1)
private let two = LayoutID(epoch: Epoch(2), hash: 2)

private func entry(_ number: UInt64, at position: UInt64) -> PlacedValue {
  let mark = EntryMark(client: ClientID(high: 1, low: 1), sequence: number)
  return PlacedValue(.data(Entry(mark: mark, payload: [1, 2, 3])), at: Position(position))
}

private func open(_ device: SimulatedDevice) async throws -> Unit {
  var random = device.isAlive ? SeededGenerator(seed: 3) : SeededGenerator(seed: 4)
  return try await Unit.open(device, limits: .small(segmentBytes: 16 << 10), using: &random)
}

/// Runs a body beside a unit of layout one.
private func withUnit(
  on device: SimulatedDevice,
  _ body: @Sendable (Unit) async throws -> Void
) async throws {
  let unit = try await open(device)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await unit.run() }
    _ = try await unit.install(one)
    try await body(unit)
    unit.stop()
  }
  device.unlock()
}

/// Things that happened, in order.
private final class Order: Sendable {
  private let items = Mutex<[String]>([])
  var list: [String] { items.withLock { $0 } }
  func note(_ item: String) { items.withLock { $0.append(item) } }
}

private func simulate(
  seed: UInt64 = 1,
  _ body: @escaping @Sendable (World) async throws -> Void
) throws {
  let world = World(seed: seed)
  try world.run { try await body(world) }
}

struct StorageUnitTests {
  @Test("R4: a seal waits for the writes that it finds, and lets nothing in behind them")
  func sealWaits() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      let order = Order()
      try await withUnit(on: device) { unit in
        device.timing = DiskTiming(sync: .fixed(.milliseconds(50)))
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            let answer = try? await unit.write([entry(1, at: 8)], as: one)  // nil fails below.
            order.note("write \(answer == [.written])")
          }
          group.addTask {
            await world.sleep(for: .milliseconds(10))
            let seal = try? await unit.seal(Epoch(1))  // nil fails below.
            order.note("seal \(seal?.tail.number ?? 0)")
          }
          group.addTask {
            await world.sleep(for: .milliseconds(20))
            do throws(UnitRefusal) {
              _ = try await unit.write([entry(2, at: 9)], as: one)
              order.note("late write")
            } catch {
              order.note("\(error == .epoch(.sealed(Epoch(1), newest: nil)))")
            }
          }
        }
        #expect(unit.store.reader.tail == Position(9))
      }
      #expect(Set(order.list) == ["write true", "seal 9", "true"])
      #expect(order.list.first == "write true")
    }
  }

  @Test("R2: a read beside a slow sync answers at once, and sees nothing of what it syncs")
  func readsPass() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      try await withUnit(on: device) { unit in
        _ = try await unit.write([entry(1, at: 0)], as: one)
        device.timing = DiskTiming(sync: .fixed(.seconds(1)))
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { _ = try await unit.write([entry(2, at: 1)], as: one) }
          await world.sleep(for: .milliseconds(100))
          let start = world.now
          let slots = try await unit.read([Position(0), Position(1)], as: one)
          #expect(world.now == start)
          #expect(slots == [.success(entry(1, at: 0).value), .success(.empty)])
          try await group.waitForAll()
        }
        #expect(try await unit.read([Position(1)], as: one) == [.success(entry(2, at: 1).value)])
      }
    }
  }

  @Test("A layout that is only kept stands in nobody's way; a seal behind it waits for both")
  func keepingLetsReadsPass() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      try await withUnit(on: device) { unit in
        _ = try await unit.write([entry(1, at: 0)], as: one)
        let layout = layout(2, of: unit.incarnation)
        device.timing = DiskTiming(sync: .fixed(.seconds(1)))
        let start = world.now
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await unit.keep(layout) }
          group.addTask {
            await world.sleep(for: .milliseconds(200))
            _ = try await unit.seal(Epoch(1))
            #expect(unit.keptLayout == layout && world.now - start >= .seconds(2))
          }
          await world.sleep(for: .milliseconds(100))
          let slots = try await unit.read([Position(0)], as: one)
          #expect(world.now - start == .milliseconds(100) && unit.keptLayout == nil)
          #expect(slots == [.success(entry(1, at: 0).value)])
          // It is the change of the gate that nobody sees before it is durable.
          await world.sleep(for: .milliseconds(1500))
          await #expect(throws: UnitRefusal.epoch(.sealed(Epoch(1), newest: nil))) {
            try await unit.read([Position(0)], as: one)
          }
          #expect(world.now - start >= .seconds(2))
          try await group.waitForAll()
        }
      }
    }
  }

  @Test("R2, D8: a crash at any call between a seal and its reply", arguments: 1...10)
  func crashInSeal(call: Int) throws {
    for effect in [SimulatedDevice.Effect.powerCut, .kill] {
      for seed in 1...6 as ClosedRange<UInt64> {
        try simulate(seed: seed) { world in
          let device = SimulatedDevice(world: world)
          let told = Order()
          try await withUnit(on: device) { unit in
            device.inject(effect, atCall: call)
            do throws(UnitRefusal) {
              _ = try await unit.seal(Epoch(1))
              told.note("sealed")
              _ = try await unit.install(two)
              told.note("installed")
            } catch {
              return  // Nothing was told.
            }
          }
          device.removeInjections()
          if device.isAlive { device.kill() }
          let second = device.restart()
          // What the next life tells must be durable, even if it is a kill's leavings.
          let unit = try await open(second)
          let sealed = unit.sealed
          let installed = unit.installed
          #expect(sealed == Epoch(1) || !told.list.contains("sealed"))
          #expect(installed == two || !told.list.contains("installed"))
          second.powerCut()
          let last = try await open(second.restart())
          #expect(last.sealed >= sealed && last.installed == installed)
        }
      }
    }
  }

  @Test("D12: a second process on the folder changes nothing, least of all the epochs")
  func secondProcess() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      try await withUnit(on: device) { unit in
        _ = try await unit.seal(Epoch(1))
        let before = device.snapshot(.visible)
        await #expect(throws: UnitOpenError.store(.device(.inUse("disk")))) {
          _ = try await open(device.secondProcess())
        }
        #expect(device.snapshot(.visible) == before)
      }
    }
  }

  @Test("R6: after a failed sync of the epochs the unit answers nothing any more")
  func failedSync() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      try await withUnit(on: device) { unit in
        device.inject(.error(.failed("injected")), atCall: 1, of: .sync)
        await #expect(throws: UnitRefusal.self) { try await unit.seal(Epoch(1)) }
        await #expect(throws: UnitRefusal.self) { try await unit.seal(Epoch(1)) }
        await #expect(throws: UnitRefusal.self) { try await unit.read([.zero], as: one) }
      }
    }
  }

  @Test("D8: each copy of the epochs, with any byte rotten or torn, leaves the other; both, none")
  func rot() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      try await withUnit(on: device) { unit in
        _ = try await unit.install(two)
        _ = try await unit.seal(Epoch(2))
      }
      device.kill()
      // Whoever opens it makes durable what was found, and the claim of it.
      let next = device.restart()
      _ = try await open(next)
      next.powerCut(.lost)
      let image = next.snapshot()
      let good = try next.durableBytes(of: "epoch")
      func sealed(with bytes: [UInt8]) async throws -> Epoch {
        let copy = SimulatedDevice(world: world, image: image)
        try copy.replaceDurableBytes(of: "epoch", with: bytes)
        return try await open(copy).sealed
      }
      // The fourth turn of the gate, and its twin: 32 bytes between a header and a sum.
      let (slots, count) = ([4096, 8192], 32 + 32 + 4)
      for start in slots {
        for index in start..<start + count {
          var flipped = good
          flipped[index] ^= 0x10
          #expect(try await sealed(with: flipped) == Epoch(2), "byte \(index)")
          var torn = good
          torn.replaceSubrange(
            index..<start + count,
            with: repeatElement(0xee, count: start + count - index)
          )
          #expect(try await sealed(with: torn) == Epoch(2), "torn at \(index)")
        }
      }
      for index in 0..<count {
        var both = good
        both[slots[0] + index] ^= 1
        both[slots[1] + (index * 7) % count] ^= 1
        await #expect(throws: UnitOpenError.epochLost("disk")) { try await sealed(with: both) }
      }
      for length in stride(from: 0, to: good.count, by: 500) {
        await #expect(throws: UnitOpenError.epochLost("disk"), "cut at \(length)") {
          try await sealed(with: Array(good[..<length]))
        }
      }
    }
  }

  @Test("A gate of version 1 is refused, with its version")
  func oldFormat() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      try await withUnit(on: device) { _ in }
      device.powerCut(.kept)
      let next = device.restart()
      var old = Array("CORFUEPO".utf8) + [UInt8](repeating: 0, count: 1016)
      old[8] = 1
      try next.replaceDurableBytes(of: "epoch", with: old)
      await #expect(throws: UnitOpenError.otherVersion(file: "disk/epoch", version: 1)) {
        _ = try await open(next)
      }
    }
  }

  private func layout(_ epoch: UInt64, of incarnation: Incarnation, boot: UInt64 = 1) -> Layout {
    let name = UnitName(node: NodeID(1), incarnation: incarnation)
    return Layout(
      epoch: Epoch(epoch),
      spans: [Span(begin: .zero, stripes: [Chain([name])])],
      sequencer: SequencerName(node: NodeID(1), boot: BootID(high: 1, low: boot)),
      acceptors: [name]
    )
  }

  @Test("D8: an installation whose layout a crash tore was never done; what it closed stays closed")
  func tornInstallation() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      try await withUnit(on: device) { _ in }
      device.powerCut(.kept)
      let next = device.restart()
      let unit = try await open(next)
      let (first, second) = (
        layout(3, of: unit.incarnation), layout(4, of: unit.incarnation, boot: 2)
      )
      _ = try await unit.install(first.id, keeping: first)
      let before = try next.durableBytes(of: "epoch")
      _ = try await unit.install(second.id, keeping: second)
      let after = try next.durableBytes(of: "epoch")
      next.powerCut(.lost)
      let image = next.snapshot()
      // Of both parts' blocks some reached the disk: the gate's first, or the layout's.
      let (gate, layouts) = (4096..<20480, 20480..<after.count)
      for part in [gate, layouts] {
        var bytes = after
        bytes.replaceSubrange(part, with: before[part])
        // The claim was not written yet.
        bytes.replaceSubrange(0..<4096, with: before[0..<4096])
        let copy = SimulatedDevice(world: world, image: image)
        try copy.replaceDurableBytes(of: "epoch", with: bytes)
        let torn = try await open(copy)
        #expect(torn.sealed == Epoch(part == gate ? 2 : 3))
        #expect(torn.installed == first.id)
        #expect(torn.keptLayout?.id == (part == gate ? second : first).id)
        // Another one of the same epoch, as nobody has the first any more.
        let third = layout(4, of: torn.incarnation, boot: 3)
        if part == layouts {
          #expect(try await torn.install(third.id, keeping: third) == third.id)
          copy.powerCut(.lost)
          let last = try await open(copy.restart())
          #expect(last.installed == third.id && last.keptLayout == third)
        }
      }
    }
  }

  @Test("R4: a seal is one sync, and so is an installation with the layout that it keeps")
  func syncs() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      try await withUnit(on: device) { unit in
        let layout = layout(2, of: unit.incarnation)
        var before = device.counts[.sync]
        _ = try await unit.seal(Epoch(1))
        #expect(device.counts[.sync] == before + 1)
        before = device.counts[.sync]
        _ = try await unit.install(layout.id, keeping: layout)
        #expect(device.counts[.sync] == before + 1)
        #expect(unit.keptLayout == layout && unit.installed == layout.id)
        // It is so already.
        _ = try await unit.install(layout.id, keeping: layout)
        try await unit.keep(layout)
        #expect(device.counts[.sync] == before + 1)
      }
      device.powerCut(.lost)
      let unit = try await open(device.restart())
      #expect(unit.keptLayout?.id == unit.installed && unit.sealed == Epoch(1))
    }
  }
}
