/// A space-time diagram as SVG: one vertical line per process, time going down.
struct Drawing {
  /// The figure.
  let svg: String

  /// Draws a trace.
  init(_ trace: Trace) {
    var pen = Pen(SpaceTime(trace.events))
    for (index, event) in pen.diagram.events.enumerated() { pen.draw(event, number: index + 1) }
    pen.drawVerdict(trace)
    svg = pen.figure(title: trace.headline)
  }
}

/// What draws, from the top to the bottom.
private struct Pen {
  let diagram: SpaceTime
  /// What is drawn so far, and how far down that is.
  private var marks: [String] = []
  private var y = Self.top
  /// Since when a process is down, by its column.
  private var downSince: [Int: Int] = [:]
  private var outages: [(column: Int, from: Int, to: Int)] = []
  private let gap: Int
  private var width = 760

  private static let top = 64
  private static let left = 104
  private static let right = 72
  /// Letters are this wide, give or take.
  private static let letter = 7
  private static let labelMax = 56

  init(_ diagram: SpaceTime) {
    self.diagram = diagram
    gap = diagram.gap(letter: Self.letter, labelMax: Self.labelMax)
    width = max(width, x(diagram.names.count - 1) + Self.right)
    for case .note(let who, let what) in diagram.events {
      width = max(width, x(column(who)) + 32 + min(what.count, Self.labelMax) * Self.letter)
    }
  }

  private func x(_ column: Int) -> Int { Self.left + column * gap }

  private func column(_ name: String) -> Int { diagram.names.firstIndex(of: name) ?? 0 }

  mutating func draw(_ event: StoryEvent, number: Int) {
    y += 12
    marks.append(text("\(number)", x: 12, y: y + 8, "number"))
    switch event {
    case .call(let call): draw(call)
    case .note(let who, let what): draw(note: what, at: column(who))
    case .remark(let what):
      marks.append(text(what, x: 44, y: y + 8, "remark", max: width / Self.letter))
      y += 22
    case .strike(let what, let crashes, let restarts):
      draw(strike: what, crashes: crashes, restarts: restarts)
    }
  }

  private mutating func draw(_ call: StoryEvent.Call) {
    guard call.from != call.to else {
      let answer = call.answer.map { "  <- " + $0 } ?? ""
      return draw(note: call.what + answer, at: column(call.from))
    }
    let (from, to) = (x(column(call.from)), x(column(call.to)))
    y += 16
    arrow(from, to, "ask")
    label(call.what, from, to, "ask")
    guard let answer = call.answer else { return y += 12 }
    y += 26
    arrow(to, from, "answer")
    label(answer, from, to, "answer")
    y += 12
  }

  private mutating func draw(note what: String, at column: Int) {
    y += 4
    marks.append("<circle cx=\"\(x(column))\" cy=\"\(y)\" r=\"4\" class=\"dot\"/>")
    marks.append(text(what, x: x(column) + 12, y: y + 4, "note"))
    y += 18
  }

  private mutating func draw(strike what: String, crashes: Bool, restarts: Bool) {
    y += 8
    let kind = crashes ? "crash" : "strike"
    marks.append(
      "<line x1=\"44\" y1=\"\(y)\" x2=\"\(width - 20)\" y2=\"\(y)\" class=\"\(kind)\"/>"
    )
    marks.append(text(what, x: 48, y: y - 5, kind, max: width / Self.letter))
    let struck = diagram.columns(namedIn: what)
    // A power cut names nobody, and hits those who are asked.
    for column in struck {
      if crashes {
        marks.append(cross(x(column), y))
        downSince[column] = y
      }
      if restarts {
        let down = downSince.removeValue(forKey: column)
        y += crashes ? 20 : 0
        if let down { outages.append((column, down, y)) }
        marks.append("<circle cx=\"\(x(column))\" cy=\"\(y)\" r=\"7\" class=\"restart\"/>")
      }
    }
    y += 18
  }

