// Goal: chapter 6's checks pass what this package builds, and see through what is wrong. Method:
// the reference with many seeds, and one wrong part for each exercise. (R22, R23, R27, R28)
import CorfuChecks
import CorfuPaxosConfigurator
import CorfuStripeMirror
import Testing

@Suite struct ConfiguratorTests {
  private static let all =
    AcceptorChecks<Acceptor<Int>>().checks + RoundChecks<Round<Int, Int>>().checks
    + ChainPlanningChecks<ChainPlanner>().checks + RebuildPlanningChecks<RebuildPlan>().checks
    + VoteBreakingChecks<VoteBreaker>().checks + InquiringChecks<Inquiry>().checks

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

  @Test func acceptorsThatBreakTheirWordAreCaught() {
    #expect(caught(by: AcceptorChecks<Pushover>().checks).isSuperset(of: ["6.1.2", "6.1.5"]))
    #expect(caught(by: AcceptorChecks<Secretive>().checks).isSuperset(of: ["6.1.3", "6.1.5"]))
  }

  @Test func proposersThatInsistAreCaught() {
    #expect(caught(by: RoundChecks<Selfish>().checks).isSuperset(of: ["6.2.2", "6.2.5"]))
    let found = caught(by: RoundChecks<Vain>().checks)
    #expect(found.contains("6.2.2") && !found.contains("6.2.1") && !found.contains("6.2.5"))
  }

  @Test func chainsOutOfOrderAreCaught() {
    let found = caught(by: ChainPlanningChecks<Sorter>().checks)
    #expect(found.isSuperset(of: ["6.3.1", "6.3.2", "6.3.4"]))
  }

  @Test func copiesForNobodyAreCaught() {
    #expect(caught(by: RebuildPlanningChecks<Lazy>().checks).contains("6.4.1"))
  }

  @Test("To ask at each look is right, and over the budget")
  func dearQuestionsAreCaught() {
    #expect(caught(by: InquiringChecks<EagerInquiry>().checks) == ["6.6.4"])
    #expect(caught(by: InquiringChecks<Patient>().checks) == ["6.6.2", "6.6.3"])
  }

  @Test func scriptsWithoutHarmAreCaught() {
    #expect(caught(by: VoteBreakingChecks<Harmless>().checks) == ["6.5.1"])
  }
}

/// Votes for whatever it is asked to.
private struct Pushover: Accepting, Hashable {
  private(set) var promised: Ballot?
  private(set) var accepted: Vote<Int>?

  init() {}

  init(promised: Ballot?, accepted: Vote<Int>?) {
    self.promised = promised
    self.accepted = accepted
  }

  mutating func prepare(_ ballot: Ballot) -> PrepareAnswer<Int> {
    if let promised, ballot < promised { return .refused(promised) }
    promised = ballot
    return .promised(accepted)
  }

  mutating func accept(_ vote: Vote<Int>) -> AcceptAnswer {
    accepted = vote
    return .accepted
  }
}

/// Does not tell what it has voted for.
private struct Secretive: Accepting, Hashable {
  private var real = Acceptor<Int>()

  init() {}

  init(promised: Ballot?, accepted: Vote<Int>?) {
    real = Acceptor(promised: promised, accepted: accepted)
  }

  var promised: Ballot? { real.promised }
  var accepted: Vote<Int>? { real.accepted }

  mutating func prepare(_ ballot: Ballot) -> PrepareAnswer<Int> {
    guard case .refused(let other) = real.prepare(ballot) else { return .promised(nil) }
    return .refused(other)
  }

  mutating func accept(_ vote: Vote<Int>) -> AcceptAnswer { real.accept(vote) }
}

/// Hears of votes, and asks for its own value all the same.
private struct Selfish: Proposing {
  private var real: Round<Int, Int>

  init(_ ballot: Ballot, members: [Int], own: Int) {
    real = Round(ballot, members: members, own: own)
  }

  var ballot: Ballot { real.ballot }
  var chosen: Int? { real.chosen }
  var adopts: Bool { real.adopts }

  mutating func receive(_ answer: PrepareAnswer<Int>, from member: Int) -> RoundStep<Int> {
    guard case .promised = answer else { return real.receive(answer, from: member) }
    return real.receive(.promised(nil), from: member)
  }

  mutating func receive(_ answer: AcceptAnswer, from member: Int) -> RoundStep<Int> {
    real.receive(answer, from: member)
  }
}

/// Takes up what may have been chosen, and calls it its own.
private struct Vain: Proposing {
  private var real: Round<Int, Int>

  init(_ ballot: Ballot, members: [Int], own: Int) {
    real = Round(ballot, members: members, own: own)
  }

  var ballot: Ballot { real.ballot }
  var chosen: Int? { real.chosen }
  var adopts: Bool { false }

  mutating func receive(_ answer: PrepareAnswer<Int>, from member: Int) -> RoundStep<Int> {
    real.receive(answer, from: member)
  }

  mutating func receive(_ answer: AcceptAnswer, from member: Int) -> RoundStep<Int> {
    real.receive(answer, from: member)
  }
}

/// Likes chains to look tidy.
private enum Sorter: ChainPlanning {
  static func keepers(
    of chain: Chain,
    joining: [UnitName],
    seeing sight: ClusterSight,
    goal: ClusterGoal
  ) -> [UnitName] {
    ChainPlanner.keepers(of: chain, joining: joining, seeing: sight, goal: goal)
      .sorted { $0.node < $1.node }
  }

  static func writers(
    after keepers: [UnitName],
    free: [UnitName],
    goal: ClusterGoal
  ) -> [UnitName] {
    ChainPlanner.writers(after: keepers, free: free, goal: goal).sorted { $0.node < $1.node }
  }
}

/// Finds that one copy is enough.
private enum Lazy: RebuildPlanning {
  static func tasks(
    in layout: Layout,
    seeing sight: ClusterSight,
    goal: ClusterGoal
  ) -> [RebuildTask] {
    []
  }
}

/// Waits for an answer for ever, and calls nothing late.
private struct Patient: Inquiring {
  private var inquiry = Inquiry()

  mutating func ask(at now: Duration, patience: Duration) -> UInt64? {
    inquiry.ask(at: now, patience: .seconds(3600))
  }

  func isLate(at now: Duration, patience: Duration) -> Bool { false }

  mutating func end(_ number: UInt64, isAnswered: Bool) -> Bool {
    inquiry.end(number, isAnswered: isAnswered)
  }
}

/// The order of events on a good day.
private enum Harmless: VoteBreaking {
  static var script: [VoteStep] {
    [
      .prepare(.first, at: 1), .prepare(.first, at: 2), .accept(.first, at: 1),
      .accept(.first, at: 2), .crash(2), .prepare(.second, at: 2), .prepare(.second, at: 3),
      .accept(.second, at: 2), .accept(.second, at: 3),
    ]
  }
}
