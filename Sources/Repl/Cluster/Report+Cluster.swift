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
    }
  }

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
