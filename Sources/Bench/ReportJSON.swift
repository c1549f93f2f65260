/// A report as one JSON document, for programs.
///
/// Values are in the base unit: seconds, bytes, per second.
public struct ReportJSON {
  private let report: Report

  /// The document of a report.
  public init(_ report: Report) {
    self.report = report
  }

  /// The document, with a line end.
  public var text: String { document.text + "\n" }

  private var document: JSONText {
    let machine = report.machine
    var members: [(String, JSONText)] = [
      ("benchmark", .string(report.name)),
      (
        "machine",
        .object([
          ("system", .string(machine.system)), ("processor", .string(machine.processor)),
          ("cores", .number(Double(machine.cores))),
          ("fileSystem", .string(machine.fileSystem)),
        ])
      ),
      ("notes", .array(report.notes.map(JSONText.string))),
      (
        "sections",
        .array(
          report.sections.map { section in
            .object([
              ("title", .string(section.title)),
              ("figures", .array(section.figures.map(figure))),
            ])
          }
        )
      ),
    ]
    if !report.timelines.isEmpty {
      members.append(("timelines", .array(report.timelines.map(timeline))))
    }
    members.append(("met", .number(Double(report.count(of: .met)))))
    members.append(("missed", .number(Double(report.count(of: .missed)))))
    return .object(members)
  }

  private func timeline(_ timeline: Timeline) -> JSONText {
    .object([
      ("killed", .string(timeline.victim)), ("bucket", .number(timeline.width.seconds)),
      // How many buckets there are before that of the death.
      ("before", .number(Double(timeline.death))),
      ("acknowledged", .array(timeline.counts.map { .number(Double($0)) })),
      ("outage", .number(timeline.outage.seconds)),
      // Infinity is null in JSON: it did not come back while somebody watched.
      ("recovery", .number(timeline.recovery?.seconds ?? .infinity)),
    ])
  }

  private func figure(_ figure: Figure) -> JSONText {
    var members: [(String, JSONText)] = [
      ("name", .string(figure.name)), ("value", .number(figure.value)),
      ("unit", .string(figure.unit.rawValue)),
    ]
    if let spread = figure.spread { members.append(("spread", .number(spread))) }
    if let p50 = figure.p50 { members.append(("p50", .number(p50))) }
    if let p99 = figure.p99 { members.append(("p99", .number(p99))) }
    if let baseline = figure.baseline {
      members.append(("baseline", .string(baseline.name)))
      members.append(("ratio", .number(baseline.ratio)))
    }
    if let budget = figure.budget {
      members.append(
        (
          "budget",
          .object([
            ("of", .string(budget.subject.rawValue)),
            ("bound", .string(budget.bound == .atLeast ? "atLeast" : "atMost")),
            ("limit", .number(budget.limit)),
          ])
        )
      )
      members.append(("verdict", .string(figure.verdict.rawValue)))
    }
    return .object(members)
  }
}
