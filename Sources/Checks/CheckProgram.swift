#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The program of a chapter's checks: runs each in a process of its own, and tells how they went.
///
/// ```
/// check-01 [ID …] [--seed S] [--runs N]     the checks that are named, or all; with --traces, each
///                                           failure's whole trace as well, for the course to keep
/// check-01 list                             their ids and what they hold up
/// check-01 run ID [--seed S] [--runs N]     one check, in this process
/// check-01 trace ID [--seed S]              what one seed leads to
/// ```
public struct CheckProgram: Sendable {
  private let checks: [Check]

  /// A program of these checks.
  public init(_ checks: [Check]) {
    self.checks = checks
  }

  /// Does what the command line says, and ends the process.
  public func main() -> Never {
    exit(run(CommandLine.arguments))
  }

  /// Does what some words say.
  ///
  /// - Parameter arguments: The program's path and its arguments.
  /// - Returns: The exit status: 0 all passed, 1 something failed, 75 something is to do, 2 wrong
  ///   usage.
  func run(_ arguments: [String]) -> Int32 {
    guard let options = CheckOptions(arguments.dropFirst()) else { return refuse("wrong usage") }
    let chosen = checks.filter { check in
      options.ids.isEmpty || options.ids.contains { check.isNamed(by: $0) }
    }
    for id in options.ids where !checks.contains(where: { $0.isNamed(by: id) }) {
      return refuse("there is no check '\(id)' here")
    }
    switch options.task {
    case .list:
      for check in chosen { print("\(check.id)\t\(check.invariant)") }
      return 0
    case .run: return runHere(chosen, options)
    case .trace: return trace(chosen, seed: options.seed)
    case .report: return report(chosen, options, program: arguments.first ?? "")
    }
  }

  private func refuse(_ reason: String) -> Int32 {
    print("\(reason): [ID …] [--seed S] [--runs N], or 'list'")
    return 2
  }

  private func runHere(_ chosen: [Check], _ options: CheckOptions) -> Int32 {
    ChildProcess.printLineByLine()
    for check in chosen {
      let seconds = CheckOutcome.secondsMax(of: check, runs: options.runs)
      ChildProcess.limitOwnTime(seconds: seconds)
      var dearest: Cost?
      do {
        try check.run(
          seeds: options.seeds,
          onSeed: { CheckReport.mark(seed: $0) },
          onCost: { cost in
            if cost.count > dearest?.count ?? -1 { dearest = cost }
          }
        )
        if let dearest { CheckReport.mark(dearest) }
      } catch {
        CheckReport.markStory()
        print(error.story(of: check))
        if options.wantsTraces {
          CheckReport.markTrace()
          print(error.trace(of: check))
        }
        return error.failure.isEndless ? CheckOutcome.endlessStatus : 1
      }
    }
    return 0
  }

  private func trace(_ chosen: [Check], seed: UInt64) -> Int32 {
    for check in chosen {
      ChildProcess.limitOwnTime(seconds: CheckOutcome.secondsMax(of: check, runs: 1))
      do {
        let trace = try check.run(seed: seed)
        for event in trace.events { print(event) }
        print("\(check.id) fingerprint \(String(trace.fingerprint, radix: 16))")
      } catch {
        print(SeedFailure(seed: seed, failure: error).story(of: check))
        return 1
      }
    }
    return 0
  }

  private func report(_ chosen: [Check], _ options: CheckOptions, program: String) -> Int32 {
    var tally = CheckTally()
    var hasToldEndless = false
    for check in chosen {
      // What waits for the same missing part would say the same again.
      if tally.isToDo(check.exercise) {
        tally.add(.toDo(""), of: check)
        continue
      }
      let child = ChildProcess([program, "run", check.id] + options.words)
      let outcome = CheckOutcome(child)
      print(outcome.line(for: check, options: options, isRepeated: hasToldEndless))
      let report = CheckReport(child.output)
      if let cost = report.cost, outcome == .passed { print("     at most " + cost) }
      for line in report.printed(by: outcome) { print(line) }
      if let trace = report.trace { print(trace) }
      if case .endless = outcome { hasToldEndless = true }
      tally.add(outcome, of: check)
      if case .tookTooLong = outcome, check.id != chosen.last?.id {
        print("the checks after it were not run: they would take as long")
        break
      }
    }
    print(tally.summary)
    return tally.status
  }
}

/// What the command line of a check program asks for.
struct CheckOptions: Equatable {
  /// What is to be done with the checks.
  enum Task: Equatable {
    case report, list, run, trace
  }

  private(set) var task = Task.report
  private(set) var ids: [String] = []
  private(set) var seed: UInt64 = 1
  private(set) var runs: UInt64 = 50
  /// Whether a failure's whole trace follows its story.
  private(set) var wantsTraces = false

  /// The seeds to try.
  var seeds: Range<UInt64> { seed..<seed &+ runs }

  /// The options as a command line has them.
  var words: [String] {
    ["--seed", String(seed), "--runs", String(runs)] + (wantsTraces ? ["--traces"] : [])
  }

  /// Reads the arguments; `nil` if they make no sense.
  init?(_ arguments: some Collection<String>) {
    var words = Array(arguments)
    switch words.first {
    case "list": task = .list
    case "run": task = .run
    case "trace": task = .trace
    default: break
    }
    if task != .report { words.removeFirst() }
    var index = 0
    while index < words.count {
      let word = words[index]
      index += 1
      guard word.hasPrefix("--") else {
        ids.append(word)
        continue
      }
      if word == "--traces" {
        wantsTraces = true
        continue
      }
      guard index < words.count, let number = UInt64(words[index]) else { return nil }
      index += 1
      switch word {
      case "--seed": seed = number
      case "--runs": runs = number
      default: return nil
      }
    }
    guard runs > 0, seed <= .max - runs else { return nil }
  }
}
