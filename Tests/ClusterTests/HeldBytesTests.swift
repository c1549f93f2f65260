// Goal: what many connections hold together is bounded and divided fairly, what they tell of it is
// right in the end, and slow is told from deaf. Method: the counters, by themselves.
@testable import CorfuCluster
import CorfuProtocol
import NIOCore
import Testing

@Suite struct HeldBytesTests {
  @Test(arguments: [1, 2, 7, 64, 1000])
  func allTogetherHoldNoMoreThanThereMayBeAndEachHasAPart(connections: Int) {
    let bytesMax = 1 << 20
    let message = 100
    let held = HeldBytes(max: bytesMax)
    held.share(among: connections)
    var parts = [Int](repeating: 0, count: connections)
    // The first takes all that it is given, then the second does, and so on.
    for index in parts.indices {
      while !held.isTooMuch(parts[index]) {
        held.add(message)
        parts[index] += message
      }
    }
    #expect(held.count == parts.reduce(0, +))
    #expect(held.count <= bytesMax + connections * message)
    #expect(parts.allSatisfy { $0 > bytesMax / 4 / connections })
    // Whoever holds nothing goes on in any case.
    #expect(!held.isTooMuch(0))
    #expect(held.isTooMuch(parts[0]))
    // Once half of it is free again, all go on.
    held.add(bytesMax / 2 - held.count)
    #expect(!parts.contains { held.isTooMuch($0) })
  }

  @Test func withFewerConnectionsEachMayHoldMore() {
    let held = HeldBytes(max: 1000)
    held.add(501)
    held.share(among: 10)
    #expect(held.isTooMuch(26) && !held.isTooMuch(25))
    held.share(among: 1)
    #expect(held.isTooMuch(251) && !held.isTooMuch(250))
    // Nobody is connected.
    held.share(among: 0)
    #expect(!held.isTooMuch(250))
  }

  @Test func whatIsHeldForThoseWhoAreGoneHasToGoFirst() {
    let held = HeldBytes(max: 1000)
    // Of three generations of connections, of which each had its part.
    held.add(1000)
    held.share(among: 10)
    #expect(held.isTooMuch(1) && !held.isTooMuch(0))
    held.add(-1)
    #expect(!held.isTooMuch(25) && held.isTooMuch(26))
  }

  @Test func stepsAreSmallAndNothingIsLeftInTheEnd() {
    var bytes = SteppedBytes()
    var told = 0
    var tellings = 0
    var now = 0
    for round in 1...10_000 {
      now = max(0, now + (round * 7919) % 601 - 299)
      let more = bytes.tell(now)
      if more != 0 { tellings += 1 }
      told += more
      #expect(abs(now - told) < SteppedBytes.step)
    }
    #expect(tellings < 5000)
    #expect(bytes.tell(0) == -told)
    #expect(bytes.tell(0) == 0)
    // Whoever counts from several threads may be below zero for a moment.
    #expect(bytes.tell(-SteppedBytes.step) == -SteppedBytes.step)
    #expect(bytes.tell(0) == SteppedBytes.step)
  }

  @Test func roomIsWithinWhatEndsAConnection() {
    var limits = NetworkLimits()
    #expect(limits.roomMax == limits.roomBytes)
    limits.unsentBytesMax = 1 << 20
    #expect(limits.roomMax == 512 << 10)
  }

  @Test func ofManyConnectionsEachReceivesLessAtOnce() {
    let limits = NetworkLimits()
    #expect(limits.receiving(amongst: 0).maximum == limits.receiveBytesMax)
    #expect(limits.receiving(amongst: 100).maximum == limits.receiveBytesMax)
    #expect(limits.receiving(amongst: 1000).maximum == 128 << 10)
    #expect(limits.receiving(amongst: 100_000).maximum == 16 << 10)
  }

