// Goal: whoever follows the log gets all that stands there, in order, and waits for nothing that
// could have been read before; what is trimmed is told, with where to go on (R21). Method: clients
// in a world, on whose way reads take their time and are counted.
@testable import CorfuClient
import CorfuGlobalLog
import CorfuProtocol
import CorfuSimulation
import CorfuStripeMirror
import Synchronization
import Testing

/// Counts the requests on somebody's way, and how often each position was read.
private final class ReadCounter: Sendable {
  private let counts = Mutex((requests: 0, reads: [Position: Int]()))

  var requests: Int { counts.withLock { $0.requests } }
  var reads: [Position: Int] { counts.withLock { $0.reads } }

  func note(_ request: Request) {
    counts.withLock { counts in
      counts.requests += 1
      guard case .read(let read) = request else { return }
      for position in read.positions { counts.reads[position, default: 0] += 1 }
    }
  }
}

/// Follows the log until so many entries came, or an error.
private func follow(
  _ client: WiredClient,
  from begin: UInt64,
  _ countMax: Int = .max
) async -> (positions: [UInt64], error: LogError?) {
  var items = client.entries(from: Position(begin)).makeAsyncIterator()
  var positions: [UInt64] = []
  do throws(LogError) {
    while positions.count < countMax, let item = try await items.next() {
      positions.append(item.position.number)
    }
    return (positions, nil)
  } catch {
    return (positions, error)
  }
}

struct SubscriptionTests {
  @Test("as many positions are read at once as have about so many bytes, and never none")
  func readSizes() {
    var limits = ClientLimits()
    limits.readAheadMax = 64
    limits.payloadBytesMax = 1000
    limits.readAheadBytesMax = 8000
    let slot = { (bytes: Int) in
      Slot.data(
        Entry(
          mark: EntryMark(client: ClientID(high: 0, low: 1), sequence: 0),
          payload: [UInt8](repeating: 0, count: bytes)
        )
      )
    }
    var size = ReadSize(limits)
    #expect(size.count == 8, "as if each were as large as can be")
    var counts: [Int] = []
    for bytes in [10, 10, 10, 500, 10, 1000, 10_000] {
      size.learn(from: [.junk, slot(bytes), .empty])
      counts.append(size.count)
    }
    #expect(counts == [16, 32, 64, 16, 32, 8, 1])
    size.learn(from: [])
    #expect(size.count == 2)
    limits.readAheadMax = 5
    #expect(ReadSize(limits).count == 5)
  }

  @Test("a subscription to large entries reads few at once, and more where they are small")
  func largeEntries() throws {
    try withNodes(units: 1, replicas: 1, acceptors: [1]) { cluster in
      let writer = cluster.client(1)
      for number in 0..<20 {
        _ = try await writer.append([UInt8](repeating: UInt8(number), count: 600))
      }
      for number in 20..<100 { _ = try await writer.append([UInt8(number)]) }
      let sizes = Mutex<[(begin: Position, count: Int)]>([])
      let way = cluster.wire { request, _ in
        if case .read(let read) = request, let begin = read.positions.first {
          sizes.withLock { $0.append((begin, read.positions.count)) }
        }
        return .passes
      }
      var limits = ClientLimits()
      limits.payloadBytesMax = 600
      limits.readAheadBytesMax = 2400
      let reader = cluster.client(2, via: way, limits: limits)
      let (positions, error) = await follow(reader, from: 0, 100)
      #expect(positions == Array(0..<100) && error == nil)
      let large = sizes.withLock { $0.filter { $0.begin < Position(20) } }
      #expect(large.map(\.count) == [4, 4, 4, 4, 4])
      #expect(sizes.withLock { $0.map(\.count).max() ?? 0 } >= 32)
    }
  }

  @Test("R21: what is trimmed ends it with an error that tells where to go on, sparse or prefix")
  func trimmed() throws {
    try withNodes(units: 3, replicas: 1, stripes: 2) { cluster in
      let client = cluster.client(1)
      for number in 0..<30 { _ = try await client.append([UInt8(number)]) }
      for number in [3, 4, 5, 20] as [UInt64] { try await client.trim(Position(number)) }
      var (positions, error) = await follow(client, from: 0)
      #expect(positions == [0, 1, 2])
      #expect(error == .trimmed(Position(3), mark: Position(6)))

      try await client.trimPrefix(before: Position(12))
      (positions, error) = await follow(client, from: 1)
      #expect(positions == [])
      #expect(error == .trimmed(Position(1), mark: Position(12)))
      (positions, error) = await follow(client, from: 12)
      #expect(positions == Array(12..<20))
      #expect(error == .trimmed(Position(20), mark: Position(21)))
      (positions, error) = await follow(client, from: 21, 9)
      #expect(positions == Array(21..<30) && error == nil)

      // A prefix trim that ended half-way: one of two chains has forgotten more than the other.
      let way = cluster.wire { request, node in
        if case .trimPrefix = request, node == NodeID(2) { .isLost } else { .passes }
      }
      var limits = ClientLimits()
      limits.operationPatience = .milliseconds(500)
      let trimmer = cluster.client(2, via: way, limits: limits)
      await #expect(throws: LogError.self) { try await trimmer.trimPrefix(before: Position(25)) }
      (positions, error) = await follow(client, from: 2)
      #expect(positions == [])
      #expect(error == .trimmed(Position(2), mark: Position(13)))
      (positions, error) = await follow(client, from: 13)
      #expect(positions == [13])
      #expect(error == .trimmed(Position(14), mark: Position(15)))
    }
  }

