/// Something that may not be written, but for the rooms that are named for it.
enum Ban: CaseIterable {
  case unstructuredTask, realSleep, realClock, unseededChance
  case trap, forcedTry, forcedCast, emptyCatch, silentTry, unprovenSendable

  /// What to do instead.
  var advice: String {
    switch self {
    case .unstructuredTask:
      "a task that nobody owns escapes the simulator: use a task group or 'async let'"
    case .realSleep: "sleeping takes real time: use the clock that was passed in"
    case .realClock: "this is a real clock: take 'some Clock' from the caller"
    case .unseededChance: "chance that no seed repeats: draw with 'using:' a generator passed in"
    case .trap: "'fatalError' ends the process: throw; for a bug, 'preconditionFailure' says so"
    case .forcedTry: "'try!' turns an error into a crash: handle it or pass it on"
    case .forcedCast: "'as!' turns a wrong type into a crash: use 'as?' and handle nil"
    case .emptyCatch: "an error is swallowed: handle it, or say with 'try?' and a comment why not"
    case .silentTry: "'try?' drops an error: say why in a comment on this line or above it"
    case .unprovenSendable:
      "the compiler's check is switched off: say in a comment above why it is safe"
    }
  }

  /// The code that shows it, where plain words suffice.
  private var patterns: [[String]] {
    switch self {
    case .unstructuredTask:
      [["Task", "{"], ["Task", "("], ["Task", ".", "detached"], ["Task", ".", "immediate"]]
    case .realSleep:
      [["Task", ".", "sleep"], ["Thread", ".", "sleep"], ["usleep", "("], ["nanosleep", "("]]
    case .realClock:
      [["Date", "(", ")"], ["Date", ".", "now"], ["ContinuousClock"], ["SuspendingClock"]]
    case .unseededChance: [["SystemRandomNumberGenerator"]]
    case .trap: [["fatalError", "("]]
    case .forcedTry: [["try", "!"]]
    case .forcedCast: [["as", "!"]]
    case .emptyCatch, .silentTry, .unprovenSendable: []
    }
  }

  /// Whether the code at an index does what is banned.
  private func isBroken(in source: SwiftSource, at index: Int) -> Bool {
    if patterns.contains(where: { source.has($0, at: index) }) {
      // `try !f()` is no `try! f()`.
      if self == .forcedTry || self == .forcedCast { return source.tokens[index + 1].isGlued }
      return index == 0 || !["extension", "func"].contains(source.tokens[index - 1].text)
    }
    let line = source.tokens[index].line
    switch self {
    case .realSleep: return isPlainSleep(in: source, at: index)
    case .unseededChance: return isUnseeded(in: source, at: index)
    case .emptyCatch: return isEmptyCatch(in: source, at: index)
    case .silentTry:
      return source.has(["try", "?"], at: index) && source.comment(at: line) == nil
    case .unprovenSendable:
      let comment = source.comment(at: line)?.lowercased()
      if source.has(["nonisolated", "(", "unsafe", ")"], at: index) { return comment == nil }
      guard source.has(["@", "unchecked", "Sendable"], at: index) else { return false }
      return !proofWords.contains { comment?.contains($0) == true }
    case .unstructuredTask, .realClock, .trap, .forcedTry, .forcedCast: return false
    }
  }

  /// The system's `sleep(1)`; what is called with a duration is a clock's.
  private func isPlainSleep(in source: SwiftSource, at index: Int) -> Bool {
    guard source.has(["sleep", "("], at: index), index + 2 < source.tokens.count else {
      return false
    }
    return source.tokens[index + 2].text.first?.isNumber == true
  }

  private func isUnseeded(in source: SwiftSource, at index: Int) -> Bool {
    let draws = ["random", "randomElement", "shuffle", "shuffled"]
    guard
      draws.contains(where: { source.has([".", $0, "("], at: index) }),
      case let open = index + 2
    else { return false }
    return !source.tokens[open...source.closing(of: open)].contains { $0.text == "using" }
  }

