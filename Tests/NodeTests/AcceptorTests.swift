// Goal: an acceptor forgets nothing that it told anybody (R27), and says whether an epoch may be
// over (R19). Method: a simulated disk that dies at every call, and files with every byte wrong.
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

private let base = layout(1, naming: [stranger]).id
private let other = layout(4, naming: [stranger]).id

private func vote(_ round: UInt64, _ epoch: UInt64 = 2) -> Vote<Layout> {
  Vote(ballot: ballot(round), value: layout(epoch, naming: [stranger], firstTail: round))
}

/// What an acceptor told.
private enum Told: Equatable {
  case promise(LayoutID, Ballot)
  case vote(LayoutID, Vote<Layout>)
}

/// Asks for promises and votes, and notes what was answered.
private func talk(to node: DiskNode, _ told: Notes<Told>) async {
  for (round, base) in [(1, base), (2, base), (1, other), (5, base)] as [(UInt64, LayoutID)] {
    if case .prepared(.promised) = await node.prepare(ballot(round), after: base) {
      told.add(.promise(base, ballot(round)))
    }
    let vote = vote(round, base.epoch.number + 1)
    // The last round never gets as far as a vote.
    guard round < 5 else { return }
    if case .voted(.accepted) = await node.accept(vote, after: base) {
      told.add(.vote(base, vote))
    }
  }
}

/// What an acceptor must still know.
private func violation(
  _ told: [Told],
  _ registers: [RegisterStatus]
) -> String? {
  for item in told {
    switch item {
    case .promise(let base, let ballot):
      let promised = registers.first { $0.base == base }?.promised
      if promised.map({ $0 < ballot }) ?? true { return "\(ballot) is forgotten" }
    case .vote(let base, let vote):
      guard let accepted = registers.first(where: { $0.base == base })?.accepted else {
        return "the vote \(vote.ballot) is forgotten"
      }
      if accepted.ballot < vote.ballot || accepted.ballot == vote.ballot && accepted != vote {
        return "the vote \(vote.ballot) became \(accepted.ballot)"
      }
    }
  }
  return nil
}

struct AcceptorTests {
  @Test("R27: a crash at any call of the disk, and every promise and vote told is kept")
  func crashes() throws {
    var crashes = 0
    for effect in [SimulatedDevice.Effect.powerCut, .kill, .error(.failed("injected"))] {
      for call in 1...60 {
        for seed in 1...2 as ClosedRange<UInt64>
        where try crash(effect, atCall: call, seed: seed) {
          crashes += 1
        }
      }
    }
    #expect(crashes > 150, "\(crashes)")
  }

  private func crash(
    _ effect: SimulatedDevice.Effect,
    atCall call: Int,
    seed: UInt64
  ) throws -> Bool {
    let happened = Notes<Bool>()
    try simulate(seed: seed) { world in
      let device = SimulatedDevice(world: world)
      let told = Notes<Told>()
      try await withNode(on: device) { node in
        device.inject(effect, atCall: call)
        await talk(to: node, told)
      }
      happened.add(device.removeInjections() == 0)
      // A file system that could not be synced stays read-only until the power goes.
      if device.isAlive { if case .error = effect { device.powerCut() } else { device.kill() } }
      let second = device.restart()
      // After a kill its file may be seen before it is durable: what is told of it counts again.
      try await withNode(on: second) { node in
        #expect(violation(told.list, await node.registers) == nil, "\(effect) at \(call)")
        for register in await node.registers {
          guard let vote = register.accepted else { continue }
          // A question that arrives twice: it changes nothing, so nothing need be written.
          if await node.accept(vote, after: register.base) == .voted(.accepted) {
            told.add(.vote(register.base, vote))
          }
          if await node.poll(after: register.base) == .polled(.voted(vote)) {
            told.add(.vote(register.base, vote))
          }
        }
      }
      second.powerCut(.lost)
      try await withNode(on: second.restart()) { node in
        #expect(violation(told.list, await node.registers) == nil, "\(effect) at \(call), twice")
      }
    }
    return happened.list == [true]
  }