  /// The broken promise, where time ends.
  mutating func drawVerdict(_ trace: Trace) {
    y += 26
    for column in downSince.keys.sorted() { outages.append((column, downSince[column] ?? y, y)) }
    let lines = (["✗ " + trace.promise] + trace.verdict).flatMap { wrapped($0) }
    let height = lines.count * 18 + 16
    marks.append(
      "<rect x=\"36\" y=\"\(y)\" width=\"\(width - 56)\" height=\"\(height)\" rx=\"6\" "
        + "class=\"broken\"/>"
    )
    for (index, line) in lines.enumerated() {
      marks.append(text(line, x: 50, y: y + 22 + index * 18, index == 0 ? "promise" : "verdict"))
    }
    y += height
  }

  /// All of it, the processes' lines behind what happened.
  func figure(title: String) -> String {
    var lines: [String] = []
    let end = y - 12
    for (column, name) in diagram.names.enumerated() {
      lines.append(text(name, x: x(column), y: 30, "name"))
      lines.append(line(column, from: 42, to: end, "life"))
    }
    for outage in outages {
      lines.append(line(outage.column, from: outage.from, to: outage.to, "gone"))
      lines.append(line(outage.column, from: outage.from, to: outage.to, "down"))
    }
    let size = "width=\"\(width)\" height=\"\(y + 20)\" viewBox=\"0 0 \(width) \(y + 20)\""
    let head = "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) role=\"img\">"
    return
      ([head, "<title>\(title.escaped)</title>", Self.arrowHeads] + lines + marks + ["</svg>"])
      .joined(separator: "\n")
  }

  private static let arrowHeads = ["ask", "answer"].map { kind in
    "<marker id=\"\(kind)-head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" "
      + "markerHeight=\"8\" orient=\"auto\">"
      + "<path d=\"M0 0L8 4L0 8z\" class=\"\(kind)-head\"/></marker>"
  }.joined(separator: "\n")

  private func line(_ column: Int, from: Int, to: Int, _ kind: String) -> String {
    "<line x1=\"\(x(column))\" y1=\"\(from)\" x2=\"\(x(column))\" y2=\"\(to)\" class=\"\(kind)\"/>"
  }

  private mutating func arrow(_ from: Int, _ to: Int, _ kind: String) {
    let inset = from < to ? 3 : -3
    marks.append(
      "<line x1=\"\(from + inset)\" y1=\"\(y)\" x2=\"\(to - inset)\" y2=\"\(y)\" class=\"\(kind)\" "
        + "marker-end=\"url(#\(kind)-head)\"/>"
    )
  }

  /// Above an arrow, near the line that it comes from.
  private mutating func label(_ words: String, _ from: Int, _ to: Int, _ kind: String) {
    let start = min(from, to) + 16
    marks.append(text(words, x: start, y: y - 5, kind))
  }

  private func cross(_ x: Int, _ y: Int) -> String {
    "<path d=\"M\(x - 7) \(y - 7)l14 14m0 -14l-14 14\" class=\"cross\"/>"
  }

  /// Words; what is too long is cut, and shown whole where the pointer rests.
  private func text(
    _ words: String,
    x: Int,
    y: Int,
    _ kind: String,
    max count: Int = labelMax
  ) -> String {
    let isVerdict = kind == "verdict" || kind == "promise"
    let isCut = words.count > count && !isVerdict
    let shown = isCut ? words.prefix(count - 1) + "…" : words[...]
    let whole = isCut ? "<title>\(words.escaped)</title>" : ""
    return "<text x=\"\(x)\" y=\"\(y)\" class=\"\(kind)\">\(String(shown).escaped)\(whole)</text>"
  }

  private func wrapped(_ line: String) -> [String] {
    var lines = [""]
    for word in line.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.count + word.count > (width - 90) / Self.letter, !last.isEmpty {
        lines.append(String(word))
      } else {
        lines[lines.count - 1] = last.isEmpty ? String(word) : last + " " + word
      }
    }
    return lines
  }
}

extension String {
  /// As it may stand in HTML.
  var escaped: String {
    var escaped = ""
    for character in self {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
