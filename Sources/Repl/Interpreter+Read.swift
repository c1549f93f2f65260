import CorfuClient
import CorfuGlobalLog

extension Interpreter {
  /// How many positions are read at a time at most; fewer where entries are large.
  private static let chunkMax = 1024
  private static let chunkBytesMax = 4 << 20

  /// One entry is shown whole, as long as that is a screenful.
  private static let readWidthMax = PayloadText.wholeMax

  /// How often a follower looks for new entries.
  private static let followInterval = Duration.milliseconds(100)

  func tail() async throws(ReplError) {
    let tail = try await currentTail()
    try print(Report(lines: [tail.description], json: ["tail": .whole(tail.number)]))
    try mindDoubt()
  }

  /// Fails where nobody knows whether the log ends where it seems to.
  private func mindDoubt() throws(ReplError) {
    guard session.isEndInDoubt else { return }
    throw .refused(
      "damage may have taken records without a trace, so nobody knows where the log ends: "
        + "'verify' tells what is damaged"
    )
  }

  func read(_ term: PositionTerm) async throws(ReplError) {
    let position = try await resolved(term)
    let slot = try await ask { log throws(LogError) in try await log.read(position) }
    switch mode {
    case .json, .raw:
      var printer = SlotPrinter(to: results, mode: mode, last: position)
      try printer.add(position, .slot(slot))
    case .table:
      if case .data(let entry) = slot {
        let shown = PayloadText.shown(entry.payload, width: Self.readWidthMax)
        try results.line(shown)
        if shown.hasSuffix(PayloadText.note(bytes: entry.payload.count)) {
          try noteShortening()
        }
      } else {
        let state = SlotPrinter.state(.slot(slot))
        try results.line(Style.dim("(\(state))", on: results))
      }
    }
  }

  /// Tells how to see all of what was cut.
  func noteShortening() throws(ReplError) {
    try note(Style.dim("(shortened; '.mode raw', or --raw in a shell, shows all)", on: errors))
  }

  func scan(_ term: RangeTerm, count: Int?, order: ScanOrder) async throws(ReplError) {
    let tail = try await currentTail()
    let range = term.resolved(start: try await session.trimMark(), tail: tail)
    let last = range.isEmpty ? range.lowerBound : range.upperBound.advanced(by: -1)
    var printer = SlotPrinter(to: results, mode: mode, last: last, order: order)
    if !range.isEmpty { try printer.title() }
    var progress = Progress(
      on: errors,
      stopwatch: Stopwatch.started(on: clock),
      counting: "entries"
    )
    var failure: LogError?
    var cursor = Cursor(next: range.lowerBound)
    do throws(ReplError) {
      while cursor.next < range.upperBound, count == nil || printer.found != count {
        if Task.isCancelled { throw .cancelled }
        let damage = try await step(
          &cursor,
          below: range.upperBound,
          &printer,
          entriesMax: count
        )
        failure = failure ?? damage
        if !results.isTerminal {
          try progress.update(
            part: range.lowerBound.distance(to: cursor.next),
            whole: range.count,
            count: printer.entries
          )
        }
        await Task.yield()
      }
    } catch {
      try progress.end()
      try printer.endRun()
      throw error
    }
    try progress.end()
    try printer.endRun()
    if mode == .table {
      var note = ""
      if range.isEmpty { note = tail == .zero ? " yet" : " there: the log ends at \(tail)" }
      try results.line(Style.dim(printer.summary + note, on: results))
    }
    // All that can be read was shown; the command fails all the same.
    if let failure { throw .log(failure) }
    try mindDoubt()
  }

  /// Prints entries that stand here and there in the log.
  func print(_ items: [LogItem]) throws(ReplError) {
    var printer = SlotPrinter(to: results, mode: mode, last: items.last?.position ?? .zero)
    if !items.isEmpty { try printer.title() }
    for item in items { try printer.add(item.position, .slot(.data(item.entry))) }
    if mode == .table { try results.line(Style.dim(printer.summary, on: results)) }
  }

  func follow(_ following: Command.Following) async throws(ReplError) {
    let tail = try await currentTail()
    let from = following.from?.resolved(tail: tail) ?? tail
    var cursor = Cursor(next: max(from, try await session.trimMark()))
    var printer = SlotPrinter(to: results, mode: mode, last: cursor.next)
    let failure: LogError?
    do throws(ReplError) {
      failure = try await follow(following, &cursor, &printer)
    } catch {
      // Ctrl-C is how one stops that: no error, whatever it was in the midst of.
      guard error == .cancelled || Task.isCancelled, error != .outputClosed else { throw error }
      try printer.endRun()
      try results.flush()
      if mode != .json {
        let text = "(\(printer.summary) shown; follow would go on from \(cursor.next))"
        try note(Style.dim(text, on: errors))
      }
      throw .ended
    }
    if let failure { throw .log(failure) }
    try mindDoubt()
  }

