import Foundation

/// Which parts of this run are yours: those whose checks are green, and those that `--mine` names.
struct Choice: Sendable {
  /// How an exercise of yours stands.
  private enum Standing: String, CaseIterable {
    case green = "passed, but not all of its part"
    case toDo = "to do"
    case changed = "changed since it was checked"
    case failing = "failing"
    case unchecked = "not checked"
  }

  /// Your files, by exercise.
  private static let files = [
    "1.1": "01-global-log/Sources/RecordCodec.swift",
    "1.2": "01-global-log/Sources/TailJudge.swift",
    "1.3": "01-global-log/Sources/TailRace.swift",
    "2.1": "02-sequencer/Sources/Sequencer.swift",
    "2.2": "02-sequencer/Sources/StreamTails.swift",
    "2.3": "02-sequencer/Sources/Sequencer+Reign.swift",
    "3.1": "03-stripe-mirror/Sources/RoundRobin.swift",
    "3.2": "03-stripe-mirror/Sources/ChainWriter.swift",
    "3.3": "03-stripe-mirror/Sources/ChainReader.swift",
    "3.5": "03-stripe-mirror/Sources/ChainShares.swift",
    "4.1": "04-copy-compaction/Sources/PositionSet.swift",
    "4.2": "04-copy-compaction/Sources/CompactionPlan.swift",
    "4.3": "04-copy-compaction/Sources/SegmentMove.swift",
    "5.1": "05-write-once/Sources/EpochGate.swift",
    "5.2": "05-write-once/Sources/ChainFiller.swift",
    "5.3": "05-write-once/Sources/AppendResolver.swift",
    "6.1": "06-paxos-configurator/Sources/Acceptor.swift",
    "6.3": "06-paxos-configurator/Sources/ChainPlanner.swift",
    "6.4": "06-paxos-configurator/Sources/RebuildPlan.swift",
    "7.3": "07-transactions/Sources/ConflictWindow.swift",
  ]

  private let standings: [String: Standing]
  /// Exercises and chapters, as `--mine` names them.
  private let wanted: [String]

  /// Looks what the course noted when it last checked your files.
  ///
  /// - Parameter wanted: What `--mine` names: exercises, `3.2`, or chapters, `3`.
  init(mine wanted: [String]) {
    self.wanted = wanted
    let exercises = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let progress = Progress(exercises.appending(path: "../.course/progress.json"))
    standings = Self.files.reduce(into: [:]) { standings, file in
      let text = try? String(contentsOf: exercises.appending(path: file.value), encoding: .utf8)
      // A file that is not there is one that is still to do.
      standings[file.key] = text.map { Self.standing(of: file.key, $0, progress) } ?? .toDo
    }
  }

  private static func standing(
    of exercise: String,
    _ text: String,
    _ progress: Progress
  ) -> Standing {
    if text.contains("TODO(\"\(exercise) ") { return .toDo }
    guard let result = progress.results[exercise] else { return .unchecked }
    guard result.digest == Progress.digest(of: text) else { return .changed }
    return result.standing == "passed" ? .green : .failing
  }

  /// Whether a name that `--mine` gives is one of an exercise or a chapter.
  static func isKnown(_ name: String) -> Bool {
    files.keys.contains { $0 == name || $0.hasPrefix(name + ".") }
  }

  /// Whether the part that some exercises build together is to be yours.
  func isMine(_ exercises: String...) -> Bool { isMine(part: exercises) }

  private func isMine(part exercises: [String]) -> Bool {
    let isGreen = exercises.allSatisfy { standings[$0] == .green }
    return isGreen || exercises.contains { isWanted($0) }
  }

  private func isWanted(_ exercise: String) -> Bool {
    wanted.contains { exercise == $0 || exercise.hasPrefix($0 + ".") }
  }

  /// Says whose parts a stage runs with, in one line or two.
  func summary(of parts: [[String]]) -> String {
    let mine = parts.filter { isMine(part: $0) }
    let ours = parts.filter { !mine.contains($0) }.flatMap { $0 }
    var lines = ["yours: " + (mine.isEmpty ? "none" : mine.joined().joined(separator: " "))]
    let reasons = Standing.allCases.compactMap { standing -> String? in
      let those = ours.filter { standings[$0] == standing }
      return those.isEmpty ? nil : those.joined(separator: " ") + " (\(standing.rawValue))"
    }
    if !reasons.isEmpty { lines.append("ours:  " + reasons.joined(separator: ", ")) }
    return lines.joined(separator: "\n")
  }
}

/// What `swift run course check` noted: of each exercise, how it went, and with which text.
private struct Progress: Decodable {
  struct Result: Decodable {
    var standing: String
    var digest: String
  }

  var results: [String: Result] = [:]

  /// Reads it; nothing was checked where there is nothing to be read.
  init(_ file: URL) {
    guard let data = try? Data(contentsOf: file) else { return }
    do {
      self = try JSONDecoder().decode(Progress.self, from: data)
    } catch {
      note("mycorfu: .course/progress.json is damaged, so all parts are ours: \(error)")
    }
  }

  /// A short stand-in for a text, as the course makes it: FNV-1a, 64 bits.
  static func digest(of text: String) -> String {
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    return String(hash, radix: 16)
  }
}

/// Says something beside what the program prints.
func note(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}
