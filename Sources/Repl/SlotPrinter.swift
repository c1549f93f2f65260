import CorfuGlobalLog

/// Prints what stands at positions, one after the other, as a mode wants it.
///
/// For people, a run of positions without entries takes one row. For programs each position is a
/// document. Payloads alone may come in another order than positions do.
struct SlotPrinter {
  /// What was found at a position.
  enum Finding: Equatable {
    case slot(Slot)
    case damaged
    /// It was given up, with the disks that had it.
    case lost
  }

  /// How many of each were printed.
  private(set) var entries = 0
  private(set) var junk = 0
  private(set) var trimmed = 0
  private(set) var empty = 0
  private(set) var damaged = 0
  private(set) var lost = 0

  private let output: Output
  private let mode: RenderingMode
  private let positionWidth: Int
  private var run: (state: String, first: Position, last: Position)?
  /// Entries that wait for others of their writers; `nil` where the order is the log's.
  private var order: WriterOrder?

  /// How much of an entry a row shows where no terminal sets a limit.
  static let widthMax = 1000

  /// Prints positions up to `last` in aligned columns, or payloads alone in an order.
  init(to output: Output, mode: RenderingMode, last: Position, order: ScanOrder = .log) {
    self.output = output
    self.mode = mode
    self.order = mode == .raw && order == .writer ? WriterOrder() : nil
    positionWidth = max("position".count, last.description.count)
  }

  /// Prints the columns' titles.
  func title() throws(ReplError) {
    guard mode == .table else { return }
    let cell = Table.padded("position", to: positionWidth, isNumeric: true)
    try output.line(Style.dim(cell + "  entry", on: output))
  }

  /// Prints one position; rows of a run without entries are held back until it ends, and entries
  /// until their turn has come.
  mutating func add(_ position: Position, _ finding: Finding) throws(ReplError) {
    count(finding)
    switch mode {
    case .raw:
      guard case .slot(.data(let entry)) = finding else { return }
      if order == nil { return try write(entry) }
      order?.add(entry)
      try writeThoseInTurn()
    case .json:
      try output.line(Self.json(position, finding).text)
    case .table:
      guard case .slot(.data(let entry)) = finding else {
        return try addToRun(position, Self.state(finding))
      }
      try endRun()
      let width = output.width.map { max(20, $0 - positionWidth - 2) } ?? Self.widthMax
      let cell = Table.padded(position.description, to: positionWidth, isNumeric: true)
      try output.line(cell + "  " + PayloadText.shown(entry.payload, width: width))
    }
  }

  /// Prints the payload alone.
  private func write(_ entry: Entry) throws(ReplError) {
    try output.write(entry.payload)
    if !PieceStream.has(entry) { try output.write(CollectionOfOne(UInt8(ascii: "\n"))) }
  }

  private mutating func writeThoseInTurn() throws(ReplError) {
    while let entry = order?.next() { try write(entry) }
  }

  /// Prints what was held back.
  mutating func endRun() throws(ReplError) {
    order?.end()
    try writeThoseInTurn()
    guard let run else { return }
    self.run = nil
    let isSingle = run.first == run.last
    let positions = isSingle ? run.first.description : "\(run.first)...\(run.last)"
    let cell = Table.padded(positions, to: positionWidth, isNumeric: true)
    try output.line(Style.dim("\(cell)  (\(run.state))", on: output))
  }

  /// How many of what somebody wrote were met: what was lost is told, and so counts like an entry.
  var found: Int { entries + lost }

  /// How many of what were printed: "12 entries, 1 junk".
  var summary: String {
    var parts = [entries == 0 ? "no entries" : Numbers.count(entries, "entry", "entries")]
    if junk > 0 { parts.append(Numbers.grouped(junk) + " junk") }
    if trimmed > 0 { parts.append(Numbers.grouped(trimmed) + " trimmed") }
    if empty > 0 { parts.append(Numbers.grouped(empty) + " empty") }
    if damaged > 0 { parts.append(Numbers.grouped(damaged) + " damaged") }
    if lost > 0 { parts.append(Numbers.grouped(lost) + " lost") }
    return parts.joined(separator: ", ")
  }

  /// What stands at a position, as a document.
  static func json(_ position: Position, _ finding: Finding) -> JSON {
    var members: [JSON.Member] = [
      .init("position", .whole(position.number)), .init("state", .string(state(finding))),
    ]
    if case .slot(.data(let entry)) = finding {
      members.append(.init("client", .string(entry.mark.client.description)))
      members.append(.init("sequence", .whole(entry.mark.sequence)))
      if let text = String(validating: entry.payload, as: UTF8.self) {
        members.append(.init("payload", .string(text)))
      } else {
        members.append(.init("payloadHex", .string(Hexadecimal.text(entry.payload))))
      }
      if PieceStream.has(entry) { members.append(.init("endsLine", .bool(false))) }
    }
    return .object(members)
  }

  /// What stands at a position, in a word.
  static func state(_ finding: Finding) -> String {
    switch finding {
    case .slot(.empty): "empty"
    case .slot(.data): "data"
    case .slot(.junk): "junk"
    case .slot(.trimmed): "trimmed"
    case .damaged: "damaged"
    case .lost: "lost"
    }
  }

  private mutating func addToRun(_ position: Position, _ state: String) throws(ReplError) {
    if let known = run, known.state == state, known.last.number + 1 == position.number {
      run = (state, known.first, position)
    } else {
      try endRun()
      run = (state, position, position)
    }
  }

  private mutating func count(_ finding: Finding) {
    switch finding {
    case .slot(.data): entries += 1
    case .slot(.junk): junk += 1
    case .slot(.trimmed): trimmed += 1
    case .slot(.empty): empty += 1
    case .damaged: damaged += 1
    case .lost: lost += 1
    }
  }
}
