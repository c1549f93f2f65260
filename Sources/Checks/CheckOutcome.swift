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
  /// What is to do.
  case toDo(String)
  /// It took longer than it may.
  case tookTooLong
  /// The program ended in the midst of it; what it said last.
  case crashed(String)

  /// How long a check with this many seeds may take, in seconds of real time.
  ///
  /// It is enough for a slow machine, and soon over for a hang.
  static func secondsMax(runs: UInt64) -> UInt32 {
    10 + UInt32(min(runs / 50, 3_600))
  }

  /// Reads it off the process.
  init(_ child: ChildProcess) {
    let lines = child.output.split(separator: "\n")
    switch child.ending {
    case .exited(0): self = .passed
    case .exited(todoStatus):
      let line = lines.last { $0.hasPrefix("to do ") }
      self = .toDo(line.map { String($0.dropFirst("to do ".count)) } ?? "")
    case .exited(1): self = .failed(child.output)
    case .exited(let status): self = .crashed("it ended with exit status \(status)")
    case .killed(SIGALRM): self = .tookTooLong
    case .killed(let signal):
      let message = lines.last { $0.contains("Fatal error") || $0.contains("fatal error") }
      self = .crashed(message.map { String($0) } ?? "signal \(signal)")
    case .notStarted(let error): self = .crashed("it could not be started: error \(error)")
    }
  }

  /// What a learner reads of it.
  func line(for check: Check, options: CheckOptions) -> String {
    let head = { (word: String) in "\(check.id)  \(word)   \(check.invariant)" }
    let advice = "     hint: swift run course hint \(check.exercise)"
    switch self {
    case .passed: return head("pass") + (options.runs == 1 ? ", 1 seed" : ", \(options.runs) seeds")
    case .failed(let story): return story.trimmingNewlines
    case .toDo(let what): return "\(check.exercise)  to do   \(what.afterNumber)"
    case .tookTooLong:
      return head("FAIL")
        + "\n     so: it did not end within \(Self.secondsMax(runs: options.runs)) seconds"
        + "\n     Often: a loop that never waits for the store, so that nobody else gets a turn.\n"
        + advice
    case .crashed(let what):
      return head("FAIL") + "\n     so: the program stopped in the midst of it: \(what)\n" + advice
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
    case .failed, .tookTooLong, .crashed: failed += 1
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
  fileprivate var trimmingNewlines: String {
    var text = Substring(self)
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }

  /// `write at the tail` of `1.3 write at the tail`.
  fileprivate var afterNumber: String {
    guard let blank = firstIndex(of: " ") else { return self }
    return String(self[index(after: blank)...])
  }
}
