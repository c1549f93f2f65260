internal import Foundation

/// A plot of a few lines, as an SVG file: equal input, equal bytes.
public struct LinePlot: Hashable, Sendable {
  /// A line of the plot.
  public struct Line: Hashable, Sendable {
    /// What it is.
    public var name: String
    /// A value for each place of the axis below.
    public var values: [Double]

    /// A line.
    public init(_ name: String, _ values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// How the axis at the side is divided.
  public enum Scale: Hashable, Sendable {
    /// From 0 to the end, in equal steps.
    case linear
    /// From a value to the end, each step ten times the one before.
    case logarithmic(from: Double)
  }

  /// A place of the axis below at which something happened.
  public struct Mark: Hashable, Sendable {
    /// What happened.
    public var name: String
    /// Where.
    public var place: Int

    /// A mark.
    public init(_ name: String, at place: Int) {
      self.name = name
      self.place = place
    }
  }

  /// What it shows.
  public var title: String
  /// What is below, and the places on it, as far apart as they are in the list.
  public var xTitle: String
  /// The places on the axis below; those without a name are not labelled.
  public var xLabels: [String]
  /// What is at the side.
  public var yTitle: String
  /// The end of the axis at the side.
  public var yMax: Double
  /// The lines.
  public var lines: [Line]
  /// How the axis at the side is divided.
  public var scale = Scale.linear
  /// What the values count; `nil` for plain numbers.
  public var unit: Unit?
  /// What happened where.
  public var marks: [Mark] = []

  /// A plot.
  public init(
    title: String,
    xTitle: String,
    xLabels: [String],
    yTitle: String,
    yMax: Double,
    lines: [Line]
  ) {
    self.title = title
    self.xTitle = xTitle
    self.xLabels = xLabels
    self.yTitle = yTitle
    self.yMax = yMax
    self.lines = lines
  }

  private static let width = 640.0
  private static let height = 400.0
  private static let right = 170.0
  private static let top = 48.0
  private static let bottom = 56.0
  /// Told apart by those who see colours differently, too; and each has its own dashes.
  private static let colors = ["#1b6ca8", "#c1571a", "#7a3b8f", "#3d7d3d"]
  private static let dashes = ["", "7 4", "2 4", "9 3 2 3"]
  /// The same colours, for a dark page.
  private static let darkColors = ["#6db3e8", "#f0955a", "#c89ad8", "#7fc37f"]
  private static let nameHeight = 16.0

  /// What is different on a dark page; viewers without such a thing show the light one.
  private static var style: String {
    var rules = [".paper{fill:#16191d}", "text{fill:#e6e6e6}", ".grid{stroke:#3b4046}"]
    rules.append(".mark{stroke:#a0a0a0}")
    for (index, color) in darkColors.enumerated() {
      rules.append(".line\(index){stroke:\(color)}")
      rules.append(".name\(index){fill:\(color)}")
    }
    return "<style>@media (prefers-color-scheme:dark){\(rules.joined())}</style>"
  }

  /// Room for the numbers at the side, and for their unit.
  private var left: Double { unit == nil ? 64 : 84 }

  private func x(_ index: Int) -> Double {
    let width = Self.width - left - Self.right
    return left + width * Double(index) / Double(max(1, xLabels.count - 1))
  }

  private func y(_ value: Double) -> Double {
    let height = Self.height - Self.top - Self.bottom
    return Self.height - Self.bottom - height * min(1, max(0, share(of: value)))
  }

  /// How far up a value stands, from 0 to 1.
  private func share(of value: Double) -> Double {
    guard value.isFinite else { return 0 }
    switch scale {
    case .linear: return value / yMax
    case .logarithmic(let least):
      return value > 0 ? log10(value / least) / log10(yMax / least) : 0
    }
  }

  /// The values that are written at the side.
  private var steps: [Double] {
    switch scale {
    case .linear: return (0...4).map { yMax * Double($0) / 4 }
    case .logarithmic(let least):
      // A little more than the end: powers of ten are not exact.
      return (0..<20).map { least * pow(10, Double($0)) }.filter { $0 < yMax * 1.001 }
    }
  }

  /// The file.
  public var svg: String {
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 400\" width=\"640\" "
        + "height=\"400\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\">",
      "<title>\(Self.escaped(title))</title>",
      Self.style,
      "<rect class=\"paper\" width=\"640\" height=\"400\" fill=\"#ffffff\"/>",
      text(title, left, 24, "font-weight=\"bold\" font-size=\"15\""),
    ]
    for value in steps { parts += step(at: value) }
    for (index, label) in xLabels.enumerated() where !label.isEmpty {
      parts.append(
        text(label, x(index), Self.height - Self.bottom + 20, "text-anchor=\"middle\"")
      )
    }
    let middle = (left + Self.width - Self.right) / 2
    parts.append(text(xTitle, middle, Self.height - 12, "text-anchor=\"middle\""))
    parts.append(
      text(yTitle, 0, 0, "text-anchor=\"middle\" transform=\"translate(18 196) rotate(-90)\"")
    )
    for (index, mark) in marks.enumerated() { parts += drawn(mark, index) }
    let heights = nameHeights
    for (index, line) in lines.enumerated() { parts += drawn(line, index, heights[index]) }
    parts.append("</svg>\n")
    return parts.joined(separator: "\n")
  }

