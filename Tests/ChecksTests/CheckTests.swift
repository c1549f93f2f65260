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
      #expect(
        error.trace(of: check) == """
          corfu trace 1
          check: 9.1.2
          promise: I9.1 all is well
          seed: 7
          so: it is not
          often: Something was forgotten.

          a comes
          b goes
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
      ("echo printed; echo; echo \u{1}story; echo a story; exit 1", .failed("a story")),
      ("echo \u{1}story; echo on and on; exit 3", .endless("on and on")),
      ("echo to do 1.3 write; exit 75", .toDo("1.3 write")),
      ("exit 9", .crashed("it ended with exit status 9", seed: nil)),
      (
        "echo '\u{1}seed 7'; echo 'Main.swift:3: Fatal error: gone' >&2; kill -ILL $$",
        .crashed("Main.swift:3: Fatal error: gone", seed: 7)
      ),
      (
        "kill -ILL $$",
        .crashed("signal 4, a trap: a number that overflowed, for example", seed: nil)
      ),
      ("kill -KILL $$", .crashed("signal 9", seed: nil)),
      ("echo '\u{1}seed 7'; kill -ALRM $$", .tookTooLong(seed: 7)),
    ]
    for (script, outcome) in ends {
      #expect(CheckOutcome(ChildProcess(["/bin/sh", "-c", script])) == outcome)
    }
    let missing = CheckOutcome(ChildProcess(["/no/such/program"]))
    #expect(missing != .passed)
  }

  @Test("Of a program that stopped is said what often makes it stop there")
  func crashesTellWhatIsOften() throws {
    let check = Check("9.1.1", promise, often: "It overflows.") { _ throws(CheckFailure) in
      CheckTrace(events: [])
    }
    let options = try #require(CheckOptions(["9.1"]))
    let told = CheckOutcome.crashed("signal 4", seed: 7).line(for: check, options: options)
    #expect(told.contains("in the midst of it: signal 4\n     Often: It overflows.\n     again: "))
    let unstarted = CheckOutcome.crashed("it could not be started: error 2", seed: nil)
    #expect(!unstarted.line(for: check, options: options).contains("Often"))
  }

  @Test func childrenMayPrintALot() {
    let child = ChildProcess(["/bin/sh", "-c", "yes | head -c 300000"])
    #expect(child.output.utf8.count == 300_000)
    #expect(child.ending == .exited(0))
  }

  @Test("Of a program that prints without end, the beginning and what came last are kept")
  func endlessOutputIsBounded() {
    let child = ChildProcess(["/bin/sh", "-c", "echo first; yes | head -c 30000000; echo last"])
    #expect(child.output.utf8.count < 5 << 20)
    #expect(child.output.hasPrefix("first\n") && child.output.hasSuffix("last\n"))
  }

  @Test("What a learner prints is shown for the seed that counts, indented, and not at length")
  func printedLinesAreShown() {
    let lines = (1...40).map { "turn \($0)\n" }.joined()
    let start = "\n\u{1}seed 1\nhello\n\n\u{1}seed 2\n\(lines)no new line\n\u{1}seed 3\n"
    let passed = CheckReport(start)
    #expect(passed.printed(by: .passed) == ["     printed with seed 1:", "       | hello"])
    #expect(passed.printed(by: .crashed("", seed: 3)).isEmpty)
    let trapped = CheckReport("\u{1}seed 4\nat 7\nA.swift:1: Fatal error: gone\nstack\n")
    #expect(trapped.printed(by: .crashed("", seed: 4)).last == "       | at 7")
    #expect(passed.printed(by: .toDo("")).isEmpty)
    let failed = CheckReport(
      start + "\u{1}story\n9.1.1  FAIL   I9.1 x     seed 2, 1 event\n  so: y\n"
    )
    #expect(failed.story.hasSuffix("so: y"))
    let shown = failed.printed(by: .failed(failed.story))
    #expect(shown.count == 1 + 12 + 1 + 6)
    #expect(shown[1] == "       | turn 1" && shown[13] == "       | … 23 more …")
    #expect(shown.last == "       | no new line")
  }

  @Test("What the dearest seed cost is told beside the budget, and is nothing that was printed")
  func costsAreTold() throws {
    let check = Check("9.1.1", promise, often: "") { seed in
      var trace = CheckTrace(events: [], fingerprint: 0)
      trace.cost = Cost(Int(seed), budget: 3, unit: "letters")
      return trace
    }
    var costs: [Cost] = []
    try check.run(seeds: 2..<5, onCost: { costs.append($0) })
    #expect(costs.map(\.isWithinBudget) == [true, true, false])
    #expect(costs.last?.description == "4 letters, and the budget is 3")
    let report = CheckReport("\n\u{1}seed 1\nhello\n\n\u{1}cost 4 letters\n")
    #expect(report.cost == "4 letters")
    #expect(report.printed(by: .passed) == ["     printed with seed 1:", "       | hello"])
    #expect(CheckReport("\n\u{1}seed 1\n").cost == nil)
  }

  @Test("What came to no end, or took too long, is told with a cause of its own")
  func endsHaveTheirOwnCauses() throws {
    var endless = CheckFailure("it came to no end")
    endless.isEndless = true
    let failure = endless
    let check = Check("9.1.1", promise, often: "another cause") { _ throws(CheckFailure) in
      throw failure
    }
    do throws(CheckFailure) {
      _ = try check.run(seed: 1)
      Issue.record("it was to fail")
    } catch {
      #expect(error.often?.contains("again and again") == true)
    }
    let slow = Check("9.1.2", promise, often: "", isSlow: true) { _ in CheckTrace(events: []) }
    let options = try #require(CheckOptions([]))
    let late = CheckOutcome.tookTooLong(seed: nil)
    #expect(late.line(for: check, options: options).contains("Often: A loop that never ends"))
    #expect(late.line(for: slow, options: options).contains("Often: The machine"))
  }

  @Test("A long story shows its beginning and its end, and how much lies between")
  func longStoriesAreCut() {
    let check = Check("9.1.1", promise, often: "") { _ throws(CheckFailure) in
      throw CheckFailure("endless", events: (1...2000).map { "event \($0)" })
    }
    do throws(SeedFailure) {
      try check.run(seeds: 1..<2)
    } catch {
      let lines = error.story(of: check).split(separator: "\n")
      #expect(lines[0].hasSuffix("seed 1, 2000 events"))
      #expect(lines[1] == "     event 1" && lines[13] == "     … 1982 more …")
      #expect(lines[14] == "     event 1995" && lines[19] == "     event 2000")
      #expect(lines[20] == "     so: endless")
    }
    #expect(Excerpt.of([1, 2, 3].map(String.init), first: 1, last: 1).count == 3)
  }

  @Test func anotherEndlessCheckIsToldInALine() throws {
    let check = Check("9.1.1", promise, often: "") { _ in CheckTrace(events: [], fingerprint: 0) }
    let options = try #require(CheckOptions([]))
    let line = CheckOutcome.endless("a long story").line(
      for: check,
      options: options,
      isRepeated: true
    )
    #expect(line == "9.1.1  FAIL   I9.1 all is well\n     so: it came to no end, as above")
  }

  @Test func tracesAreNoPartOfTheStory() throws {
    let mark = "\u{1}trace"
    let report = CheckReport("\n\u{1}story\na story\n\(mark)\ncorfu trace 1\n\nit falls\n")
    #expect(report.story == "a story")
    #expect(report.trace == "\(mark)\ncorfu trace 1\n\nit falls\n\(mark)")
    #expect(CheckReport("\n\u{1}story\na story\n").trace == nil)
    let options = try #require(CheckOptions(["1.3", "--traces", "--seed", "7"]))
    #expect(options.wantsTraces && options.seed == 7)
    #expect(CheckOptions(["run", "1.3"] + options.words)?.wantsTraces == true)
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
    tally.add(.tookTooLong(seed: nil), of: check)
    #expect(tally.status == 1)
    #expect(tally.summary == "1 passed, 1 failing, 1 to do")
  }
}
