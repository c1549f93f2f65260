/// Draws messages between columns, one per line.
///
/// ```
///     ms   c1   seq   n1   n2
///   0.00   |---->|     |    |   give me a position, epoch 1
///   0.00   |<----|     |    |   4
///   0.00   |---------->|    |   write 4: entry 1 of c1, epoch 1
///   0.31   |<----------|    |   written
/// ```
struct TraceDiagram {
  /// The strokes: with the characters of every terminal, or with better ones.
  struct Strokes {
    let line: Character
    let dash: Character
    let right: Character
    let left: Character
    let end: Character

    static let plain = Strokes(line: "|", dash: "-", right: ">", left: "<", end: "x")
    static let fine = Strokes(line: "│", dash: "─", right: "▶", left: "◀", end: "×")
  }

  private let names: [String]
  private let places: [Int]
  private let strokes: Strokes
  private let width: Int?

  /// Where the first line of life stands.
  private static let margin = 10

  /// A drawing with columns for those who take part: clients first, then the sequencer, then units.
  init(of trace: Trace, strokes: Strokes, width: Int?) {
    var seen: Set<String> = []
    let parties = trace.steps.flatMap { [$0.from, $0.to] }.filter { seen.insert($0).inserted }
    let units = parties.filter { Self.number(of: $0) != nil }
    names =
      parties.filter { $0 != "seq" && Self.number(of: $0) == nil }
      + parties.filter { $0 == "seq" }
      + units.sorted { Self.number(of: $0) ?? 0 < Self.number(of: $1) ?? 0 }
    var places: [Int] = []
    // The title's "ms" stands before the first name, which stands around its line.
    var next = max(Self.margin, 8 + (names.first?.count ?? 0) / 2)
    for name in names {
      places.append(next)
      next += max(6, name.count + 2)
    }
    self.places = places
    self.strokes = strokes
    self.width = width
  }

  private static func number(of name: String) -> Int? {
    name.hasPrefix("n") ? Int(name.dropFirst()) : nil
  }

  /// The lines of a trace.
  static func lines(of trace: Trace, strokes: Strokes, width: Int?) -> [String] {
    if trace.steps.isEmpty { return [] }
    let diagram = TraceDiagram(of: trace, strokes: strokes, width: width)
    var lines = [diagram.title]
    var steps = trace.steps[...]
    while !steps.isEmpty {
      let (count, times) = repetition(at: steps)
      lines += steps.prefix(count).map { diagram.line($0) }
      if times > 1 { lines.append("       the same \(times - 1) times more") }
      steps = steps.dropFirst(count * times)
    }
    if trace.left > 0 {
      lines.append("       and \(Numbers.count(trace.left, "step", "steps")) more")
    }
    return lines
  }

  /// What is said over and over, by somebody who waits for news: how many steps, and how often.
  ///
  /// Three times at least; what was said twice is worth reading twice.
  private static func repetition(at steps: ArraySlice<Trace.Step>) -> (count: Int, times: Int) {
    for count in 2...12 where steps.count >= 3 * count {
      let first = steps.prefix(count)
      var times = 1
      while steps.count >= (times + 1) * count,
        zip(first, steps.dropFirst(times * count)).allSatisfy({ $0.says(what: $1) })
      {
        times += 1
      }
      if times > 2 { return (count, times) }
    }
    return (1, 1)
  }

  private var end: Int { (places.last ?? Self.margin) + 1 }

  private var title: String {
    var cells = [Character](repeating: " ", count: end + 8)
    for (offset, character) in "ms".enumerated() { cells[Self.margin - 5 + offset] = character }
    for (name, place) in zip(names, places) {
      let begin = place - (name.count - 1) / 2
      for (offset, character) in name.enumerated() { cells[begin + offset] = character }
    }
    while cells.last == " " { cells.removeLast() }
    return String(cells)
  }

  private func line(_ step: Trace.Step) -> String {
    let time = Numbers.fixed(step.time / .milliseconds(1), places: 2)
    var cells = Array(Table.padded(time, to: Self.margin - 3, isNumeric: true) + "   ")
    cells += [Character](repeating: " ", count: end - cells.count)
    for place in places { cells[place] = strokes.line }
    if let from = place(of: step.from), let to = place(of: step.to), from != to {
      switch step.kind {
      case .message:
        for place in (min(from, to) + 1)..<max(from, to) { cells[place] = strokes.dash }
        cells[to > from ? to - 1 : to + 1] = to > from ? strokes.right : strokes.left
      case .end: cells[to > from ? to - 1 : to + 1] = strokes.end
      }
    }
    let text = "   " + step.text
    guard let width, cells.count + text.count > width else { return String(cells) + text }
    return String(cells) + text.prefix(max(8, width - cells.count - 1)) + "…"
  }

  private func place(of name: String) -> Int? {
    names.firstIndex(of: name).map { places[$0] }
  }
}

extension Trace.Step {
  /// Whether it is another step's message, at whatever time.
  fileprivate func says(what other: Trace.Step) -> Bool {
    from == other.from && to == other.to && kind == other.kind && text == other.text
  }
}

extension Trace {
  /// The drawing for people, the steps for programs.
  func report(on output: Output) -> Report {
    let lines = TraceDiagram.lines(
      of: self,
      strokes: output.usesUnicode ? .fine : .plain,
      width: output.width
    )
    let documents = steps.map { step -> JSON in
      [
        "ms": .number(step.time / .milliseconds(1)), "from": .string(step.from),
        "to": .string(step.to), "arrives": .bool(step.kind == .message),
        "text": .string(step.text),
      ]
    }
    var report = Report(json: ["trace": .array(documents), "more": .whole(left)])
    report.lines = lines.map { Style.dim($0, on: output) }
    report.raw = []
    return report
  }
}
