import CorfuGlobalLog

extension Interpreter {
  /// How much is appended at a time: enough that a sync is shared by many lines.
  static let batchLinesMax = 1024
  static let batchBytesMax = 4 << 20

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
    let tellsPieces = session.tellsPieces
    let reader: LineReader
    switch source {
    case .file(let name):
      reader = try LineReader(file: name, lineBytesMax: limit, tellsPieces: tellsPieces)
    case .input:
      if readsInput {
        throw .refused("the commands come from the standard input: name a file after -f")
      }
      reader = LineReader(inputWith: limit, tellsPieces: tellsPieces)
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
        unclear = session.stage >= 3 ? batch.entries.count : 0
        let positions = try await append(batch)
        unclear = 0
        appended.add(positions, batch.entries)
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
    try conclude(appended, of: reader, reports)
  }

  /// Appends lines, or pieces.
  ///
  /// The next batch waits for it: so only entries of one batch can change places, and those are few
  /// enough for ``WriterOrder`` to put right.
  private func append(_ batch: LineBatch) async throws(ReplError) -> [Position] {
    do throws(LogError) {
      if batch.isOfPieces { return try await session.append(pieces: batch.entries) }
      return try await session.log.append(batch: batch.entries)
    } catch {
      throw session.explained(error)
    }
  }

  private func conclude(
    _ appended: Appended,
    of reader: LineReader,
    _ reports: Command.AppendReport
  ) throws(ReplError) {
    var text = "appended \(appended.text)"
    if appended.entries == 0 { text = "appended nothing: \(reader.name) is empty" }
    if reader.linesCut > 0 {
      let bytes = Numbers.grouped(session.payloadBytesMax)
      let lines = Numbers.count(reader.linesCut, "line", "lines")
      let verb = reader.linesCut == 1 ? "stands" : "stand"
      text += "; \(lines) longer than \(bytes) bytes \(verb) in pieces"
    }
    switch reports {
    case .positions: try note(text)
    case .summary:
      var members: [JSON.Member] = [.init("entries", .whole(appended.entries))]
      if let first = appended.first, let last = appended.last {
        members += [.init("first", .whole(first.number)), .init("last", .whole(last.number))]
      }
      members.append(.init("bytes", .whole(appended.bytes)))
      if reader.linesCut > 0 { members.append(.init("linesCut", .whole(reader.linesCut))) }
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
