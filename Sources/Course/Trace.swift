/// All that happened until a check failed, as the check's program tells it and the course keeps it.
///
/// ```
/// corfu trace 1
/// check: 2.3.1
/// promise: I2.3 no position is issued twice, even after a restart
/// seed: 11
/// so: epoch 2 was to begin at 0, though the old sequencer would have gone on at 3
/// often: The new sequencer starts at 0 or at its own saved tail.
///
/// c1 -> seq B  reserve(3) in epoch 1  <- 0..<3
/// ---- epoch 1 is sealed ----
/// ```
struct Trace: Equatable {
  /// The check that failed: `2.3.1`.
  let check: String
  /// The promise that was broken, with its number.
  let promise: String
  /// The seed that brings it about.
  let seed: UInt64
  /// What is wrong, in a sentence.
  let finding: String
  /// The likely cause, where one is known.
  let often: String?
  /// What happened, a line each.
  let events: [String]

  /// What the first line of each says.
  private static let title = "corfu trace 1"

  /// Reads one.
  ///
  /// - Parameters:
  ///   - text: The file's text.
  ///   - name: What the file is called in a message.
  /// - Throws: ``CourseError`` if it is none.
  init(_ text: String, name: String) throws(CourseError) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.popFirst() == Self.title[...] else {
      throw CourseError("\(name) is no trace: its first line is not '\(Self.title)'")
    }
    var head: [Substring: String] = [:]
    while let line = lines.popFirst(), !line.isEmpty {
      guard let colon = line.firstRange(of: ": ") else {
        throw CourseError("\(name) is damaged: '\(line)' is no 'name: value'")
      }
      head[line[..<colon.lowerBound]] = String(line[colon.upperBound...])
    }
    guard let check = head["check"], let seed = head["seed"].flatMap({ UInt64($0) }),
      let promise = head["promise"], let finding = head["so"]
    else { throw CourseError("\(name) is damaged: it lacks check, promise, seed or so") }
    self.check = check
    self.promise = promise
    self.seed = seed
    self.finding = finding
    often = head["often"]
    events = lines.map { String($0) }
  }

  /// The exercise that the check belongs to: `2.3`.
  var exercise: String {
    check.split(separator: ".").prefix(2).joined(separator: ".")
  }

  /// The first line of its story.
  var headline: String {
    let count = events.count == 1 ? "1 event" : "\(events.count) events"
    return "\(check)  FAIL   \(promise)     seed \(seed), \(count)"
  }

  /// What the story ends with.
  var verdict: [String] {
    ["so: " + finding] + (often.map { ["Often: " + $0] } ?? [])
  }
}

/// The traces in what a check's program printed, taken out of it.
struct TracedReport {
  /// What a learner should read: the stories, and under each the command that replays it.
  let text: String
  /// The traces, by the path at which each is to be kept.
  let traces: [(path: String, text: String)]

  /// The folder of the traces.
  static let folder = ".course/fail"
  private static let mark = "\u{1}trace"

  /// Takes the traces out of a program's output.
  init(_ output: String) throws(CourseError) {
    var shown: [String] = []
    var traces: [(path: String, text: String)] = []
    let parts = output.split(separator: Self.mark + "\n", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      guard index % 2 == 1 else {
        shown.append(String(part))
        continue
      }
      let trace = try Trace(String(part), name: "what a check told")
      let path = "\(Self.folder)/\(trace.check)-\(trace.seed).trace"
      traces.append((path, String(part)))
      shown.append("     replay: swift run course replay \(path) --step\n")
    }
    text = shown.joined()
    self.traces = traces
  }
}

extension Project {
  /// The traces that are kept, by their paths.
  ///
  /// - Parameter name: An exercise or a check, as `2.3`, whose traces are wanted; all if `nil`.
  /// - Returns: The paths, sorted.
  /// - Throws: ``CourseError`` if the folder cannot be read.
  func traces(of name: String? = nil) throws(CourseError) -> [String] {
    guard exists(TracedReport.folder) else { return [] }
    let files = try names(in: TracedReport.folder).filter { file in
      guard file.hasSuffix(".trace") else { return false }
      guard let name else { return true }
      return file.hasPrefix(name + ".") || file.hasPrefix(name + "-")
    }
    return files.map { "\(TracedReport.folder)/\($0)" }
  }

  /// Keeps the traces of a report, and forgets those of the run before: they tell of other code.
  func keep(_ report: TracedReport, of name: String) throws(CourseError) {
    for path in try traces(of: name) { try remove(path) }
    for trace in report.traces { try write(trace.text, to: trace.path) }
  }
}
