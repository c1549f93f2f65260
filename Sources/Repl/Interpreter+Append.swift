import CorfuGlobalLog

extension Interpreter {
  /// How much is appended at a time: enough that a sync is shared by many lines.
  private static let batchLinesMax = 1024
  private static let batchBytesMax = 4 << 20

  /// What an append of many lines has done so far.
  private struct Appended {
    /// The lowest and the highest position: of entries sent together a later one may be lower.
    var first: Position?
    var last: Position?
    var entries = 0
    var bytes = 0

    mutating func add(_ positions: [Position], _ batch: [[UInt8]]) {
      for position in positions {
        first = min(first ?? position, position)
        last = max(last ?? position, position)
      }
      entries += positions.count
      bytes += batch.reduce(0) { $0 + $1.count }
    }

    /// "3 entries at 0...2 were", for the end of a sentence.
    var textWithVerb: String { text + (entries > 1 ? " were" : " was") }

    /// "3 entries at 0...2", or "between" where others' entries stand among them.
    var text: String {
      guard let first, let last else { return "nothing" }
      let count = Numbers.count(entries, "entry", "entries")
      if entries == 1 { return "\(count) at \(first)" }
      let isRun = first.distance(to: last) + 1 == entries
      return count + (isRun ? " at \(first)...\(last)" : " between \(first) and \(last)")
    }
  }

  func append(_ payload: [UInt8]) async throws(ReplError) {
    let position = try await ask { log throws(LogError) in try await log.append(payload) }
    try print(
      Report(
        lines: ["appended at \(position)"],
        json: ["position": .whole(position.number)],
        raw: [position.description]
      )
    )
  }

  func appendLines(
    of source: Command.Source,
    _ reports: Command.AppendReport
  ) async throws(ReplError) {
    let limit = session.payloadBytesMax
    let reader: LineReader
    switch source {
    case .file(let name): reader = try LineReader(file: name, lineBytesMax: limit)
    case .input:
      if readsInput {
        throw .refused("the commands come from the standard input: name a file after -f")
      }
      reader = LineReader(inputWith: limit)
    }
    var appended = Appended()
    var unclear = 0
    var progress = Progress(
      on: errors,
      stopwatch: Stopwatch.started(on: clock),
      counting: "lines"
    )
    do {
      while true {
        let batch = try reader.batch(
          linesMax: Self.batchLinesMax,
          bytesMax: Self.batchBytesMax
        )
        if batch.isEmpty { break }
        // One disk takes a batch whole or not at all; of several some may have their part.
        unclear = session.stage >= 3 ? batch.count : 0
        let positions = try await ask { log throws(LogError) in
          try await log.append(batch: batch)
        }
        unclear = 0
        appended.add(positions, batch)
        if reports == .positions {
          for position in positions { try results.line(position.description) }
          try results.flush()
        }
        try progress.update(
          part: reader.bytesRead,
          whole: reader.bytesTotal,
          count: appended.entries
        )
        await Task.yield()
      }
      try progress.end()
    } catch {
      // What was acknowledged stays: the user has to know where to go on.
      try progress.end()
      // A closed output too: to stop quietly is for those who only look.
      throw .stopped(error, appended: appended.textWithVerb, unclear: unclear)
    }
    try conclude(appended, reader.name, reports)
  }

  private func conclude(
    _ appended: Appended,
    _ name: String,
    _ reports: Command.AppendReport
  ) throws(ReplError) {
    let text =
      appended.entries == 0 ? "appended nothing: \(name) is empty" : "appended \(appended.text)"
    switch reports {
    case .positions: try note(text)
    case .summary:
      var members: [JSON.Member] = [.init("entries", .whole(appended.entries))]
      if let first = appended.first, let last = appended.last {
        members += [.init("first", .whole(first.number)), .init("last", .whole(last.number))]
      }
      members.append(.init("bytes", .whole(appended.bytes)))
      try print(Report(lines: [text], json: .object(members)))
    }
  }

  /// Prints a remark where errors go: it is no result.
  func note(_ text: String) throws(ReplError) {
    try results.flush()
    try errors.line(text)
    try errors.flush()
  }

  /// Asks the log something.
  func ask<Answer: Sendable>(
    _ question: (any SharedLog) async throws(LogError) -> Answer
  ) async throws(ReplError) -> Answer {
    do {
      return try await question(session.log)
    } catch {
      throw session.explained(error)
    }
  }
}
