/// Pages that are shown one after the other: on a terminal each in the place of the one before,
/// elsewhere one below the other.
final class Pages {
  private let output: Output
  private let mode: RenderingMode
  private var isFirst = true

  init(on output: Output, mode: RenderingMode) {
    self.output = output
    self.mode = mode
  }

  /// Shows what is written.
  func show(_ write: (Output) throws(ReplError) -> Void) throws(ReplError) {
    if output.isTerminal, mode == .table {
      let page = Output.captured(width: output.width)
      try write(page)
      let text = String(decoding: page.take(), as: UTF8.self)
      try output.write(Self.painted(text, isFirst: isFirst).utf8)
    } else {
      if !isFirst, mode == .table { try output.line("") }
      try write(output)
    }
    isFirst = false
    try output.flush()
  }

  /// What has a terminal show a page from its first line on.
  ///
  /// Each line is written over the one that stood there, and the rest of it wiped: a screen that is
  /// cleared first would flicker.
  static func painted(_ page: String, isFirst: Bool) -> String {
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let begin = isFirst ? "\u{1b}[2J\u{1b}[H" : "\u{1b}[H"
    return begin + lines.map { "\($0)\u{1b}[K\n" }.joined() + "\u{1b}[J"
  }
}