  @Test("R21: who begins at 0 of a log that is trimmed to 100 million is told at once")
  func trimmedFar() throws {
    try withNodes(units: 3, replicas: 1, stripes: 2) { cluster in
      let far = Position(100_000_000)
      var next = cluster.layout
      next.epoch = Epoch(2)
      next.firstTail = far
      await cluster.reconfigurer().install(next)
      let counter = ReadCounter()
      let way = cluster.wire { request, _ in
        counter.note(request)
        return .passes
      }
      let client = cluster.client(1, layout: next, via: way)
      let position = try await client.append([1])
      #expect(position == far)
      try await client.trimPrefix(before: far)
      let before = counter.requests
      let (positions, error) = await follow(client, from: 0)
      #expect(positions == [] && error == .trimmed(.zero, mark: far))
      #expect(counter.requests - before < 30, "\(counter.requests - before)")
    }
  }

  /// While how many entries the reader's client is run.
  enum Running: Int, CaseIterable {
    case never = 0
    case untilTheMiddle = 15
    case always = 40

    /// How often a read is waited for, of four.
    var waits: ClosedRange<Int> {
      switch self {
      case .never: 4...4
      // What was under way when it ended is read anew, and what comes behind it.
      case .untilTheMiddle: 2...3
      case .always: 1...1
      }
    }
  }

  @Test("The next positions are read while the present ones are used", arguments: Running.allCases)
  func readsAhead(running: Running) throws {
    try withNodes(units: 3, replicas: 2) { cluster in
      let world = cluster.world
      let writer = cluster.client(1)
      for number in 0..<40 { _ = try await writer.append([UInt8(number)]) }
      let way = cluster.wire { request, _ in
        if case .read = request { .isLate(.milliseconds(10)) } else { .passes }
      }
      var limits = ClientLimits()
      limits.readAheadMax = 10
      let reader = cluster.client(2, via: way, limits: limits)
      let (found, waits) = await withTaskGroup(of: Void.self) { group in
        if running != .never {
          group.addTask { await reader.run() }
          await world.sleep(for: .milliseconds(1))
        }
        defer { group.cancelAll() }
        var found: [UInt64] = []
        var waits: [Duration] = []
        var items = reader.entries(from: .zero).makeAsyncIterator()
        do throws(LogError) {
          while found.count < 40 {
            let start = world.now
            guard let item = try await items.next() else { break }
            found.append(item.position.number)
            waits.append(world.now - start)
            if found.count == running.rawValue { group.cancelAll() }
            // Ten of them take longer than a read.
            await world.sleep(for: .milliseconds(2))
          }
        } catch {
          Issue.record("\(error)")
        }
        return (found, waits)
      }
      #expect(found == Array(0..<40))
      #expect(running.waits.contains(waits.count { $0 > .zero }), "\(waits)")
    }
  }

  @Test("R21: what stands behind a hole is read once; only the holes are looked at again")
  func holes() throws {
    try withNodes(units: 3, replicas: 1) { cluster in
      let world = cluster.world
      let writer = cluster.client(1)
      func leaveHoles(_ count: Int) async throws {
        let request = Request.reserve(TokenRequest(layout: cluster.layout.id, count: count))
        _ = try await cluster.network.call(request, to: NodeID(101), patience: .seconds(1))
      }
      for number in 0..<4 { _ = try await writer.append([UInt8(number)]) }
      try await leaveHoles(2)
      for number in 6..<12 { _ = try await writer.append([UInt8(number)]) }
      try await leaveHoles(1)
      for number in 13..<20 { _ = try await writer.append([UInt8(number)]) }
      let counter = ReadCounter()
      let way = cluster.wire { request, _ in
        counter.note(request)
        return .passes
      }
      let reader = cluster.client(2, via: way)
      let start = world.now
      let (positions, error) = await follow(reader, from: 0, 17)
      let holes = [4, 5, 12] as [UInt64]
      #expect(error == nil && positions == (0..<20).filter { !holes.contains($0) })
      let waited = world.now - start
      #expect(waited >= .milliseconds(200) && waited < .milliseconds(400), "\(waited)")
      #expect(reader.counters.holesFilled == 3)
      let reads = counter.reads
      #expect(positions.allSatisfy { reads[Position($0)] == 1 }, "\(reads)")
      #expect(holes.allSatisfy { reads[Position($0), default: 0] > 1 }, "\(reads)")
    }
  }
}
