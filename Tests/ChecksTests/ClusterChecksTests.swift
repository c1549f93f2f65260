// Goal: chapter 8's checks pass what this package builds, and see through what is wrong. Method:
// the reference with many seeds, and one wrong part for each check; the mutants of the course have
// more, and processes are killed by 'course verify' only.
import CorfuChecks
import CorfuGlobalLog
import CorfuProtocol
import Testing

@Suite struct ClusterChecksTests {
  private static let all =
    FrameFrontChecks<FrameFront>().checks + PendingCallChecks<PendingCalls<Int, Int>>().checks
    + RestChecks<ReconnectRest>().checks + SendPacingChecks<SendTurns>().checks

  @Test(arguments: all.indices)
  func theReferencePasses(index: Int) throws {
    let check = Self.all[index]
    for seed in UInt64(1)...40 {
      let first = try check.run(seed: seed)
      if seed % 10 == 0 { #expect(try check.run(seed: seed) == first, "\(check.id)") }
    }
  }

  /// The checks that fail with some seed.
  private func caught(by checks: [Check]) -> Set<String> {
    // Whether it fails is all that is asked.
    Set(checks.filter { (try? $0.run(seeds: 1..<30)) == nil }.map(\.id))
  }

  @Test func readersThatWaitOrBelieveAreCaught() {
    #expect(caught(by: FrameFrontChecks<PatientFront>().checks).isSuperset(of: ["8.1.2", "8.1.3"]))
    #expect(caught(by: FrameFrontChecks<CredulousFront>().checks).contains("8.1.3"))
  }

  @Test func keepersThatSayTooMuchAreCaught() {
    #expect(caught(by: PendingCallChecks<HopefulCalls>().checks) == ["8.2.4"])
  }

  @Test func restsThatAreAllAlikeAreCaught() {
    #expect(caught(by: RestChecks<FixedRest>().checks) == ["8.3.3"])
    #expect(caught(by: RestChecks<EagerRest>().checks).contains("8.3.1"))
  }

  @Test("A connection that sends each frame by itself is right, and over the budget")
  func dearSendsAreCaught() {
    #expect(caught(by: SendPacingChecks<PromptSends>().checks) == ["8.5.2", "8.5.3", "8.5.4"])
    #expect(caught(by: SendPacingChecks<ForgetfulSends>().checks) == ["8.5.1", "8.5.3"])
  }

  @Test("What a connection's turns and calls cost is told, and is the budget with our own turns")
  func costsAreTold() throws {
    var costs: [Cost] = []
    for check in SendPacingChecks<SendTurns>().checks {
      try check.run(seeds: 1..<20, onCost: { costs.append($0) })
    }
    #expect(costs.count == 3 * 19)
    #expect(costs.allSatisfy { $0.count == $0.budget })
  }

  @Test func aSlowCheckIsTriedOnce() throws {
    var seeds: [UInt64] = []
    let invariant = Invariant("I0.0", "nothing")
    let slow = Check("0.0.1", invariant, often: "", isSlow: true) { _ in
      CheckTrace(events: [], fingerprint: 0)
    }
    try slow.run(seeds: 3..<50) { seeds.append($0) }
    #expect(seeds == [3])
  }

  @Test func blowsThatCannotBeAreRefusedBeforeAnythingRuns() {
    for checks in [
      ClusterBreakingChecks<Massacre>().checks, ClusterBreakingChecks<Stranger>().checks,
    ] {
      let first = caught(by: Array(checks.prefix(1)))
      #expect(first == ["8.4.1"])
    }
  }
}

/// Waits for all of a header before it looks at anything.
private struct PatientFront: FrameFrontReading {
  func header(of bytes: RawSpan, bytesMax: Int) throws(FrameError) -> FrameHeader? {
    if bytes.byteCount < FrameHeader.byteCount { return nil }
    return try FrameFront().header(of: bytes, bytesMax: bytesMax)
  }
}

/// Believes every length.
private struct CredulousFront: FrameFrontReading {
  func header(of bytes: RawSpan, bytesMax: Int) throws(FrameError) -> FrameHeader? {
    try FrameFront().header(of: bytes, bytesMax: .max)
  }
}

/// Says of every call that nothing was sent.
private struct HopefulCalls: CallKeeping {
  private var calls = PendingCalls<Int, Int>()

  var count: Int { calls.count }
  mutating func makeID() -> UInt64 { calls.makeID() }
  mutating func add(_ waiter: Int, as id: UInt64, until deadline: Int) {
    calls.add(waiter, as: id, until: deadline)
  }
  mutating func markSent(_ id: UInt64) {}
  mutating func take(_ id: UInt64) -> Int? { calls.take(id) }
  mutating func expire(at now: Int) -> [EndedCall<Int>] { calls.expire(at: now) }
  mutating func lose() -> [EndedCall<Int>] { calls.lose() }
}

/// Rests as long as it may, each time.
private struct FixedRest: Resting {
  private let longest: Duration
  private let first: Duration
  private var limit: Duration

  init(first: Duration, longest: Duration) {
    (self.first, self.longest, limit) = (first, longest, first)
  }

  mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    defer { limit = min(limit * 2, longest) }
    return limit
  }

  mutating func reset() { limit = first }
}

/// Never rests longer than the first time.
private struct EagerRest: Resting {
  private var rest: ReconnectRest

  init(first: Duration, longest: Duration) { rest = ReconnectRest(first: first, longest: first) }

  mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    rest.next(using: &random)
  }

  mutating func reset() { rest.reset() }
}

/// Does not come back to what it held back while the system was busy.
private struct ForgetfulSends: SendPacing {
  private var turns = SendTurns()

  mutating func put() -> Bool { turns.put() }
  mutating func hold() { turns.hold() }
  mutating func takeTurn(isEmpty: Bool) -> Bool { turns.takeTurn(isEmpty: isEmpty) }
  mutating func noteTaken() -> Bool {
    _ = turns.noteTaken()
    return false
  }
}

/// Kills all of them.
private enum Massacre: ClusterBreaking {
  static var fatal: [Blow] { (1...5).map { .kill($0) } }
  static var survived: [Blow] { fatal }
}

/// Kills somebody who is not there.
private enum Stranger: ClusterBreaking {
  static var fatal: [Blow] { [.kill(9)] }
  static var survived: [Blow] { fatal }
}
