/// Rows in aligned columns.
struct Table: Equatable {
  struct Column: Equatable {
    let title: String
    /// Numbers end in one line, texts begin in one.
    let isNumeric: Bool

    init(_ title: String, isNumeric: Bool = false) {
      self.title = title
      self.isNumeric = isNumeric
    }
  }

  var columns: [Column]
  var rows: [[String]] = []
  /// Without titles: pairs of a name and a value.
  var hasTitles = true

  /// The lines of the table: titles first, columns two blanks apart, nothing at the ends of lines.
  func lines() -> [String] {
    let titles = columns.map(\.title)
    let all = hasTitles ? [titles] + rows : rows
    var widths = [Int](repeating: 0, count: columns.count)
    for row in all {
      for (index, cell) in row.enumerated() where index < widths.count {
        widths[index] = max(widths[index], DisplayWidth.of(cell))
      }
    }
    return all.map { line($0, widths: widths) }
  }

  /// The rows with tabs between the columns, for programs that cut.
  func tabbed() -> [String] {
    rows.map { $0.joined(separator: "\t") }
  }

  private func line(_ row: [String], widths: [Int]) -> String {
    var line = ""
    for (index, cell) in row.enumerated() where index < widths.count {
      if index > 0 { line += "  " }
      line += Self.padded(cell, to: widths[index], isNumeric: columns[index].isNumeric)
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  /// A cell filled up with blanks to a width.
  static func padded(_ cell: String, to width: Int, isNumeric: Bool) -> String {
    let blanks = String(repeating: " ", count: max(0, width - DisplayWidth.of(cell)))
    return isNumeric ? blanks + cell : cell + blanks
  }
}
