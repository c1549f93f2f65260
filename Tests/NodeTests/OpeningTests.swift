// Goal: an older image of a disk is never taken for the disk (D12). Method: simulated disks, of
// which images are taken and put back; a node alone, whose acceptors are played by the test.
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

extension DiskNode {
  fileprivate var unitStatus: UnitStatus? {
    get async {
      guard case .status(let status) = await handle(.status) else { return nil }
      return status.unit
    }
  }

  fileprivate func vouch(
    for disk: UnitName,
    _ opening: DiskOpening,
    under base: LayoutID
  ) async -> Reply {
    await handle(
      .vouch(
        VouchRequest(
          base: base,
          acceptor: self.disk.incarnation,
          disk: disk,
          opening: opening
        )
      )
    )
  }

  fileprivate func hear(_ verdict: AdmitRequest.Verdict, of opening: DiskOpening?) async -> Reply {
    guard let opening else { return .refused(.noSuchRole) }
    return await handle(
      .admit(AdmitRequest(disk: disk.incarnation, opening: opening, verdict: verdict))
    )
  }
}

private func opening(_ count: UInt64, _ boot: UInt64 = 1) -> DiskOpening {
  DiskOpening(count: count, boot: BootID(high: boot, low: boot))
}

/// A layout that names the node's opening, as the seal of that opening would have it.
private func layoutNaming(_ node: DiskNode, epoch: UInt64 = 1) -> Layout {
  var named = layout(epoch, naming: [node.disk])
  named.openings[node.disk] = node.opening
  return named
}

/// A layout in which the node has no part.
private func otherLayout(_ epoch: UInt64) -> Layout {
  var other = layout(epoch, naming: [stranger])
  other.openings[stranger] = opening(1)
  return other
}

/// Opens a node that nobody has let in, and runs a body beside it.
private func withFreshNode(
  on device: SimulatedDevice,
  seed: UInt64 = 3,
  _ body: @Sendable (DiskNode) async throws -> Void
) async throws {
  try await withNode(on: device, seed: seed, letsIn: false, body)
}

private let waits = Reply.refused(.notAdmitted)