  @Test func aPieceOfAFrameKeepsNoMoreMemoryThanItNeeds() throws {
    var bytes: [UInt8] = []
    for id in 1...2000 as ClosedRange<UInt64> {
      try FrameCodec().encode(Frame(id: id, .request(.status)), into: &bytes)
    }
    var inbox = FrameInbox(frameBytesMax: 1 << 20)
    inbox.receive(ByteBuffer(bytes: bytes.dropLast(10)))
    var last: UInt64 = 0
    while let frame = try inbox.next() { last = frame.id }
    #expect(last == 1999)
    #expect(inbox.memoryBytes > 32 << 10)
    let left = inbox.byteCount
    inbox.letGo()
    #expect(inbox.byteCount == left)
    #expect(inbox.memoryBytes <= 4 << 10)
    inbox.receive(ByteBuffer(bytes: bytes.suffix(10)))
    let frame = try inbox.next()
    #expect(frame == Frame(id: 2000, .request(.status)))
    #expect(inbox.byteCount == 0)
  }

  @Test func whatWaitsForItsTurnIsKeptAsItIs() throws {
    var bytes: [UInt8] = []
    for id in 1...2000 as ClosedRange<UInt64> {
      try FrameCodec().encode(Frame(id: id, .request(.status)), into: &bytes)
    }
    var inbox = FrameInbox(frameBytesMax: 1 << 20)
    inbox.receive(ByteBuffer(bytes: bytes))
    var ids: [UInt64] = []
    while let frame = try inbox.next() {
      ids.append(frame.id)
      inbox.letGo()
    }
    #expect(ids == Array(1...2000))
  }
}

@Suite struct TakingWatchTests {
  private let start = ContinuousClock.now

  private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

  @Test func whoTakesNothingIsStuckAfterAWhile() {
    var watch = TakingWatch(patience: .seconds(30))
    for second in 0..<30 {
      check(watch.isStuck(takenBytes: 100, leftBytes: 50, at: at(second)), is: false)
    }
    check(watch.isStuck(takenBytes: 100, leftBytes: 50, at: at(30)), is: true)
    check(watch.isStuck(takenBytes: 100, leftBytes: 50, at: at(31)), is: true)
  }

  @Test func whoIsSlowIsNotStuck() {
    var watch = TakingWatch(patience: .seconds(30))
    // A byte in 29 seconds, for a while.
    for step in 0..<100 {
      check(watch.isStuck(takenBytes: 100, leftBytes: 1000 - step, at: at(29 * step)), is: false)
    }
    // A batch is over, and a larger one has begun.
    check(watch.isStuck(takenBytes: 1100, leftBytes: 5000, at: at(29 * 100)), is: false)
    check(watch.isStuck(takenBytes: 1100, leftBytes: 5000, at: at(29 * 101)), is: false)
    check(watch.isStuck(takenBytes: 1100, leftBytes: 5000, at: at(29 * 102)), is: true)
  }

  @Test func moreToTakeIsNothingTaken() {
    var watch = TakingWatch(patience: .seconds(30))
    for second in 0..<30 {
      check(watch.isStuck(takenBytes: 0, leftBytes: second, at: at(second)), is: false)
    }
    check(watch.isStuck(takenBytes: 0, leftBytes: 30, at: at(30)), is: true)
  }

  @Test func whoHasNothingToTakeIsNotStuck() {
    var watch = TakingWatch(patience: .seconds(30))
    check(watch.isStuck(takenBytes: 5, leftBytes: 7, at: at(0)), is: false)
    check(watch.isStuck(takenBytes: 12, leftBytes: nil, at: at(1)), is: false)
    check(watch.isStuck(takenBytes: 12, leftBytes: nil, at: at(1000)), is: false)
    // From then on a new one has its time.
    check(watch.isStuck(takenBytes: 12, leftBytes: 7, at: at(1001)), is: false)
    check(watch.isStuck(takenBytes: 12, leftBytes: 7, at: at(1030)), is: false)
    check(watch.isStuck(takenBytes: 12, leftBytes: 7, at: at(1031)), is: true)
  }
}

/// Expects an answer; unlike `#expect`, of what changes something as well.
private func check(
  _ value: Bool,
  is expected: Bool,
  at place: SourceLocation = #_sourceLocation
) {
  #expect(value == expected, sourceLocation: place)
}
