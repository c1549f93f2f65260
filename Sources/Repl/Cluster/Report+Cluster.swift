import CorfuClient
import CorfuGlobalLog
import CorfuStripeMirror

extension Report {
  /// What came of a command about servers.
  static func answer(_ answer: ClusterAnswer) -> Report {
    switch answer {
    case .told(let text, let facts):
      Report(lines: [text], json: facts.isEmpty ? ["told": .string(text)] : json(facts))
    case .table(let table): rows(table)
    case .layout(let layout, let down): picture(of: layout, down: down)
    case .spans(let layout, let health): drawing(of: layout, health)
    case .screen(let lines, let table): screen(lines, table)
    case .verdict(let verdict, let lines, let table): self.verdict(verdict, lines, table)
    case .object(let answer): answer.report
    case .entries(let items):
      Report(json: .array(items.map { SlotPrinter.json($0.position, .slot(.data($0.entry))) }))
    }
  }

  /// What happened by itself, each with its time since the last command began.
  static func news(_ news: [News], on output: Output) -> Report {
    var report = Report(
      json: [
        "news": .array(
          news.map { ["ms": .number($0.time / .milliseconds(1)), "text": .string($0.text)] }
        )
      ]
    )
    report.lines = news.map { one in
      // Before this command began: while it was typed.
      if one.time < .zero { return Style.dim("  before  \(one.text)", on: output) }
      let time = Numbers.fixed(one.time / .seconds(1), places: 2)
      return Style.dim("  \(time) s  \(one.text)", on: output)
    }
    report.raw = []
    return report
  }

  private static func screen(_ lines: [String], _ table: FactTable) -> Report {
    var report = rows(table)
    report.heading = lines + [""]
    report.json = ["told": .array(lines.map { .string($0) }), "\(table.kind)s": report.json]
    return report
  }

  private static func verdict(
    _ verdict: HealthVerdict,
    _ lines: [String],
    _ table: FactTable
  ) -> Report {
    var report = screen(lines, table)
    if table.rows.isEmpty {
      report.table = nil
      report.heading = lines
    }
    let state: [JSON.Member] = [
      .init("state", .string(verdict.state.rawValue)),
      .init("reasons", .array(verdict.reasons.map { .string($0) })),
    ]
    if case .object(let members) = report.json { report.json = .object(state + members) }
    return report
  }

  /// Spans side by side, as positions run, and stripes one below the other.
  private static func drawing(of layout: Layout, _ health: [NodeID: String]) -> Report {
    func name(_ unit: UnitName) -> String {
      "\(unit)" + (health[unit.node].map { " (\($0))" } ?? "")
    }
    let first = max(0, layout.spans.count - spansMax)
    let shown = layout.spans.indices[first...]
    var table = Table(
      columns: [.init("stripe", isNumeric: true)]
        + shown.map { .init(LayoutWords.range(of: $0, in: layout)) }
    )
    for stripe in 0..<(layout.spans.map(\.stripes.count).max() ?? 0) {
      let chains = shown.map { index in
        let stripes = layout.spans[index].stripes
        return stripes.indices.contains(stripe)
          ? stripes[stripe].replicas.map(name).joined(separator: " -> ") : ""
      }
      table.rows.append(["\(stripe)"] + chains)
    }
    var report = Report(table: table, json: .null)
    report.heading = ["epoch \(layout.epoch)"]
    if first > 0 { report.heading.append("\(Numbers.count(first, "span", "spans")) before these") }
    let sequencer = layout.sequencer.node
    report.lines = [
      "sequencer: \(sequencer)" + (health[sequencer].map { " (\($0))" } ?? "")
        + ", from position \(layout.firstTail) on",
      "acceptors: " + layout.acceptors.map(name).joined(separator: ", "),
    ]
    if !layout.spares.isEmpty {
      report.lines.append("standing by: " + layout.spares.map(name).joined(separator: ", "))
    }
    if case .object(let members) = json(layout, down: []) {
      let states = health.sorted { $0.key < $1.key }.map { node, state in
        JSON.Member("\(node)", .string(state))
      }
      report.json = .object(
        members.filter { $0.name != "down" } + [.init("health", .object(states))]
      )
    }
    return report
  }

  /// More spans do not fit into a line.
  private static var spansMax: Int { 6 }

  /// Names and values, then a table of things with theirs.
  static func facts(_ facts: [Fact], and details: FactTable?) -> Report {
    var report = Report.facts(facts)
    guard let details else { return report }
    let rows = rows(details)
    report.lines = [""] + (rows.table?.lines() ?? [])
    report.raw = (report.raw ?? []) + (rows.table?.tabbed() ?? [])
    if case .object(let members) = report.json {
      report.json = .object(members + [.init(details.kind + "s", rows.json)])
    }
    return report
  }

  private static func rows(_ table: FactTable) -> Report {
    let facts = table.rows.first?.facts ?? []
    var shown = Table(
      columns: [.init(table.kind)]
        + facts.enumerated().map { index, fact in
          // Where nobody knows a number there is no text either.
          let isNumeric = table.rows.contains { !$0.facts[index].value.isText }
          return .init(fact.name, isNumeric: isNumeric)
        }
    )
    shown.rows = table.rows.map { [$0.name] + $0.facts.map(\.value.shown) }
    let documents = table.rows.map { row -> JSON in
      // What nobody knows is left out.
      let known = row.facts.filter { $0.value != .text("") }
      guard case .object(let members) = json(known) else { return .null }
      return .object([.init("name", .string(row.name))] + members)
    }
    return Report(table: shown, json: .array(documents))
  }

  private static func picture(of layout: Layout, down: [NodeID]) -> Report {
    var table = Table(columns: [
      .init("positions from", isNumeric: true), .init("stripe", isNumeric: true), .init("chain"),
    ])
    for span in layout.spans {
      for (index, chain) in span.stripes.enumerated() {
        let units = chain.replicas.map { unit in
          "\(unit)" + (down.contains(unit.node) ? " (down)" : "")
        }
        table.rows.append([
          index == 0 ? span.begin.description : "", String(index),
          units.joined(separator: " -> "),
        ])
      }
    }
    var report = Report(table: table, json: json(layout, down: down))
    let sequencer = layout.sequencer.node
    report.heading = ["epoch \(layout.epoch)"]
    // Nodes are counted from 1: before chapter 5 the sequencer is none of them.
    let name = sequencer.number == 0 ? "in this process" : "\(sequencer)"
    var lines = [
      "sequencer: \(name)" + (down.contains(sequencer) ? " (down)" : "")
        + ", from position \(layout.firstTail) on"
    ]
    if !layout.spares.isEmpty {
      lines.append("standing by: " + layout.spares.map(\.description).joined(separator: ", "))
    }
    report.lines = lines
    return report
  }

  private static func json(_ layout: Layout, down: [NodeID]) -> JSON {
    func names(_ units: [UnitName]) -> JSON { .array(units.map { .string($0.description) }) }
    return [
      "epoch": .whole(layout.epoch.number), "firstTail": .whole(layout.firstTail.number),
      "sequencer": .string(layout.sequencer.node.description),
      "spans": .array(
        layout.spans.map { span in
          [
            "begin": .whole(span.begin.number),
            "chains": .array(span.stripes.map { names($0.replicas) }),
          ]
        }
      ),
      "acceptors": names(layout.acceptors), "spares": names(layout.spares),
      "down": .array(down.map { .string($0.description) }),
    ]
  }
}

extension Fact.Value {
  fileprivate var isText: Bool {
    if case .text = self { true } else { false }
  }
}