  private func step(at value: Double) -> [String] {
    let at = y(value)
    let label = value == 0 ? "0" : unit?.text(value) ?? number(value)
    return [
      "<line class=\"grid\" x1=\"\(number(left))\" y1=\"\(number(at))\" "
        + "x2=\"\(number(Self.width - Self.right))\" y2=\"\(number(at))\" "
        + "stroke=\"#dddddd\"/>",
      text(label, left - 8, at + 4, "text-anchor=\"end\""),
    ]
  }

  private func drawn(_ mark: Mark, _ index: Int) -> [String] {
    let at = x(mark.place)
    return [
      "<line class=\"mark\" x1=\"\(number(at))\" y1=\"\(number(Self.top))\" "
        + "x2=\"\(number(at))\" y2=\"\(number(Self.height - Self.bottom))\" "
        + "stroke=\"#555555\" stroke-dasharray=\"3 3\"/>",
      // Above the lines, and below each other.
      text(mark.name, at + 4, Self.top - 4 + Self.nameHeight * Double(index), ""),
    ]
  }

  /// Where the lines' names stand: at their ends, and apart where those meet.
  private var nameHeights: [Double] {
    var heights = lines.map { y($0.values.last ?? 0) + 4 }
    let order = heights.indices.sorted { (heights[$0], $0) < (heights[$1], $1) }
    var free = 0.0
    for index in order {
      heights[index] = max(heights[index], free)
      free = heights[index] + Self.nameHeight
    }
    var end = Self.height - Self.bottom + 4
    for index in order.reversed() {
      heights[index] = min(heights[index], end)
      end = heights[index] - Self.nameHeight
    }
    return heights
  }

  private func drawn(_ line: Line, _ index: Int, _ nameHeight: Double) -> [String] {
    let kind = index % Self.colors.count
    let color = Self.colors[kind]
    let dashes = Self.dashes[kind]
    let points = line.values.enumerated().map { "\(number(x($0))),\(number(y($1)))" }
    let stroke =
      "fill=\"none\" stroke=\"\(color)\" stroke-width=\"\(strokeWidth)\""
      + (dashes.isEmpty ? "" : " stroke-dasharray=\"\(dashes)\"")
    return [
      "<polyline class=\"line\(kind)\" points=\"\(points.joined(separator: " "))\" \(stroke)/>",
      text(
        line.name,
        Self.width - Self.right + 8,
        nameHeight,
        "class=\"name\(kind)\" fill=\"\(color)\""
      ),
    ]
  }

  /// Thin where very many points would run into each other.
  private var strokeWidth: String { xLabels.count > 100 ? "1" : "2.5" }

  private func text(_ text: String, _ x: Double, _ y: Double, _ attributes: String) -> String {
    let more = attributes.isEmpty ? "" : " " + attributes
    return "<text x=\"\(number(x))\" y=\"\(number(y))\"\(more)>\(Self.escaped(text))</text>"
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      default: escaped.append(character)
      }
    }
    return escaped
  }

  /// One place behind the point, and none where it is zero.
  private func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let rest = abs(tenths % 10)
    return "\(tenths / 10)" + (rest == 0 ? "" : ".\(rest)")
  }
}
