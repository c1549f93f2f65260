@testable import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import Testing

// Goal: an append is in the log once or not at all, and wastes no positions. Method: somebody
// stands in the way of requests.

@Test("R10: a position that nobody was asked to write is tried again, and no hole is left")
func positionIsKept() throws {
  let writes = Tally()
  let tokens = Tally()
  let transport = MeddlingTransport { (request, _, pass) throws(TransportError) in
    if case .reserve = request { _ = tokens.next() }
    if case .write = request, writes.next() <= 5 { throw .unreachable }
    return try await pass(request)
  }
  try withClient(through: transport) { client in
    let positions = try await client.append(batch: [[1], [2], [3]])
    #expect(positions == [Position(0), Position(1), Position(2)])
    #expect(try await client.append([4]) == Position(3))
  }
  #expect(writes.count > 5)
  #expect(tokens.count == 2)
}

@Test("R36: a sequencer that was never reached loses no transaction; one that is silent may")
func unreachedSequencer() throws {
  for (error, isDefinite) in [(TransportError.unreachable, true), (.timedOut, false)] {
    let asked = Tally()
    let transport = MeddlingTransport { (request, _, pass) throws(TransportError) in
      if case .reserveEach = request, asked.next() <= 3 { throw error }
      return try await pass(request)
    }
    try withClient(through: transport) { client in
      let moment = Snapshot(epoch: client.layouts.current.id.epoch, position: .zero)
      let keys = [StreamKeys(StreamID(2))]
      let condition = CommitCondition(snapshot: moment, reads: keys)
      do throws(CommitError) {
        let position = try await client.append([1], writing: keys, if: condition)
        #expect(isDefinite && position == .zero)
      } catch {
        #expect(!isDefinite && error == .lost)
      }
    }
    #expect(asked.count == (isDefinite ? 4 : 1))
  }
}

@Test("An append whose chain is down goes to another, and leaves few holes if none is up")
func appendsGoWhereTheyCan() throws {
  let writes = Tally()
  let transport = MeddlingTransport { (request, node, pass) throws(TransportError) in
    // The head of the first of two stripes; after a while that of the second, too.
    if case .write = request, node.number == 1 || node.number == 3 && writes.next() > 2 {
      throw .unreachable
    }
    return try await pass(request)
  }
  try withClient(through: transport, stripes: 2) { client in
    let first = try await client.append([1])
    let second = try await client.append([2])
    #expect([first, second] == [Position(1), Position(3)])
    await #expect(throws: LogError.self) { try await client.append([3]) }
    let end = try await client.nextPosition(in: client.layouts.current)
    #expect(end.number <= 7)
  }
}

@Test("The entries of a batch are numbered in their order, whatever positions they take")
func marksKeepTheOrder() throws {
  let writes = Tally()
  let transport = MeddlingTransport { (request, node, pass) throws(TransportError) in
    // The head of the first of two stripes, at first: what was meant for it goes behind the rest.
    if case .write = request, node.number == 1, writes.next() == 1 { throw .unreachable }
    return try await pass(request)
  }
  try withClient(through: transport, stripes: 2) { client in
    let positions = try await client.append(batch: (0..<8).map { [$0] })
    #expect(positions != positions.sorted())
    var entries: [Entry] = []
    for position in positions {
      if case .data(let entry) = try await client.read(position) { entries.append(entry) }
    }
    #expect(entries.map(\.payload) == (0..<8).map { [$0] })
    #expect(entries.map(\.mark) == (0..<8).map { EntryMark(client: client.id, sequence: $0) })
  }
}

@Test("R15: 'trimmed' in answer to one copy of a write of two leaves the outcome open")
func trimmedCopy() throws {
  let isMeddling = Tally()
  let transport = MeddlingTransport(mayRepeat: true) { (request, _, pass) throws(TransportError) in
    guard case .write(let write) = request, isMeddling.next() == 1 else {
      return try await pass(request)
    }
    // The first copy is written, somebody reads it and trims it, and then comes the second.
    _ = try await pass(request)
    let positions = write.values.map(\.position)
    _ = try await pass(.trim(TrimRequest(layout: write.layout, positions: positions)))
    return try await pass(request)
  }
  try withClient(through: transport, replicas: 1) { client in
    await #expect(throws: LogError.indefinite(Position(0))) { try await client.append([1]) }
    let tail = try await client.tail()
    #expect(tail == Position(1))
  }
}

@Test("R16: 'not let in' in answer to one copy of a write of two leaves the outcome open")
func notAdmittedCopy() throws {
  let isMeddling = Tally()
  let transport = MeddlingTransport(mayRepeat: true) { (request, _, pass) throws(TransportError) in
    guard case .write = request, isMeddling.next() == 1 else { return try await pass(request) }
    // The first copy is written, the node is started again, and then comes the second.
    _ = try await pass(request)
    return .refused(.notAdmitted)
  }
  try withClient(through: transport, stripes: 2) { client in
    let position = try await client.append([1])
    // It stands once: another chain was not tried as well.
    let tail = try await client.tail()
    #expect(position == .zero && tail == Position(1))
  }
}

@Test("R16: appends without an answer are resolved side by side")
func doubtsSideBySide() throws {
  let writes = Tally()
  let shared = Tally()
  let transport = MeddlingTransport { (request, _, pass) throws(TransportError) in
    let before = writes.count
    let reply = try await pass(request)
    guard case .write = request else { return reply }
    if writes.next() == 1 { throw .timedOut }
    if writes.count > before + 1 { _ = shared.next() }
    return reply
  }
  try withClient(through: transport) { client in
    let positions = try await client.append(batch: (0..<40).map { [$0] })
    #expect(positions == (0..<40).map { Position($0) })
    #expect(client.counters.resolved == 40)
    #expect(client.counters.lostPositions == 0)
    #expect(shared.count > 30, "others were served meanwhile")
  }
}
