// Goal: what a learner reads of a check is as the course promises it.
// Method: checks that fail on purpose; children that end in each way there is.
import Testing

@testable import CorfuChecks

@Suite struct CheckTests {
  private let promise = Invariant("I9.1", "all is well")

  @Test func storyTellsAllThatCounts() {
    let check = Check("9.1.2", promise, often: "Something was forgotten.") {
      _ throws(CheckFailure) in throw CheckFailure("it is not", events: ["a comes", "b goes"])
    }
    #expect(throws: SeedFailure.self) { try check.run(seeds: 7..<9) }
    do throws(SeedFailure) {
      try check.run(seeds: 7..<9)
    } catch {
      #expect(
        error.story(of: check, command: "course") == """
          9.1.2  FAIL   I9.1 all is well     seed 7, 2 events
               a comes
               b goes
               so: it is not
               Often: Something was forgotten.
               again: course check 9.1.2 --seed 7 --runs 1     hint: course hint 9.1
          """
      )
    }
  }

  @Test func shortestStoryIsKept() {
    let check = Check("9.1.1", promise, often: "") { seed throws(CheckFailure) in
      let events = [String](repeating: "event", count: seed == 3 ? 2 : 40)
      throw CheckFailure("seed \(seed)", events: events)
    }
    do throws(SeedFailure) {
      try check.run(seeds: 1..<6)
      Issue.record("the check passed")
    } catch {
      #expect(error.seed == 3)
    }
  }

  @Test func namesAreMatchedByTheirParts() {
    let check = Check("1.3.10", promise, often: "") { _ in CheckTrace(events: [], fingerprint: 0) }
    #expect(check.exercise == "1.3")
    #expect(check.isNamed(by: "1.3"))
    #expect(check.isNamed(by: "1"))
    #expect(check.isNamed(by: "1.3.10"))
    #expect(!check.isNamed(by: "1.3.1"))
    #expect(!check.isNamed(by: "1.30"))
  }

  @Test func childrenAreJudgedByTheirEnds() {
    let ends: [(String, CheckOutcome)] = [
      ("exit 0", .passed),
      ("echo story; exit 1", .failed("story\n")),
      ("echo to do 1.3 write; exit 75", .toDo("1.3 write")),
      ("exit 9", .crashed("it ended with exit status 9")),
      (
        "echo 'Main.swift:3: Fatal error: gone' >&2; kill -ILL $$",
        .crashed("Main.swift:3: Fatal error: gone")
      ),
      ("kill -ALRM $$", .tookTooLong),
    ]
    for (script, outcome) in ends {
      #expect(CheckOutcome(ChildProcess(["/bin/sh", "-c", script])) == outcome)
    }
    let missing = CheckOutcome(ChildProcess(["/no/such/program"]))
    #expect(missing != .passed)
  }

  @Test func childrenMayPrintALot() {
    let child = ChildProcess(["/bin/sh", "-c", "yes | head -c 300000"])
    #expect(child.output.utf8.count == 300_000)
    #expect(child.ending == .exited(0))
  }

  @Test func optionsAreRead() throws {
    let options = try #require(CheckOptions(["1.3", "--seed", "7", "--runs", "2"]))
    #expect(options.ids == ["1.3"])
    #expect(options.seeds == 7..<9)
    #expect(CheckOptions(["run", "1.3.1"])?.task == .run)
    #expect(CheckOptions(["--seed"]) == nil)
    #expect(CheckOptions(["--runs", "0"]) == nil)
    #expect(CheckOptions(["--seed", "18446744073709551615"]) == nil)
    #expect(CheckOptions(["--what", "1"]) == nil)
  }

  @Test func tallyDecidesTheStatus() {
    let check = Check("1.3.1", promise, often: "") { _ in CheckTrace(events: [], fingerprint: 0) }
    var tally = CheckTally()
    tally.add(.passed, of: check)
    #expect(tally.status == 0)
    tally.add(.toDo("1.3 write"), of: check)
    #expect(tally.status == todoStatus)
    tally.add(.tookTooLong, of: check)
    #expect(tally.status == 1)
    #expect(tally.summary == "1 passed, 1 failing, 1 to do")
  }
}
