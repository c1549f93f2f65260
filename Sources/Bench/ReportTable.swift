/// A report as aligned columns, for the eye.
public struct ReportTable {
  private static let titles = [
    "", "median", "spread", "p50", "p99", "baseline", "ratio", "budget", "",
  ]
  private static let leftAligned: Set<Int> = [0, 5, 7, 8]

  private let report: Report

  /// The table of a report.
  public init(_ report: Report) {
    self.report = report
  }

  /// The table's lines, each ended.
  public var text: String {
    let rows = report.sections.map { section in section.figures.map(cells) }
    let widths = Self.titles.indices.map { column in
      ([Self.titles] + rows.flatMap(\.self)).map { $0[column].count }.max() ?? 0
    }
    var lines = ["corfu bench \(report.name): \(report.machine.summary)"]
    lines += report.notes
    lines += ["", line(Self.titles, widths)]
    for (section, rows) in zip(report.sections, rows) {
      lines += ["", section.title] + rows.map { line($0, widths) }
    }
    lines += ["", summary]
    return lines.map { $0 + "\n" }.joined()
  }

  private var summary: String {
    let (met, missed) = (report.count(of: .met), report.count(of: .missed))
    return "budgets: \(met) met, \(missed) missed"
  }

  private func cells(_ figure: Figure) -> [String] {
    [
      "  " + figure.name, figure.unit.text(figure.value),
      figure.spread.map { "±" + Unit.fixed($0 * 50, places: 0) + "%" } ?? "",
      figure.p50.map(Unit.seconds.text) ?? "", figure.p99.map(Unit.seconds.text) ?? "",
      figure.baseline?.name ?? "", figure.baseline.map { Unit.digits($0.ratio) + "×" } ?? "",
      figure.budget.map { text($0, figure.unit) } ?? "",
      figure.verdict == .none ? "" : figure.verdict.rawValue,
    ]
  }

  private func text(_ budget: Budget, _ unit: Unit) -> String {
    let limit = budget.limit
    return budget.bound.rawValue + " "
      + (budget.subject == .ratio ? Unit.digits(limit) + "×" : unit.text(limit))
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (column, cell) in cells.enumerated() {
      let space = String(repeating: " ", count: widths[column] - cell.count)
      line +=
        (column == 0 ? "" : "  ")
        + (Self.leftAligned.contains(column) ? cell + space : space + cell)
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
