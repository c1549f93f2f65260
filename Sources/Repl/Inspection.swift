import CorfuGlobalLog

/// Shows what an inspector finds in a unit's folder.
public struct Inspection {
  private let inspector: any UnitInspector
  private let output: Output
  private let mode: RenderingMode
  private let progress: Progress?

  /// Shows what an inspector finds.
  ///
  /// - Parameters:
  ///   - inspector: Whose findings.
  ///   - output: Where they go.
  ///   - mode: How they are shown.
  ///   - errors: Where a terminal shows the progress of a long check, if it does.
  ///   - clock: What that is timed by.
  public init(
    _ inspector: any UnitInspector,
    output: Output,
    mode: RenderingMode,
    errors: Output? = nil,
    clock: (any Clock<Duration>)? = nil
  ) {
    self.inspector = inspector
    self.output = output
    self.mode = mode
    if let errors, let clock {
      progress = Progress(on: errors, stopwatch: .started(on: clock), counting: "files")
    } else {
      progress = nil
    }
  }

  /// Checks every file.
  ///
  /// Throws ``ReplError/damaged(files:flaws:)`` after having shown the damage.
  public func verify() async throws(ReplError) {
    var progress = progress
    let verified = try await inspector.verify { done, whole throws(ReplError) in
      try progress?.update(part: done, whole: whole, count: done)
    }
    try progress?.end()
    try Report.verify(verified).print(to: output, mode: mode)
    try output.flush()
    try verified.check()
  }

  /// Prints what was done, or found out.
  public func show(_ facts: [Fact]) throws(ReplError) {
    try Report.facts(facts).print(to: output, mode: mode)
    try output.flush()
  }

  /// Prints every record.
  public func dump() async throws(ReplError) {
    if mode == .table {
      let title = Self.row("offset", "bytes", "position", "epoch", "record")
      try output.line(Style.dim(title, on: output))
    }
    var file: String?
    try await inspector.dump { record throws(ReplError) in
      if mode == .table, file != record.file {
        file = record.file
        try output.line(Style.dim(record.file, on: output))
      }
      try print(record)
    }
    try output.flush()
  }

  private func print(_ record: DumpedRecord) throws(ReplError) {
    let finding = record.slot.map { SlotPrinter.Finding.slot($0) } ?? .damaged
    switch mode {
    case .raw:
      var printer = SlotPrinter(to: output, mode: .raw, last: record.position)
      try printer.add(record.position, finding)
    case .json:
      guard case .object(let members) = SlotPrinter.json(record.position, finding) else { return }
      let place: [JSON.Member] = [
        .init("file", .string(record.file)), .init("offset", .whole(record.offset)),
        .init("bytes", .whole(record.bytes)), .init("epoch", .whole(record.epoch.number)),
      ]
      let ranges = record.trims.map { range in
        JSON.array([.whole(range.lowerBound.number), .whole(range.upperBound.number)])
      }
      let trims: [JSON.Member] = ranges.isEmpty ? [] : [.init("ranges", .array(ranges))]
      try output.line(JSON.object(place + members + trims).text)
    case .table:
      var start = Self.row(
        String(record.offset),
        String(record.bytes),
        record.position.description,
        record.epoch.description,
        ""
      )
      let width = output.width.map { max(20, $0 - start.count) } ?? SlotPrinter.widthMax
      if case .slot(.data(let entry)) = finding {
        start += PayloadText.shown(entry.payload, width: width)
      } else {
        start += "(\(SlotPrinter.state(finding))\(Self.named(record.trims)))"
      }
      try output.line(start)
    }
  }

  /// Ranges as people write them: the first few, and how many more.
  private static func named(_ trims: [Range<Position>]) -> String {
    guard !trims.isEmpty else { return "" }
    let shown = trims.prefix(6).map { range in
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)..<\(range.upperBound)"
    }
    let rest = trims.count - shown.count
    return " " + shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  private static func row(
    _ offset: String,
    _ bytes: String,
    _ position: String,
    _ epoch: String,
    _ record: String
  ) -> String {
    func right(_ cell: String, _ width: Int) -> String {
      Table.padded(cell, to: width, isNumeric: true)
    }
    return right(offset, 10) + right(bytes, 10) + right(position, 12) + right(epoch, 7) + "  "
      + record
  }
}