struct OpeningTests {
  @Test("D12: a disk that was put to work again serves once its acceptors have noted it")
  func admission() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      let notes = Notes<Layout>()
      try await withFreshNode(on: device) { node in
        let first = layoutNaming(node)
        notes.add(first)
        #expect(node.opening?.count == 1)
        #expect(await node.unitStatus?.admission == .waits)
        // The layout names this very opening.
        #expect(await node.install(first) == .installed(first.id))
        #expect(await node.unitStatus?.admission == .serves)
        #expect(await node.write(3, as: first.id) == .written([.written]))
      }
      device.powerCut(.lost)
      try await withFreshNode(on: device.restart(), seed: 4) { node in
        let first = notes.list[0]
        #expect(node.opening?.count == 2)
        // Neither data nor promises: an older image would have forgotten both.
        #expect(await node.handle(.read(ReadRequest(layout: first.id, positions: []))) == waits)
        #expect(await node.write(4, as: first.id) == waits)
        #expect(await node.seal(1) == waits)
        #expect(await node.prepare(ballot(1), after: first.id) == waits)
        #expect(await node.poll(after: first.id) == waits)
        // But it vouches: after a power cut somebody must be the first.
        guard let own = node.opening else { throw LogError.closed }
        #expect(await node.vouch(for: node.disk, own, under: first.id) == .vouched(own))
        #expect(await node.hear(.noted(by: first.electorate), of: own) == .admitted)
        #expect(await node.read(3, as: first.id)?.isTaken == true)
        guard case .unitSealed(let seal) = await node.seal(1) else { throw LogError.closed }
        #expect(seal.opening == own)
      }
    }
  }

  @Test("D12: what other acceptors have noted is worth nothing")
  func otherElectorate() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      try await withFreshNode(on: device) { node in _ = await node.install(layoutNaming(node)) }
      device.kill()
      try await withFreshNode(on: device.restart(), seed: 4) { node in
        let first = try #require(node.newestLayout)
        #expect(await node.hear(.noted(by: first.electorate &+ 1), of: node.opening) == .admitted)
        #expect(await node.write(4, as: first.id) == waits)
        // Another set of acceptors takes over while it serves: these have not heard of it.
        #expect(await node.hear(.noted(by: first.electorate), of: node.opening) == .admitted)
        #expect(await node.write(4, as: first.id) == .written([.written]))
        var next = first
        next.epoch = Epoch(2)
        next.acceptors = [stranger]
        #expect(await node.install(next) == .installed(next.id))
        #expect(await node.write(5, as: next.id) == waits)
        // Unless the layout speaks for it.
        next.epoch = Epoch(3)
        next.openings[node.disk] = node.opening
        #expect(await node.install(next) == .installed(next.id))
        #expect(await node.write(5, as: next.id) == .written([.written]))
      }
    }
  }

  @Test("D12: an older image is refused, by those who noted the last opening and by the layout")
  func image() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      let notes = Notes<Layout>()
      let openings = Notes<DiskOpening>()
      try await withFreshNode(on: device) { node in
        let first = layoutNaming(node)
        notes.add(first)
        _ = await node.install(first)
        _ = await node.write(1, as: first.id)
      }
      device.kill()
      let image = device.snapshot()
      let first = notes.list[0]
      // The disk itself goes on.
      try await withFreshNode(on: device.restart(), seed: 4) { node in
        _ = await node.hear(.noted(by: first.electorate), of: node.opening)
        #expect(await node.write(2, as: first.id) == .written([.written]))
        if let own = node.opening { openings.add(own) }
      }
      // The image counts as many openings, and has not drawn the same number.
      let known = try #require(openings.list.first)
      let old = SimulatedDevice(world: world, image: image)
      try await withFreshNode(on: old, seed: 5) { node in
        let own = try #require(node.opening)
        #expect(own.count == known.count && own != known && !own.follows(known))
        #expect(await node.write(2, as: first.id) == waits)
        #expect(await node.hear(.outdated(by: known), of: own) == .admitted)
        #expect(await node.unitStatus?.admission == .outdated(by: known))
        #expect(await node.write(2, as: first.id) == waits)
        // Nothing makes it serve any more.
        #expect(await node.hear(.noted(by: first.electorate), of: own) == .admitted)
        #expect(await node.write(2, as: first.id) == waits)
      }
      // Tried again and again it does not catch up.
      old.kill()
      let again = old.restart()
      try await withFreshNode(on: again, seed: 6) { node in
        #expect(node.opening?.count == known.count)
        #expect(node.opening.map { !$0.follows(known) } == true)
        // Nor does it need an acceptor, where the layout names what it has missed.
        var next = first
        next.epoch = Epoch(2)
        next.openings[node.disk] = known
        _ = await node.install(next)
        #expect(await node.unitStatus?.admission == .outdated(by: known))
        // Left out of the layout, it is emptied, and begins anew.
        let without = layout(3, naming: [stranger])
        guard case .reset(let life) = await node.reset(node.disk.incarnation, because: without)
        else { throw LogError.closed }
        #expect(node.disk.incarnation == life && node.opening?.count == 1)
        #expect(await node.unitStatus?.admission == .serves, "the layout names no openings")
      }
    }
  }

  @Test("D12, R27: an image of a disk that has left, let in as a new one, has no vote of before")
  func imageOfOneThatLeft() throws {
    for isNamedAgain in [false, true] {
      try simulate { world in
        let device = SimulatedDevice(world: world)
        let (none, now) = (otherLayout(1), otherLayout(9))
        let notes = Notes<Layout>()
        // A spare that nobody has written to.
        try await withFreshNode(on: device) { node in
          _ = await node.install(none)
          _ = await node.hear(.noted(by: none.electorate), of: node.opening)
          #expect(await node.unitStatus?.admission == .serves)
          notes.add(layoutNaming(node, epoch: 2))
        }
        device.kill()
        let image = device.snapshot()
        // It is opened again, votes on what follows a layout, and leaves.
        try await withFreshNode(on: device.restart(), seed: 4) { node in
          let then = isNamedAgain ? layoutNaming(node, epoch: 2) : notes.list[0]
          notes.add(then)
          _ = await node.hear(.noted(by: none.electorate), of: node.opening)
          _ = await node.install(then)
          _ = await node.hear(.noted(by: then.electorate), of: node.opening)
          let vote = Vote(ballot: ballot(3), value: layout(3, naming: [node.disk]))
          let reply = await node.accept(vote, after: then.id)
          #expect(reply == .voted(.accepted))
        }
        let then = notes.list[1]
        // Acceptors of now know nothing of it, so they let the image in.
        for knowsNow in [false, true] {
          let old = SimulatedDevice(world: world, image: image)
          try await withFreshNode(on: old, seed: 5) { node in
            if knowsNow { _ = await node.install(now) }
            #expect(await node.hear(.noted(by: now.electorate), of: node.opening) == .admitted)
            // Somebody who has slept since hands it the layout of then, and wants its vote.
            _ = await node.install(then)
            let answer = await node.prepare(ballot(1), after: then.id)
            #expect(answer == (knowsNow ? .decided(now) : waits))
          }
        }
      }
    }
  }

  @Test("D12: an acceptor notes the newest opening of each disk, and forgets it in no crash")
  func vouching() throws {
    try simulate { world in
      let device = SimulatedDevice(world: world)
      let base = layout(1, naming: [stranger])
      try await withFreshNode(on: device) { node in
        #expect(await node.vouch(for: stranger, opening(3), under: base.id) == .vouched(opening(3)))
        #expect(await node.vouch(for: stranger, opening(3), under: base.id) == .vouched(opening(3)))
        // Older ones, and another one of the same count.
        for late in [opening(2), opening(3, 2)] {
          #expect(await node.vouch(for: stranger, late, under: base.id) == .vouched(opening(3)))
        }
        #expect(await node.vouch(for: stranger, opening(5), under: base.id) == .vouched(opening(5)))
      }
      device.powerCut(.lost)
      try await withFreshNode(on: device.restart(), seed: 4) { node in
        #expect(await node.vouch(for: stranger, opening(4), under: base.id) == .vouched(opening(5)))
        // What the layout says counts as well.
        var named = layout(2, naming: [stranger])
        named.openings[stranger] = opening(9)
        _ = await node.install(named)
        #expect(
          await node.vouch(for: stranger, opening(7), under: named.id) == .vouched(opening(9))
        )
        // Who asks under an older layout is told the newer one.
        #expect(await node.vouch(for: stranger, opening(9), under: base.id) == .decided(named))
        // Nobody vouches in place of a disk that is gone.
        let request = VouchRequest(
          base: named.id,
          acceptor: stranger.incarnation,
          disk: stranger,
          opening: opening(9)
        )
        let gone = Reply.refused(.notNamed(node.disk.incarnation))
        #expect(await node.handle(.vouch(request)) == gone)
      }
    }
  }

  @Test("D12: a disk that never served since says the same opening again, after any crash")
  func crashes() throws {
    for call in 1...60 {
      try simulate(seed: UInt64(call)) { world in
        let device = SimulatedDevice(world: world)
        try await withFreshNode(on: device) { node in _ = await node.install(layoutNaming(node)) }
        device.kill()
        let second = device.restart()
        second.inject(.powerCut, atCall: call)
        // It opens, or dies on the way.
        let opened = try? await open(second, seed: 4, letsIn: false)
        let drawn = opened?.opening
        opened?.stop()
        if second.isAlive { second.powerCut(.lost) }
        try await withFreshNode(on: second.restart(), seed: 5) { node in
          #expect(node.opening?.count == 2)
          if let drawn { #expect(node.opening == drawn) }
          #expect(await node.unitStatus?.admission == .waits)
        }
      }
    }
  }
}
