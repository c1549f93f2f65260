// Goal: a node takes decided layouts for its own, or tells its clients the news, and keeps the
// newest (R3, R25, R28, R30). Method: one node, asked by hand.
import CorfuGlobalLog
import CorfuNode
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

private func trims(_ range: Range<UInt64>, as layout: LayoutID) -> Request {
  let positions = Position(range.lowerBound)..<Position(range.upperBound)
  return .trims(TrimsRequest(layout: layout, range: positions))
}

private func trimRanges(_ range: Range<UInt64>, as layout: LayoutID) -> Request {
  let positions = Position(range.lowerBound)..<Position(range.upperBound)
  return .trimRanges(RangeTrimRequest(layout: layout, ranges: [positions]))
}

struct LayoutNewsTests {
  @Test(
    "R22, R25: a sequencer without a disk that is told of a newer layout serves the old no more"
  )
  func deposed() async throws {
    let boot = BootID(high: 4, low: 4)
    let node = DiskNode(nodeID, sequencer: SequencerRole<ReferenceParts>(boot: boot))
    let name = SequencerName(node: nodeID, boot: boot)
    let first = layout(1, naming: [stranger], sequencer: name)
    let reign = ReignRequest(layout: first, streams: .empty)
    #expect(await node.handle(.reign(reign)) == .reigning)
    let token = Request.reserve(TokenRequest(layout: first.id, count: 1))
    guard case .token = await node.handle(token) else { throw LogError.closed }
    // Its own layout is no news.
    _ = await node.handle(.install(InstallRequest(layout: first)))
    guard case .token = await node.handle(token) else { throw LogError.closed }
    let second = layout(2, naming: [stranger])
    _ = await node.handle(.install(InstallRequest(layout: second)))
    #expect(await node.handle(token) == .refused(.sequencer(.sealed(Epoch(1)))))
    // Named again, it goes on where it is told to.
    let third = layout(3, naming: [stranger], sequencer: name, firstTail: 7)
    _ = await node.handle(.install(InstallRequest(layout: third)))
    let again = ReignRequest(layout: third, streams: .unknown)
    #expect(await node.handle(.reign(again)) == .reigning)
    let tail = Request.tail(TailRequest(layout: third.id))
    #expect(await node.handle(tail) == .tail(Position(7)))
  }

  @Test func whatItRemembersIsNotToldOnTheSpot() async throws {
    let node = DiskNode(nodeID)
    let known = layout(3, naming: [stranger])
    _ = await node.handle(.install(InstallRequest(layout: known)))
    // Some MiB would hold up whoever reads requests, and count as nobody's.
    #expect(node.answerAtOnce(.layouts) == nil)
    #expect(node.answerAtOnce(.newestLayout) == .newestLayout(known))
    #expect(await node.handle(.layouts) == .layouts([known]))
  }

  @Test("D12: an acceptor votes on what follows a layout once it knows the layout, not before")
  func votesOnWhatItKnows() throws {
    try simulate { world in
      try await withNode(on: SimulatedDevice(world: world)) { node in
        let first = layout(1, naming: [node.disk])
        let second = layout(2, naming: [node.disk, stranger])
        _ = await node.install(first)
        // Those who have let it in are the acceptors of the first; the second may have others.
        let behind = Reply.refused(.epoch(.behind(installed: first.id)))
        let vote = Vote(ballot: ballot(1), value: layout(3, naming: [node.disk]))
        #expect(await node.prepare(ballot(1), after: second.id) == behind)
        #expect(await node.accept(vote, after: second.id) == behind)
        #expect(await node.poll(after: second.id) == behind)
        #expect(await node.registers.isEmpty)
        // For practice there are registers that no layout has.
        let practice = LayoutID(epoch: Layout.practice, hash: 1)
        #expect(await node.prepare(ballot(1), after: practice) == .prepared(.promised(nil)))
        _ = await node.install(second)
        #expect(await node.prepare(ballot(1), after: second.id) == .prepared(.promised(nil)))
        #expect(await node.accept(vote, after: second.id) == .voted(.accepted))
      }
    }
  }

  @Test("R8: who believes in another generation, or another life of a disk, is not served")
  func otherGenerationsAndLives() throws {
    try simulate { world in
      try await withNode(on: SimulatedDevice(world: world)) { node in
        let first = layout(1, naming: [node.disk])
        #expect(await node.install(first) == .installed(first.id))
        var generation = first
        generation.generation += 1
        let life = UnitName(node: nodeID, incarnation: Incarnation(high: 1, low: 1))
        // Both are in the layout's name, which every request carries.
        let refusal = Reply.refused(.epoch(.otherLayout(first.id)))
        for strange in [generation, layout(1, naming: [life])] {
          #expect(await node.write(0, as: strange.id) == refusal)
        }
        #expect(await node.read(0, as: first.id) == .empty)
        #expect(await node.write(0, as: first.id) == .written([.written]))
      }
    }
  }

