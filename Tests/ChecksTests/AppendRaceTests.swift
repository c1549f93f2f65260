// Goal: the checks of the race pass what is right and fail what is wrong, for the reason they
// name. Method: the reference and another right race, many seeds; wrong races, whose broken
// promises are listed.
import CorfuChecks
import CorfuGlobalLog
import Testing

@Suite struct AppendRaceTests {
  @Test(arguments: AppendRaceChecks<TailRace>().checks.indices)
  func referencePasses(index: Int) throws {
    try AppendRaceChecks<TailRace>().checks[index].run(seeds: 1..<201)
  }

  @Test(arguments: AppendRaceChecks<LookingRace>().checks.indices)
  func anotherRightWayPasses(index: Int) throws {
    try AppendRaceChecks<LookingRace>().checks[index].run(seeds: 1..<51)
  }

  @Test(arguments: AppendRaceChecks<TailRace>().checks.indices)
  func seedGivesTheSameTraceTwice(index: Int) throws {
    let check = AppendRaceChecks<TailRace>().checks[index]
    for seed: UInt64 in 1...5 {
      let one = try check.run(seed: seed)
      #expect(try check.run(seed: seed) == one)
      #expect(!one.events.isEmpty)
    }
  }

  @Test func doublingIsCaught() {
    let failures = failures(of: DoublingRace.self)
    #expect(failures["I1.3"]?.finding.contains("and again at") == true)
    #expect(failures["I1.6"] == nil)
  }

  @Test func credulityIsCaught() {
    let failures = failures(of: CredulousRace.self)
    #expect(failures["I1.2"]?.finding.contains("was told that") == true)
    #expect(failures["I1.8"]?.finding.contains("and counted 0") == true)
  }

  @Test func endlessPatienceIsCaught() throws {
    let failure = try #require(failures(of: PatientRace.self)["I1.2"])
    #expect(failure.isEndless)
    #expect(failure.finding.contains("it came to no end"))
    #expect(failure.events.first?.contains("appends") == true)
    #expect(failure.often?.contains("the same position is tried again") == true)
  }

  @Test("A run that was cut short, with nothing in its way, is no lost race")
  func suspicionIsCaught() throws {
    let failure = try #require(failures(of: SuspiciousRace.self)["I1.8"])
    #expect(failure.finding.contains("met 1 taken position and counted 2"))
    #expect(failure.often?.contains("is no lost race") == true)
    #expect(failure.events.contains { $0.contains("then cut short") })
  }

  @Test("What a mistake often is, is told of this mistake, not of others that break the promise")
  func oftenFitsTheFinding() {
    let credulous = failures(of: CredulousRace.self)
    #expect(credulous["I1.2"]?.often?.contains("whatever the store answered") == true)
    #expect(credulous["I1.5"]?.often?.contains("did not win it") == true)
    #expect(credulous["I1.8"]?.often?.contains("is a lost race") == true)
    let doubling = failures(of: DoublingRace.self)
    #expect(doubling["I1.4"]?.often?.contains("for the second time") == true)
    let swallowing = failures(of: SwallowingRace.self)
    #expect(swallowing["I1.9"]?.often?.contains("An error of the store is caught") == true)
    let creeping = failures(of: CreepingRace.self)
    #expect(creeping["I1.8"]?.often?.contains("known to be taken") == true)
    let leaping = failures(of: LeapingRace.self)
    #expect(leaping["I1.6"]?.often?.contains("more than one position") == true)
    #expect(leaping["I1.3"]?.often?.contains("more than one position") == true)
    let hasty = failures(of: HastyRace.self)
    #expect(hasty["I1.9"]?.often?.contains("cut short") == true)
  }

  /// What each promise's first check says of a race, by the promise's number.
  private func failures<Race: AppendRace>(of race: Race.Type) -> [String: CheckFailure] {
    var failures: [String: CheckFailure] = [:]
    for check in AppendRaceChecks<Race>().checks {
      do throws(SeedFailure) {
        try check.run(seeds: 1..<51)
      } catch {
        if failures[check.invariant.name] == nil { failures[check.invariant.name] = error.failure }
      }
    }
    return failures
  }
}