  /// Prints what arrives, until that is enough.
  ///
  /// - Returns: What is damaged, if anything was passed that is.
  private func follow(
    _ following: Command.Following,
    _ cursor: inout Cursor,
    _ printer: inout SlotPrinter
  ) async throws(ReplError) -> LogError? {
    let stopwatch = Stopwatch.started(on: clock)
    var failure: LogError?
    while true {
      let end = try await currentTail()
      while cursor.next < end {
        if Task.isCancelled { throw .cancelled }
        let before = cursor.next
        let damage = try await step(
          &cursor,
          below: end,
          &printer,
          stopsAtHole: true,
          entriesMax: following.count
        )
        failure = failure ?? damage
        try printer.endRun()
        if printer.found == following.count { break }
        // A hole: whoever took the position may still write it.
        if cursor.next == before, try await !passHole(at: before) { break }
        await Task.yield()
      }
      try results.flush()
      if printer.found == following.count { return failure }
      if let duration = following.duration, stopwatch.elapsed() >= duration { return failure }
      try await sleep(Self.followInterval)
    }
  }

  /// Gets past a hole, where this stage can.
  private func passHole(at position: Position) async throws(ReplError) -> Bool {
    guard let wait = try await session.settle(position) else { return false }
    if mode == .table {
      let text = "waited \(Numbers.time(wait)) for position \(position)"
      try results.line(Style.dim("(\(text))", on: results))
    }
    return true
  }

  /// Where a reader is, and how much it takes at a time.
  private struct Cursor {
    var next: Position
    var chunk = 16
    /// Damage known to be ahead: a chunk ends before it.
    var barrier: Position?
    /// Up to here entries are read one by one, because a server is missed somewhere.
    var cautiousBefore = Position.zero
  }

  /// What stands in a chunk; `nil` if nobody says it of all of it.
  private func read(_ chunk: Range<Position>) async throws(ReplError) -> [Slot]? {
    do throws(LogError) {
      return try await session.log.read(chunk)
    } catch {
      if case .unavailable = error, chunk.count > 1 { return nil }
      throw session.explained(error)
    }
  }

  /// Reads and prints the next chunk.
  ///
  /// Returns what is damaged, if that is all there was.
  private func step(
    _ cursor: inout Cursor,
    below end: Position,
    _ printer: inout SlotPrinter,
    stopsAtHole: Bool = false,
    entriesMax: Int? = nil
  ) async throws(ReplError) -> LogError? {
    let first = cursor.next
    let limit = min(end, cursor.barrier ?? end)
    let chunk = first..<first.advanced(by: min(cursor.chunk, first.distance(to: limit)))
    let slots: [Slot]?
    do {
      slots = try await read(chunk)
    } catch .log(.corrupt(let position)) where chunk.contains(position) {
      return try pass(.corrupt(position), at: position, &cursor, &printer)
    } catch .log(.unknown(let position)) where chunk.contains(position) {
      return try pass(.unknown(position), at: position, &cursor, &printer)
    } catch .log(.lost(let position)) where chunk.contains(position) {
      return try pass(.lost(position), at: position, &cursor, &printer, as: .lost)
    }
    guard let slots else {
      // Others can be read still: show them up to the one that cannot.
      cursor.chunk = 1
      cursor.cautiousBefore = chunk.upperBound
      return try await step(
        &cursor,
        below: end,
        &printer,
        stopsAtHole: stopsAtHole,
        entriesMax: entriesMax
      )
    }
    var bytes = 0
    for (position, slot) in zip(chunk, slots) {
      if stopsAtHole, slot == .empty { return nil }
      if let entriesMax, printer.found == entriesMax { return nil }
      if case .data(let entry) = slot { bytes += entry.payload.count }
      try printer.add(position, .slot(slot))
      cursor.next = position.advanced(by: 1)
    }
    if cursor.next == cursor.barrier { cursor.barrier = nil }
    if bytes > Self.chunkBytesMax {
      cursor.chunk = max(1, cursor.chunk / 2)
    } else if bytes < Self.chunkBytesMax / 4, cursor.next >= cursor.cautiousBefore {
      cursor.chunk = min(Self.chunkMax, cursor.chunk * 2)
    }
    return nil
  }

  /// Steps over a position that is damaged or lost, or stops short of one that lies ahead.
  private func pass(
    _ error: LogError,
    at position: Position,
    _ cursor: inout Cursor,
    _ printer: inout SlotPrinter,
    as finding: SlotPrinter.Finding = .damaged
  ) throws(ReplError) -> LogError? {
    guard position == cursor.next else {
      cursor.barrier = position
      return nil
    }
    try printer.add(position, finding)
    cursor.next = position.advanced(by: 1)
    cursor.barrier = nil
    return error
  }

  func currentTail() async throws(ReplError) -> Position {
    try await ask { log throws(LogError) in try await log.tail() }
  }

  /// The position that is meant; asks for the tail only where it matters.
  func resolved(_ term: PositionTerm) async throws(ReplError) -> Position {
    switch term {
    case .number(let position): position
    case .tail: term.resolved(tail: try await currentTail())
    }
  }
}