  private func isEmptyCatch(in source: SwiftSource, at index: Int) -> Bool {
    guard source.has(["catch"], at: index) else { return false }
    let brace = source.tokens[index...].firstIndex { $0.text == "{" }
    return brace.map { source.has(["{", "}"], at: $0) } ?? false
  }

  /// The places in a file where this ban is broken, the rooms not considered.
  func findings(in source: SwiftSource) -> [Finding] {
    source.tokens.indices.filter { isBroken(in: source, at: $0) }.map {
      Finding(path: source.path, line: source.tokens[$0].line, message: advice)
    }
  }
}

/// A comment that proves something about threads has one of these in it.
private let proofWords = ["sendable", "safe", "sound", "thread", "lock"]

/// A part of the project where something banned elsewhere is in its place.
struct Room {
  /// How the paths in it begin.
  let prefix: String
  let bans: [Ban]
  let reason: String
}

/// Every exception there is.
let rooms = [
  Room(
    prefix: "Sources/Cluster/",
    bans: [.unstructuredTask, .realSleep, .realClock, .unseededChance],
    reason: "sockets, processes and real time"
  ),
  Room(
    prefix: "Sources/Command/",
    bans: [.unstructuredTask, .realSleep, .realClock, .unseededChance],
    reason: "the edge, where clock and seed come from"
  ),
  Room(
    prefix: "Sources/Course/",
    bans: [.unstructuredTask, .realSleep, .realClock, .unseededChance],
    reason: "runs and watches the learner's programs"
  ),
  Room(
    prefix: "Sources/Example/",
    bans: [.realSleep],
    reason: "a program at the edge, which has a deadline of its own"
  ),
  Room(
    prefix: "Sources/Library/",
    bans: [.realClock, .unseededChance],
    reason: "the edge of a program that has a cluster in it: where clock and seed come from"
  ),
  Room(
    prefix: "Sources/Bench/",
    bans: [.realClock, .unseededChance],
    reason: "measures real time, on logs that need an identity of their own"
  ),
  Room(
    prefix: "Sources/Repl/Terminal",
    bans: [.unstructuredTask, .realClock],
    reason: "a person sits at the other end"
  ),
  Room(
    prefix: "Sources/Repl/FileSession",
    bans: [.unstructuredTask, .unseededChance],
    reason: "the prompt's edge: a log that is open between two commands, and who its clients are"
  ),
  Room(
    prefix: "Sources/Repl/SimulatedSession",
    bans: [.unstructuredTask],
    reason: "the store works on the world's own executor, and goes on in the next command"
  ),
  Room(
    prefix: "Sources/Repl/Cluster/FileHost",
    bans: [.unstructuredTask, .unseededChance],
    reason: "the prompt's edge: a cluster that is open between two commands, and who its nodes are"
  ),
  Room(
    prefix: "Sources/Repl/Connected/ConnectedSession",
    bans: [.unseededChance],
    reason: "the prompt's edge: who its clients are, among all that write the same log"
  ),
  Room(
    prefix: "Sources/Repl/Cluster/SimulatedHost",
    bans: [.unstructuredTask],
    reason: "nodes work on the world's own executor, and go on in the next command"
  ),
  Room(
    prefix: "Sources/Simulation/World",
    bans: [.unstructuredTask],
    reason: "starts a world's first task, on the world's own executor"
  ),
  Room(
    prefix: "Tests/SimulationTests/",
    bans: [.unstructuredTask, .realSleep],
    reason: "shows that what escapes from a world is noticed"
  ),
  Room(
    prefix: "Tests/ClusterTests/",
    bans: [.unstructuredTask, .realSleep, .unseededChance],
    reason: "real nodes, which run beside the test"
  ),
  Room(
    prefix: "Tests/",
    bans: [.realClock],
    reason: "deadlines for child processes, nothing else"
  ),
]

/// The places in a file that break a ban, outside the rooms for it.
func banFindings(_ ban: Ban, in source: SwiftSource) -> [Finding] {
  let isAllowed = rooms.contains { $0.bans.contains(ban) && source.path.hasPrefix($0.prefix) }
  return isAllowed ? [] : ban.findings(in: source)
}