  @Test("R25, R30: who is left out of a layout tells those who believe in older ones")
  func leftOut() throws {
    try simulate { world in
      try await withNode(on: SimulatedDevice(world: world)) { node in
        let first = layout(1, naming: [node.disk])
        let namesake = UnitName(node: nodeID, incarnation: Incarnation(high: 1, low: 1))
        _ = await node.install(first)
        _ = await node.write(0, as: first.id)
        let second = layout(2, naming: [namesake])
        #expect(await node.install(second) == .refused(.notNamed(node.disk.incarnation)))
        #expect(node.newestLayout == second)
        #expect(node.unit?.sealed == Epoch(1))
        let news = Reply.refused(.epoch(.sealed(Epoch(1), newest: second)))
        #expect(await node.write(1, as: first.id) == news)
        let read = ReadRequest(layout: first.id, positions: [.zero])
        #expect(await node.handle(.read(read)) == news)
        // And of the new epoch it serves nothing.
        guard case .refused(.epoch(.behind)) = await node.write(1, as: second.id) else {
          throw LogError.closed
        }
        // An old layout that comes late changes nothing.
        #expect(await node.install(first) == .installed(first.id))
        #expect(node.newestLayout == second)
        #expect(await node.write(1, as: first.id) == news)
      }
    }
  }

  @Test("R30: the newest layout survives the process, whichever way it came")
  func kept() throws {
    for way in 0..<3 {
      try simulate { world in
        let device = SimulatedDevice(world: world)
        let role = SequencerRole<ReferenceParts>(boot: BootID(high: 4, low: 4))
        let name = SequencerName(node: nodeID, boot: role.boot)
        let newest = layout(3, naming: [stranger], sequencer: name, firstTail: 5)
        let reign = Request.reign(ReignRequest(layout: newest, streams: .unknown))
        try await withNode(on: device, sequencer: role) { node in
          _ = await node.install(layout(2, naming: [node.disk]))
          if way != 1 { #expect(await node.handle(reign) == .reigning) }
          if way != 0 { _ = await node.install(newest) }
          #expect(node.newestLayout == newest)
          #expect(await node.handle(.newestLayout) == .newestLayout(newest))
        }
        device.powerCut(.lost)
        let second = device.restart()
        try await withNode(on: second) { node in
          #expect(node.newestLayout == newest, "\(way)")
          // An older one does not take its place.
          _ = await node.install(layout(2, naming: [node.disk]))
          #expect(node.newestLayout == newest)
        }
        second.powerCut(.lost)
        #expect(try await open(second.restart()).newestLayout == newest)
      }
    }
  }

  @Test("R22, R29: a seal is for the disk that the layout names, and for no other")
  func sealNames() throws {
    try simulate { world in
      try await withNode(on: SimulatedDevice(world: world)) { node in
        let first = layout(1, naming: [node.disk])
        _ = await node.install(first)
        let refusal = Reply.refused(.notNamed(node.disk.incarnation))
        #expect(await node.seal(1, as: stranger.incarnation) == refusal)
        #expect(node.unit?.sealed == .zero)
        #expect(await node.write(2, as: first.id) == .written([.written]))
        let seal = UnitSeal(
          sealed: Epoch(1),
          tail: Position(3),
          trimMark: .zero,
          opening: node.opening
        )
        #expect(await node.seal(1, as: node.disk.incarnation) == .unitSealed(seal))
        #expect(await node.seal(1) == .unitSealed(seal))
        let sealed = Reply.refused(.epoch(.sealed(Epoch(1), newest: nil)))
        #expect(await node.write(3, as: first.id) == sealed)
      }
    }
  }

  @Test("R28: trims go over under the seal, and not after the next layout has come")
  func trimsUnderTheSeal() throws {
    try simulate { world in
      try await withNode(on: SimulatedDevice(world: world)) { node in
        let first = layout(1, naming: [node.disk])
        let second = layout(2, naming: [node.disk])
        // Nobody's layout: nothing.
        guard case .refused(.epoch) = await node.handle(trims(0..<9, as: first.id)) else {
          throw LogError.closed
        }
        _ = await node.install(first)
        _ = await node.write(2, as: first.id)
        #expect(await node.handle(trimRanges(1..<3, as: first.id)) == .trimmed)
        _ = await node.seal(1)
        let some = Reply.trims([Position(1)..<Position(3)])
        #expect(await node.handle(trims(0..<9, as: first.id)) == some)
        #expect(await node.handle(trimRanges(4..<6, as: first.id)) == .trimmed)
        let more = Reply.trims([Position(1)..<Position(3), Position(4)..<Position(6)])
        #expect(await node.handle(trims(0..<9, as: first.id)) == more)
        // Neither for a layout that is not there yet, nor for one that is over.
        for request in [trims(0..<9, as: second.id), trimRanges(7..<8, as: second.id)] {
          guard case .refused(.epoch(.behind)) = await node.handle(request) else {
            throw LogError.closed
          }
        }
        _ = await node.install(second)
        for request in [trims(0..<9, as: first.id), trimRanges(7..<8, as: first.id)] {
          guard case .refused(.epoch(.sealed)) = await node.handle(request) else {
            throw LogError.closed
          }
        }
        #expect(await node.handle(trims(0..<9, as: second.id)) == more)
      }
    }
  }

  @Test("R25: of two layouts of one number the first stays, and a newer one is taken at any time")
  func order() throws {
    try simulate { world in
      try await withNode(on: SimulatedDevice(world: world)) { node in
        let first = layout(1, naming: [node.disk])
        let twin = layout(1, naming: [node.disk], acceptors: [stranger])
        let tenth = layout(10, naming: [node.disk])
        #expect(await node.install(first) == .installed(first.id))
        #expect(await node.install(first) == .installed(first.id))
        #expect(await node.install(twin) == .refused(.epoch(.otherLayout(first.id))))
        #expect(await node.install(tenth) == .installed(tenth.id))
        #expect(await node.install(first) == .installed(tenth.id))
        #expect(node.unit?.sealed == Epoch(9))
        #expect(await node.write(0, as: tenth.id) == .written([.written]))
      }
    }
  }
}
