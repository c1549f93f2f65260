#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What became of a check that ran in a process of its own.
enum CheckOutcome: Equatable {
  case passed
  /// With its story.
  case failed(String)
  /// With its story: it came to no end, and others that do the same will tell the same.
  case endless(String)
  /// What is to do.
  case toDo(String)
  /// It took longer than it may; with the seed that did.
  case tookTooLong(seed: UInt64?)
  /// The program ended in the midst of it; what it said last, and the seed.
  case crashed(String, seed: UInt64?)

  /// The exit status of a check that came to no end.
  static let endlessStatus: Int32 = 3

  /// How long a check with this many seeds may take, in seconds of real time.
  ///
  /// It is enough for a slow machine, and soon over for a hang.
  static func secondsMax(of check: Check, runs: UInt64) -> UInt32 {
    check.isSlow ? 300 : 10 + UInt32(min(runs / 50, 3_600))
  }

  /// Reads it off the process.
  init(_ child: ChildProcess) {
    let lines = child.output.split(separator: "\n")
    let report = CheckReport(child.output)
    switch child.ending {
    case .exited(0): self = .passed
    case .exited(todoStatus):
      let line = lines.last { $0.hasPrefix("to do ") }
      self = .toDo(line.map { String($0.dropFirst("to do ".count)) } ?? "")
    case .exited(1): self = .failed(report.story)
    case .exited(Self.endlessStatus): self = .endless(report.story)
    case .exited(let status):
      self = .crashed("it ended with exit status \(status)", seed: report.lastSeed)
    case .killed(SIGALRM): self = .tookTooLong(seed: report.lastSeed)
    case .killed(let signal):
      let message = lines.last { $0.contains("Fatal error") || $0.contains("fatal error") }
      self = .crashed(
        message.map { String($0) } ?? Self.words(for: signal),
        seed: report.lastSeed
      )
    case .notStarted(let error):
      self = .crashed("it could not be started: error \(error)", seed: nil)
    }
  }

  /// What keeps a check from its end, where nothing is real but the time that it takes.
  private static let oftenHanging =
    "A loop that never ends: what its condition asks for is not changed by its body. Or one that "
    + "never waits for anybody, so that nobody else gets a turn."

  /// What keeps a check of real processes from its end.
  private static let oftenBusy =
    "The machine has too much else to do, and the processes get no turn: try again when it is idle."

  /// What is said of a program that was ended by a signal, and had no last words.
  private static func words(for signal: Int32) -> String {
    switch signal {
    case SIGILL, SIGTRAP: "signal \(signal), a trap: a number that overflowed, for example"
    default: "signal \(signal)"
    }
  }

  /// What a learner reads of it.
  ///
  /// - Parameters:
  ///   - check: Which.
  ///   - options: What the checks were told.
  ///   - isRepeated: Whether a check before it came to no end as well: then one line is enough.
  /// - Returns: One line, or several.
  func line(for check: Check, options: CheckOptions, isRepeated: Bool = false) -> String {
    let head = { (word: String) in "\(check.id)  \(word)   \(check.invariant)" }
    let hint = "hint: swift run course hint \(check.exercise)"
    let advice = { (seed: UInt64?) in
      guard let seed else { return "     " + hint }
      return "     again: swift run course check \(check.id) --seed \(seed) --runs 1     \(hint)"
    }
    switch self {
    case .passed:
      if check.isSlow { return head("pass") }
      return head("pass") + (options.runs == 1 ? ", 1 seed" : ", \(options.runs) seeds")
    case .failed(let story): return story
    case .endless(let story):
      guard isRepeated else { return story }
      return head("FAIL") + "\n     so: it came to no end, as above"
    case .toDo(let what): return "\(check.exercise)  to do   \(what.afterNumber)"
    case .tookTooLong(let seed):
      return head("FAIL")
        + "\n     so: it did not end within "
        + "\(Self.secondsMax(of: check, runs: options.runs)) seconds"
        + "\n     Often: \(check.isSlow ? Self.oftenBusy : Self.oftenHanging)\n" + advice(seed)
    case .crashed(let what, let seed):
      // Without a seed it was not the learner's part that ended it.
      let often = seed == nil || check.often.isEmpty ? "" : "     Often: \(check.often)\n"
      return head("FAIL") + "\n     so: the program stopped in the midst of it: \(what)\n"
        + often + advice(seed)
    }
  }
}

/// How many checks went how.
struct CheckTally: Equatable {
  private var passed = 0
  private var failed = 0
  private var toDo: [String] = []

  /// Whether an exercise was met that is to do.
  func isToDo(_ exercise: String) -> Bool {
    toDo.contains(exercise)
  }

  /// Counts one.
  mutating func add(_ outcome: CheckOutcome, of check: Check) {
    switch outcome {
    case .passed: passed += 1
    case .failed, .endless, .tookTooLong, .crashed: failed += 1
    case .toDo: if !isToDo(check.exercise) { toDo.append(check.exercise) }
    }
  }

  /// One line for all.
  var summary: String {
    var parts: [String] = []
    if passed > 0 { parts.append("\(passed) passed") }
    if failed > 0 { parts.append("\(failed) failing") }
    if !toDo.isEmpty { parts.append("\(toDo.count) to do") }
    return parts.joined(separator: ", ")
  }

  /// The exit status of the program.
  var status: Int32 { failed > 0 ? 1 : toDo.isEmpty ? 0 : todoStatus }
}

extension String {
  /// `write at the tail` of `1.3 write at the tail`.
  fileprivate var afterNumber: String {
    guard let blank = firstIndex(of: " ") else { return self }
    return String(self[index(after: blank)...])
  }
}