  @Test("R27: an acceptor without its memory does not serve: one copy may be wrong, not both")
  func damage() throws {
    try simulate { world in
      let first = SimulatedDevice(world: world)
      let told = Notes<Told>()
      try await withNode(on: first) { node in await talk(to: node, told) }
      #expect(told.list.count == 7)
      first.kill()
      // Whoever opens it makes durable what was found, and the claim of it.
      let device = first.restart()
      _ = try await open(device)
      device.powerCut(.lost)
      let image = device.snapshot()
      let good = try device.durableBytes(of: "acceptor")
      #expect(violation(told.list, try await registers(good, image, world)) == nil)
      // Seven answers after the first turn: the eighth one, in slot 0, and its twin.
      let (slots, header) = ([4096, 8192], 32)
      let end = header + Int(good.span.bytes.number(at: slots[0] + 28, as: UInt32.self))
      #expect(good.span.bytes.number(at: slots[0] + 16, as: UInt64.self) == 8)
      for index in stride(from: 0, to: end + 4, by: 5) {
        for slot in slots {
          var flipped = good
          flipped[slot + index] ^= 0x10
          let unit = try await registers(flipped, image, world)
          #expect(violation(told.list, unit) == nil, "byte \(index)")
        }
        var both = good
        both[slots[0] + index] ^= 0x10
        both[slots[1] + (3 * index) % end] ^= 0x10
        await #expect(throws: UnitOpenError.promisesLost("disk"), "byte \(index)") {
          _ = try await registers(both, image, world)
        }
        // With a sum that fits, the rest must still make sense: or be refused, without a trap.
        var forged = good
        for slot in slots {
          forged[slot + index] ^= 0x10
          let sum = Checksum.of(forged.span.bytes.extracting(slot..<slot + end))
          forged.put(sum, at: slot + end)
        }
        _ = try? await registers(forged, image, world)  // Whatever it says, it says something.
      }
      for length in stride(from: 0, to: good.count, by: 500) {
        await #expect(throws: UnitOpenError.promisesLost("disk"), "cut at \(length)") {
          _ = try await registers(Array(good[..<length]), image, world)
        }
      }
      var old = Array("CORFUACC".utf8) + [UInt8](repeating: 0, count: 12)
      old[8] = 1
      let refusal = UnitOpenError.otherVersion(file: "disk/acceptor", version: 1)
      await #expect(throws: refusal) { _ = try await registers(old, image, world) }
      // A folder that has one, and no acceptor, has lost it.
      let lost = SimulatedDevice(world: world, image: image)
      try lost.remove("acceptor")
      await #expect(throws: UnitOpenError.promisesLost("disk")) { _ = try await open(lost) }
    }
  }

  private func registers(
    _ bytes: [UInt8],
    _ image: DiskImage,
    _ world: World
  ) async throws -> [RegisterStatus] {
    let device = SimulatedDevice(world: world, image: image)
    try device.replaceDurableBytes(of: "acceptor", with: bytes)
    let node = try await open(device)
    return await node.registers
  }

  @Test("R19: an acceptor says what it has voted for, and what is decided; promises do not matter")
  func polls() throws {
    try simulate { world in
      try await withNode(on: SimulatedDevice(world: world)) { node in
        let first = layout(1, naming: [node.disk])
        let base = first.id
        #expect(await node.install(first) == .installed(base))
        #expect(await node.poll(after: base) == .polled(.nothing))
        _ = await node.prepare(ballot(3), after: base)
        #expect(await node.poll(after: base) == .polled(.nothing))
        let vote = Vote(ballot: ballot(3), value: layout(2, naming: [node.disk]))
        #expect(await node.accept(vote, after: base) == .voted(.accepted))
        #expect(await node.poll(after: base) == .polled(.voted(vote)))
        // A seal is no vote.
        _ = await node.seal(1)
        #expect(await node.poll(after: base) == .polled(.voted(vote)))
        // Of a layout that it never voted on, of a number that it knows.
        let twin = layout(1, naming: [node.disk, stranger])
        let refusal = Reply.refused(.epoch(.otherLayout(base)))
        #expect(await node.poll(after: twin.id) == refusal)
        #expect(await node.prepare(ballot(9), after: twin.id) == refusal)
        #expect(await node.accept(vote, after: twin.id) == refusal)
        // Another disk's voice is not its own.
        let strange = Reply.refused(.notNamed(node.disk.incarnation))
        #expect(await node.poll(after: base, as: stranger) == strange)
        #expect(await node.prepare(ballot(9), after: base, as: stranger) == strange)
        #expect(await node.accept(vote, after: base, as: stranger) == strange)
      }
    }
  }

  @Test("R25, R30: what is history is answered with a decided layout, for ever")
  func history() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      let notes = Notes<(LayoutID, Layout)>()
      try await withNode(on: device) { node in
        let first = layout(1, naming: [node.disk])
        let second = layout(2, naming: [node.disk])
        let fifth = layout(5, naming: [stranger])
        _ = await node.install(first)
        let vote = Vote(ballot: ballot(1), value: second)
        _ = await node.accept(vote, after: first.id)
        for newest in [second, fifth] {
          _ = await node.install(newest)
          for base in [first, second].map(\.id) where base.epoch < newest.epoch {
            #expect(await node.poll(after: base) == .decided(newest))
            #expect(await node.prepare(ballot(8), after: base) == .decided(newest))
            #expect(await node.accept(vote, after: base) == .decided(newest))
          }
          #expect(await node.poll(after: newest.id) == .polled(.nothing))
        }
        #expect(await node.registers == [])
        notes.add((first.id, fifth))
      }
      device.powerCut(.lost)
      try await withNode(on: device.restart()) { node in
        let (base, newest) = try #require(notes.list.first)
        #expect(await node.poll(after: base) == .decided(newest))
        #expect(await node.prepare(ballot(9), after: base) == .decided(newest))
      }
    }
  }

  @Test("R19, R30: between a vote and its layout's arrival nobody is told 'nothing'")
  func arrival() throws {
    // Many askers while a layout arrives on a slow disk, in many orders.
    for seed in 1...300 as ClosedRange<UInt64> {
      try simulate(seed: seed) { world in
        let device = SimulatedDevice(world: world)
        try await withNode(on: device) { node in
          let first = layout(1, naming: [node.disk])
          let second = layout(2, naming: [node.disk])
          _ = await node.install(first)
          let vote = Vote(ballot: ballot(1), value: second)
          _ = await node.accept(vote, after: first.id)
          device.timing = DiskTiming(sync: .fixed(.milliseconds(1)))
          await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await node.install(second) }
            for number in 0..<40 as Range<UInt64> {
              group.addTask {
                await world.sleep(for: .microseconds(100 * number))
                let answer = await node.poll(after: first.id)
                #expect(answer != .polled(.nothing), "\(seed): \(number)")
                let promise = await node.prepare(ballot(2 + number), after: first.id)
                #expect(promise != .prepared(.promised(nil)), "\(seed): \(number)")
              }
            }
          }
        }
      }
    }
  }

  @Test func aNodeWithoutADiskHasNoVote() async {
    let node = DiskNode(nodeID, sequencer: SequencerRole(boot: BootID(high: 1, low: 1)))
    #expect(await node.poll(after: base) == .refused(.noSuchRole))
    #expect(await node.prepare(ballot(1), after: base) == .refused(.noSuchRole))
    let newest = layout(2, naming: [stranger])
    #expect(await node.reset(stranger.incarnation, because: newest) == .refused(.noSuchRole))
  }

  @Test("R27: an acceptor whose disk failed says nothing any more")
  func failure() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      try await withNode(on: device) { node in
        device.inject(.error(.failed("injected")), atCall: 1, of: .sync)
        let answer = await node.prepare(ballot(1), after: base)
        guard case .refused(.log) = answer else { throw LogError.closed }
        guard case .refused(.log) = await node.prepare(ballot(2), after: base) else {
          throw LogError.closed
        }
        #expect(node.unit?.hasFailed == true)
      }
    }
  }
}
