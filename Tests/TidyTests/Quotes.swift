import Foundation

// Figures that texts quote from docs/performance.md, where measurements are written down once.

/// How much of something was measured, as a text has it.
struct QuotedFigure: Hashable {
  /// What is counted.
  enum Kind: Hashable {
    case seconds, bytes, bytesPerSecond
    /// A ratio, or how many.
    case number
  }

  let line: Int
  /// As it is written.
  let text: String
  /// In the unit of its kind.
  let value: Double
  /// How many digits say something: zeros at the end of a whole number may only make it large.
  let digits: Int
  let kind: Kind

  /// Whether it is a measured figure, rounded to the digits that it has.
  func agrees(with measured: QuotedFigure) -> Bool {
    guard kind == measured.kind else { return false }
    if value == 0 || measured.value == 0 { return value == measured.value }
    let step = pow(10, floor(log10(measured.value)) + 1 - Double(digits))
    // What such numbers lose on the way is no difference.
    return abs((measured.value / step).rounded() * step - value) < 1e-6 * value
  }
}

/// What figures count: a kind, and how much of it one is.
private let units: [Substring: (kind: QuotedFigure.Kind, size: Double)] = [
  "ns": (.seconds, 1e-9), "µs": (.seconds, 1e-6), "ms": (.seconds, 1e-3), "s": (.seconds, 1),
  "KB": (.bytes, 1e3), "MB": (.bytes, 1e6), "GB": (.bytes, 1e9),
  "MB/s": (.bytesPerSecond, 1e6), "GB/s": (.bytesPerSecond, 1e9),
  "/s": (.number, 1), "K/s": (.number, 1e3), "M/s": (.number, 1e6),
  "K": (.number, 1e3), "M": (.number, 1e6), "×": (.number, 1), "": (.number, 1),
]

/// The figures in a line: numbers with a unit, with a point, or with a comma for their thousands.
///
/// Other numbers count nodes, replicas and the like, and sizes such as `4 KiB` were chosen: nobody
/// measured either.
func figures(in text: Substring, line: Int) -> [QuotedFigure] {
  let number = /([0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)/
  let unit = /\s?(ns|µs|ms|s|KB|MB\/s|MB|GB\/s|GB|K\/s|K|M\/s|M|\/s|×)(?![A-Za-z0-9\/])/
  return text.matches(of: number).compactMap { match in
    let digits = match.1
    if let before = text[..<digits.startIndex].last, before.isLetter || before.isNumber {
      return nil
    }
    let named = text[digits.endIndex...].prefixMatch(of: unit)?.1
    let plain = digits.replacing(",", with: "")
    guard named != nil || digits.contains(".") || digits.contains(","),
      let value = Double(plain), let counted = units[named ?? ""]
    else { return nil }
    let significant = plain.replacing(".", with: "").drop { $0 == "0" }
    let zeros = significant.reversed().prefix { $0 == "0" }.count
    return QuotedFigure(
      line: line,
      text: named.map { "\(digits) \($0)" } ?? String(digits),
      value: value * counted.size,
      digits: max(1, significant.count - (digits.contains(".") ? 0 : zeros)),
      kind: counted.kind
    )
  }
}

/// The figures of docs/performance.md, by the names under which links reach its sections.
struct MeasuredFigures {
  private var sections: [String: [QuotedFigure]] = [:]

  /// Reads the document, its blocks of code as well.
  init(text: String) {
    var anchor = ""
    var isCode = false
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("```") { isCode.toggle() }
      if !isCode, line.hasPrefix("#") {
        anchor = MarkdownSource.anchor(of: line.drop { "# ".contains($0) })
      }
      sections[anchor, default: []] += figures(in: line, line: index + 1)
    }
  }

  /// The figures of a section; none, if there is no such section.
  subscript(anchor: Substring) -> [QuotedFigure] { sections[String(anchor)] ?? [] }
}

/// Figures that a text has from docs/performance.md and that do not stand there.
///
/// In the README and the chapters a link to a section of it says that the figures from this
/// paragraph on, up to the next heading, are quoted from there.
func quoteFindings(in source: MarkdownSource, from measured: MeasuredFigures) -> [Finding] {
  guard source.path == "README.md" || source.path.hasPrefix("Chapters/") else { return [] }
  return source.prose.split { $0.text.hasPrefix("#") }.flatMap { section -> [Finding] in
    let lines = Set(section.map { $0.line })
    let links = source.links.filter { lines.contains($0.line) }.compactMap { link in
      link.target.firstMatch(of: /(?:^|\/)docs\/performance\.md(?:#(.*))?$/)
        .map { (line: link.line, anchor: $0.1) }
    }
    let anchors = links.compactMap { $0.anchor }
    let known = anchors.flatMap { measured[$0] }
    guard let first = links.first?.line else { return [] }
    let begin = section.last { $0.line < first && $0.text.allSatisfy(\.isWhitespace) }?.line ?? 0
    let quoted = section.filter { $0.line > begin }
      .prefix { !anchors.isEmpty || !$0.text.allSatisfy(\.isWhitespace) }
      .flatMap { figures(in: $0.text, line: $0.line) }
    return quoted.filter { figure in !known.contains { figure.agrees(with: $0) } }.map { figure in
      let place = anchors.isEmpty ? "of a section of it" : "of '#\(anchors[0])' there"
      let message =
        "'\(figure.text)' is no figure \(place): quote docs/performance.md as it is, and link to "
        + "the section"
      return Finding(path: source.path, line: figure.line, message: message)
    }
  }
}
