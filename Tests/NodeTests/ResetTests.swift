// Goal: a disk whose content nobody can vouch for is emptied as a whole, and only if nobody counts
// on it (R29). Method: a simulated disk that dies at every call.
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

/// The layouts of a node's life: one that names it, and one that does not.
private struct Life {
  let named: Layout
  let newest: Layout

  init(of unit: UnitName) {
    named = layout(1, naming: [unit])
    newest = layout(5, naming: [stranger])
  }
}

/// A node that was part of the first layout, holds an entry and has voted, and was left out since.
private func leaveOut(_ node: DiskNode) async -> Life {
  let life = Life(of: node.disk)
  _ = await node.install(life.named)
  _ = await node.write(3, as: life.named.id)
  _ = await node.prepare(ballot(4), after: life.named.id)
  return life
}

struct ResetTests {
  @Test("R8, R29: a disk that was left out is emptied, and serves again as another one")
  func reset() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      let lives = Notes<Incarnation>()
      try await withNode(on: device) { node in
        let old = node.disk
        let life = await leaveOut(node)
        guard case .reset(let incarnation) = await node.reset(old.incarnation, because: life.newest)
        else { throw LogError.closed }
        lives.add(incarnation)
        #expect(incarnation != old.incarnation && node.disk.incarnation == incarnation)
        #expect(node.unit?.tail == .zero && node.unit?.installed == nil)
        #expect(await node.registers == [])
        #expect(node.newestLayout == life.newest)
        // Who asks for the old disk is told that it is gone.
        let gone = Reply.refused(.notNamed(incarnation))
        #expect(await node.reset(old.incarnation, because: life.newest) == gone)
        #expect(await node.seal(5, as: old.incarnation) == gone)
        #expect(await node.poll(after: life.named.id, as: old) == gone)
        // And the new one is of use.
        let next = layout(6, naming: [node.disk])
        #expect(await node.install(next) == .installed(next.id))
        #expect(await node.write(9, as: next.id) == .written([.written]))
        #expect(await node.read(9, as: next.id)?.isTaken == true)
        #expect(await node.read(3, as: next.id) == .empty)
        #expect(await node.prepare(ballot(1), after: next.id) == .prepared(.promised(nil)))
      }
      device.powerCut(.lost)
      try await withNode(on: device.restart(), seed: 9) { node in
        #expect([node.disk.incarnation] == lives.list)
        #expect(node.newestLayout?.epoch == Epoch(6))
        #expect(node.unit?.tail == Position(10))
      }
    }
  }

  @Test("R29: no disk is emptied that the newest layout names, nor any other life of it")
  func refusals() throws {
    try simulate { world in
      try await withNode(on: SimulatedDevice(world: world)) { node in
        let old = node.disk
        let life = await leaveOut(node)
        let inUse = Reply.refused(.inUse(old.incarnation))
        // As a replica, as a spare, as an acceptor; by what it knows, and by what it is told.
        #expect(await node.reset(old.incarnation, because: life.named) == inUse)
        var spare = life.newest
        spare.spares = [old]
        #expect(await node.reset(old.incarnation, because: spare) == inUse)
        let voter = layout(5, naming: [stranger], acceptors: [stranger, old])
        #expect(await node.reset(old.incarnation, because: voter) == inUse)
        // On whichever node: somebody may have mixed up folders.
        let elsewhere = UnitName(node: stranger.node, incarnation: old.incarnation)
        let mixed = layout(5, naming: [elsewhere])
        #expect(await node.reset(old.incarnation, because: mixed) == inUse)
        let older = layout(0, naming: [stranger])
        #expect(await node.reset(old.incarnation, because: older) == inUse)
        let other = Incarnation(high: 1, low: 1)
        let strange = Reply.refused(.notNamed(old.incarnation))
        #expect(await node.reset(other, because: life.newest) == strange)
        #expect(await node.read(3, as: life.named.id)?.isTaken == true)
        // Another life of this node's disk is not this one.
        let namesake = UnitName(node: nodeID, incarnation: other)
        guard
          case .reset = await node.reset(
            old.incarnation,
            because: layout(5, naming: [namesake])
          )
        else { throw LogError.closed }
      }
    }
  }

  @Test("R29: a crash at any call of the disk leaves it full or empty")
  func crashes() throws {
    let ends = Notes<String>()
    for effect in [SimulatedDevice.Effect.powerCut, .kill] {
      for mayReorder in [false, true] {
        for call in 1...60 {
          for seed in 1...3 as ClosedRange<UInt64> {
            try crash(effect, atCall: call, seed: seed, mayReorder: mayReorder, ends)
          }
        }
      }
    }
    #expect(Set(ends.list) == ["full", "empty"])
  }

  private func crash(
    _ effect: SimulatedDevice.Effect,
    atCall call: Int,
    seed: UInt64,
    mayReorder: Bool,
    _ ends: Notes<String>
  ) throws {
    try simulate(seed: seed) { world in
      let device = SimulatedDevice(world: world)
      let names = Notes<UnitName>()
      let told = Notes<Reply>()
      try await withNode(on: device) { node in
        let life = await leaveOut(node)
        names.add(node.disk)
        device.faults.namesMayReorder = mayReorder
        device.inject(effect, atCall: call)
        told.add(await node.reset(node.disk.incarnation, because: life.newest))
      }
      device.removeInjections()
      let old = try #require(names.list.first)
      if device.isAlive { device.kill() }
      // Twice: what a killed process left may be finished by the next, which may die as well.
      let second = device.restart()
      second.inject(.powerCut, atCall: Int(seed) * 3)
      _ = try? await open(second, seed: 5)  // It dies, mostly; the third one must find its way.
      second.removeInjections()
      if second.isAlive { second.powerCut() }
      try await withNode(on: second.restart(), seed: 6) { node in
        let base = layout(1, naming: [old]).id
        if node.disk == old {
          #expect(told.list.allSatisfy { if case .reset = $0 { false } else { true } })
          #expect(node.unit?.tail == Position(4) && node.unit?.installed == base)
          #expect(await node.register(after: base)?.promised == ballot(4))
          #expect(node.newestLayout?.id == base)
          ends.add("full")
        } else {
          #expect(node.unit?.tail == .zero && node.unit?.installed == nil)
          #expect(await node.registers == [])
          ends.add("empty")
          if case .reset(let incarnation)? = told.list.first {
            #expect(node.disk.incarnation == incarnation)
            #expect(node.newestLayout?.epoch == Epoch(5))
          }
        }
      }
    }
  }

  @Test("R29, R30: what a node hears while its disk is emptied is kept")
  func newsDuringReset() throws {
    for seed in 1...40 as ClosedRange<UInt64> {
      try simulate(seed: seed) { world in
        let device = SimulatedDevice(world: world)
        let newer = layout(8, naming: [stranger])
        let base = Notes<LayoutID>()
        try await withNode(on: device) { node in
          let life = await leaveOut(node)
          let old = node.disk
          base.add(life.named.id)
          device.timing = DiskTiming(sync: .fixed(.milliseconds(3)))
          let told = Notes<Reply>()
          await withTaskGroup(of: Void.self) { group in
            group.addTask {
              told.add(await node.reset(old.incarnation, because: life.newest))
            }
            for number in 0..<10 as Range<UInt64> {
              group.addTask {
                await world.sleep(for: .microseconds(1700 * number))
                _ = await node.install(newer)
              }
              group.addTask {
                await world.sleep(for: .microseconds(1900 * number))
                // The old disk's voice dies with it, whatever was under way.
                _ = await node.prepare(ballot(9 + number), after: life.named.id, as: old)
              }
            }
          }
          guard case .reset? = told.list.first else {
            Issue.record("\(seed): \(told.list)")
            return
          }
          #expect(await node.registers == [], "\(seed)")
          #expect(node.unit?.hasFailed == false)
        }
        device.powerCut(.lost)
        let node = try await open(device.restart(), seed: 9)
        #expect(node.newestLayout == newer, "\(seed)")
        #expect(await node.registers == [], "\(seed)")
      }
    }
  }

  @Test("R29: a process ends at any moment of a reset, and so does the reset")
  func endings() throws {
    let told = Notes<String>()
    for closes in [false, true] {
      for moment in 0..<160 as Range<Int> {
        try simulate { world in
          let device = SimulatedDevice(world: world)
          try await withNode(on: device) { node in
            let life = await leaveOut(node)
            let old = node.disk.incarnation
            device.timing = DiskTiming(sync: .fixed(.milliseconds(3)))
            await withTaskGroup(of: Void.self) { group in
              group.addTask {
                switch await node.reset(old, because: life.newest) {
                case .reset: told.add("emptied")
                default: told.add("refused")
                }
              }
              group.addTask {
                await world.sleep(for: .microseconds(500 * moment))
                // Nobody minds that a disk which is being emptied has nothing to close.
                do throws(LogError) {
                  if closes { try await node.close() } else { node.stop() }
                } catch {
                  Issue.record("\(moment): \(error)")
                }
              }
            }
          }
          // It left the folder, full or empty, and whoever comes next can open it.
          device.powerCut(.lost)
          try await withNode(on: device.restart(), seed: 9) { node in
            #expect(node.unit?.hasFailed == false, "\(moment)")
          }
        }
      }
    }
    #expect(Set(told.list) == ["emptied", "refused"])
  }
}
