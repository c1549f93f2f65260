public import CorfuClient
public import CorfuGlobalLog
public import CorfuStripeMirror

/// What came of a command about servers.
public enum ClusterAnswer: Sendable {
  /// A sentence for people, and the facts for programs.
  case told(String, [Fact])
  /// Rows of facts.
  case table(FactTable)
  /// A layout, and which of its nodes are not up.
  case layout(Layout, down: [NodeID])
  /// A layout that may have many spans, and how those of its nodes are that are not simply up.
  case spans(Layout, health: [NodeID: String])
  /// Sentences, then a table.
  case screen([String], FactTable)
  /// Whether all is well, the same and more in sentences, then a table.
  case verdict(HealthVerdict, [String], FactTable)
  /// What there is to tell of an object.
  case object(ObjectAnswer)
  /// Entries of a stream.
  case entries([LogItem])
}

extension ClusterAnswer {
  /// Prints it, as a mode wants it.
  ///
  /// - Parameters:
  ///   - output: Where it goes.
  ///   - mode: In which form.
  /// - Throws: ``ReplError``, if it cannot be written.
  public func print(to output: Output, mode: RenderingMode) throws(ReplError) {
    try Report.answer(self).print(to: output, mode: mode)
  }

  /// The same, and for people some lines behind it.
  func adding(_ lines: [String]) -> ClusterAnswer {
    if lines.isEmpty { return self }
    var report = Report.answer(self)
    // Whoever has programs read it wants what was asked for.
    report.raw = report.raw ?? report.table?.tabbed() ?? report.lines
    report.lines += lines
    return .object(ObjectAnswer(report))
  }

  /// The same with the last rows of its table only.
  ///
  /// - Parameter count: How many; `nil` for all.
  /// - Returns: The same as it is, if it has no table of rows.
  public func keeping(last count: Int?) -> ClusterAnswer {
    guard let count else { return self }
    func cut(_ table: FactTable) -> FactTable {
      FactTable(of: table.kind, table.rows.suffix(max(0, count)))
    }
    switch self {
    case .table(let table): return .table(cut(table))
    case .screen(let lines, let table): return .screen(lines, cut(table))
    case .verdict, .told, .layout, .spans, .object, .entries: return self
    }
  }
}

/// Things of one kind, each with the same facts.
public struct FactTable: Sendable {
  /// One of them.
  public struct Row: Sendable {
    /// Its name.
    public let name: String
    /// The same facts for each, in the same order.
    public let facts: [Fact]

    /// A row.
    public init(_ name: String, _ facts: [Fact]) {
      self.name = name
      self.facts = facts
    }
  }

  /// What each of them is: "node".
  public let kind: String
  /// The rows, in order.
  public let rows: [Row]

  /// A table.
  public init(of kind: String, _ rows: [Row]) {
    self.kind = kind
    self.rows = rows
  }
}

/// What there is to tell of an object, in a form for each mode.
public struct ObjectAnswer: Sendable {
  let report: Report

  init(_ report: Report) {
    self.report = report
  }
}

/// Something that happened by itself.
public struct News: Hashable, Sendable {
  /// When, since the last command began.
  public let time: Duration
  /// What.
  public let text: String
}

extension ReplSession {
  /// Nothing that a command is about: sessions without servers.
  public func perform(_ command: ClusterCommand) async throws(ReplError) -> ClusterAnswer {
    throw .refused("there are no servers in \(place): --stage 5 has some")
  }

  /// Nothing more to tell than ``stats()``.
  public func details() async throws(ReplError) -> FactTable? { nil }

  /// Before chapter 5 a hole stays one until somebody writes it.
  public func settle(_ position: Position) async throws(ReplError) -> Duration? { nil }

  /// Nothing happens by itself.
  public func news(after command: Command) async -> [News] { [] }

  /// There is nothing to forget.
  public func beginTrace() {}

  /// There is nothing to draw.
  public func takeTrace() -> Trace? { nil }

  /// The error as it is.
  public func explained(_ error: LogError) -> ReplError { .log(error) }
}
