@testable import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuSimulation
import CorfuStripeMirror
import Testing

// Goal: what readers see of writers that stopped half-way, and how long they wait for them. Method:
// requests by hand, as far as a client got that is not there any more.

/// A client that has no procedures: it sends a request, and that is all.
private struct Hand {
  let layout: Layout
  let transport: MeddlingTransport

  func reserve() async throws -> Position {
    let request = Request.reserve(TokenRequest(layout: layout.id, count: 1))
    let reply = try await transport.call(
      request,
      to: layout.sequencer.node,
      patience: .seconds(1)
    )
    guard case .token(let token) = reply else { throw LogError.closed }
    return token.first
  }

  /// Writes on one replica of the only chain.
  func write(_ payload: [UInt8], at position: Position, on replica: Int) async throws {
    let mark = EntryMark(client: ClientID(high: 7, low: 7), sequence: position.number)
    let value = PlacedValue(.data(Entry(mark: mark, payload: payload)), at: position)
    _ = try await ask(.write(WriteRequest(layout: layout.id, values: [value])), replica)
  }

  func read(_ position: Position, on replica: Int) async throws -> Slot? {
    let reply = try await ask(
      .read(ReadRequest(layout: layout.id, positions: [position])),
      replica
    )
    guard case .slots(let slots) = reply else { return nil }
    return try slots.first?.get()
  }

  private func ask(_ request: Request, _ replica: Int) async throws -> Reply {
    let node = layout.chains[0].replicas[replica].node
    return try await transport.call(request, to: node, patience: .seconds(1))
  }
}

private func honestTransport() -> MeddlingTransport {
  MeddlingTransport { (request, _, pass) throws(TransportError) in try await pass(request) }
}

@Test("R17: a fill begins at the head, adopts what it finds there, and refuses the future")
func fillAdopts() throws {
  let honest = honestTransport()
  try withClient(through: honest, replicas: 3) { client in
    await #expect(throws: LogError.beyondTail(.zero, tail: .zero)) { try await client.fill(.zero) }
    let hand = Hand(layout: client.layout, transport: honest)
    let position = try await hand.reserve()
    try await hand.write([9], at: position, on: 0)
    guard case .data(let entry) = try await client.fill(position) else {
      Issue.record("the entry on the head was not adopted")
      return
    }
    #expect(entry.payload == [9])
    for replica in 0..<3 {
      let slot = try await hand.read(position, on: replica)
      #expect(slot == .data(entry), "replica \(replica)")
    }
    let unwritten = try await hand.reserve()
    let filled = try await client.fill(unwritten)
    #expect(filled == .junk)
  }
}

@Test("R18: what stands on the head alone is shown to nobody before it stands on the tail")
func readsAskTheTail() throws {
  let honest = honestTransport()
  try withClient(through: honest, replicas: 2) { client in
    let hand = Hand(layout: client.layout, transport: honest)
    let position = try await hand.reserve()
    try await hand.write([9], at: position, on: 0)
    let before = try await hand.read(position, on: 1)
    #expect(before == .empty)
    let settled = try await client.read(position)
    let tail = try await hand.read(position, on: 1)
    #expect(settled == tail && settled.isTaken)
    let late = try await client.read(position)
    #expect(late == settled)
  }
}

@Test("R20: a trim is final, and no fill or write comes after it; the future is not trimmed")
func trimIsFinal() throws {
  let honest = honestTransport()
  try withClient(through: honest, replicas: 2) { client in
    await #expect(throws: LogError.beyondTail(.zero, tail: .zero)) { try await client.trim(.zero) }
    _ = try await client.append([1])
    let hand = Hand(layout: client.layout, transport: honest)
    let hole = try await hand.reserve()
    try await client.trim(.zero)
    try await client.trim(hole)
    try await hand.write([9], at: hole, on: 0)
    for position in [Position.zero, hole] {
      let read = try await client.read(position)
      let filled = try await client.fill(position)
      #expect(read == .trimmed && filled == .trimmed)
      for replica in 0..<2 {
        let slot = try await hand.read(position, on: replica)
        #expect(slot == .trimmed)
      }
    }
  }
}

@Test("R21: a reader waits for a hole no longer than the fill timeout, which follows the writers")
func readersDoNotWait() throws {
  let honest = honestTransport()
  try withClient(through: honest, replicas: 2) { client in
    let hand = Hand(layout: client.layout, transport: honest)
    let hole = try await hand.reserve()
    let most = client.fillTimeout
    #expect(most == .milliseconds(100))
    let start = client.clock.now
    let slot = try await client.settle(hole)
    let waited = start.duration(to: client.clock.now)
    #expect(slot == .junk)
    #expect(waited >= most && waited < most + .milliseconds(20), "\(waited)")
    // Quick writes make it impatient.
    for number in 0..<20 { _ = try await client.append([UInt8(number)]) }
    #expect(client.fillTimeout < .milliseconds(20), "\(client.fillTimeout)")
  }
}

@Test("D6: what is damaged on one replica is read from another")
func readsAroundDamage() throws {
  let transport = MeddlingTransport { (request, node, pass) throws(TransportError) in
    guard case .read(let read) = request, node.number == 2 else { return try await pass(request) }
    return .slots(read.positions.map { .failure(.corrupt($0)) })
  }
  try withClient(through: transport, replicas: 2) { client in
    for number in 0..<3 { _ = try await client.append([UInt8(number)]) }
    let one = try await client.read(Position(1))
    let all = try await client.read(Position(0)..<Position(3))
    #expect(all.count == 3 && all.allSatisfy(\.isTaken))
    #expect(one == all[1])
  }
}
