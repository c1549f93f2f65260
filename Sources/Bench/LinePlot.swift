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

  /// What it shows.
  public var title: String
  /// What is below, and the places on it, as far apart as they are in the list.
  public var xTitle: String
  /// The places on the axis below.
  public var xLabels: [String]
  /// What is at the side.
  public var yTitle: String
  /// The end of the axis at the side.
  public var yMax: Double
  /// The lines.
  public var lines: [Line]

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
  private static let left = 64.0
  private static let right = 170.0
  private static let top = 48.0
  private static let bottom = 56.0
  /// Told apart by those who see colours differently, too; and each has its own dashes.
  private static let colors = ["#1b6ca8", "#c1571a", "#7a3b8f", "#3d7d3d"]
  private static let dashes = ["", "7 4", "2 4", "9 3 2 3"]

  private func x(_ index: Int) -> Double {
    let width = Self.width - Self.left - Self.right
    return Self.left + width * Double(index) / Double(max(1, xLabels.count - 1))
  }

  private func y(_ value: Double) -> Double {
    let height = Self.height - Self.top - Self.bottom
    return Self.height - Self.bottom - height * min(1, value / yMax)
  }

  /// The file.
  public var svg: String {
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 400\" width=\"640\" "
        + "height=\"400\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\">",
      "<title>\(title)</title>",
      "<rect width=\"640\" height=\"400\" fill=\"#ffffff\"/>",
      text(title, Self.left, 24, "font-weight=\"bold\" font-size=\"15\""),
    ]
    for step in 0...4 {
      let value = yMax * Double(step) / 4
      let at = y(value)
      parts.append(
        "<line x1=\"\(number(Self.left))\" y1=\"\(number(at))\" "
          + "x2=\"\(number(Self.width - Self.right))\" y2=\"\(number(at))\" "
          + "stroke=\"#dddddd\"/>"
      )
      parts.append(text(number(value), Self.left - 8, at + 4, "text-anchor=\"end\""))
    }
    for (index, label) in xLabels.enumerated() {
      parts.append(
        text(label, x(index), Self.height - Self.bottom + 20, "text-anchor=\"middle\"")
      )
    }
    let middle = (Self.left + Self.width - Self.right) / 2
    parts.append(text(xTitle, middle, Self.height - 12, "text-anchor=\"middle\""))
    parts.append(
      text(yTitle, 0, 0, "text-anchor=\"middle\" transform=\"translate(18 196) rotate(-90)\"")
    )
    for (index, line) in lines.enumerated() { parts += drawn(line, index) }
    parts.append("</svg>\n")
    return parts.joined(separator: "\n")
  }

  private func drawn(_ line: Line, _ index: Int) -> [String] {
    let color = Self.colors[index % Self.colors.count]
    let dashes = Self.dashes[index % Self.dashes.count]
    let points = line.values.enumerated().map { "\(number(x($0))),\(number(y($1)))" }
    let stroke =
      "fill=\"none\" stroke=\"\(color)\" stroke-width=\"2.5\""
      + (dashes.isEmpty ? "" : " stroke-dasharray=\"\(dashes)\"")
    let last = line.values.last ?? 0
    return [
      "<polyline points=\"\(points.joined(separator: " "))\" \(stroke)/>",
      text(
        line.name,
        Self.width - Self.right + 8,
        y(last) + 4,
        "fill=\"\(color)\""
      ),
    ]
  }

  private func text(_ text: String, _ x: Double, _ y: Double, _ attributes: String) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" \(attributes)>\(text)</text>"
  }

  /// One place behind the point, and none where it is zero.
  private func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let rest = abs(tenths % 10)
    return "\(tenths / 10)" + (rest == 0 ? "" : ".\(rest)")
  }
}
