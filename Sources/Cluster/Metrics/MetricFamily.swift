/// Metrics of one name, as they are shown to whoever gathers them.
struct MetricFamily: Sendable {
  /// What its numbers mean to whoever gathers them.
  enum Kind: String, Sendable {
    case counter, gauge, histogram, summary
  }

  /// One number.
  struct Sample: Sendable {
    /// What follows the family's name: `_bucket`, `_sum`, `_count`.
    var suffix = ""
    /// What it is the number of, in order.
    var labels: [(name: String, value: String)] = []
    var value: Double
  }

  let name: String
  let kind: Kind
  var samples: [Sample]
}

/// Metrics as Prometheus reads them: its text format, version 0.0.4.
///
///     # HELP corfu_requests_total Requests that the node was asked.
///     # TYPE corfu_requests_total counter
///     corfu_requests_total{kind="read"} 12
enum PrometheusText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Families in the order of their names, each with what the catalogue says of it.
  static func of(_ families: [MetricFamily]) -> String {
    var text = ""
    for family in families.sorted(by: { $0.name < $1.name }) {
      if let entry = MetricCatalogue.entry(named: family.name) {
        text += "# HELP \(family.name) \(escaped(entry.about, quotes: false))\n"
      }
      text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
      for sample in family.samples {
        text += family.name + sample.suffix
        if !sample.labels.isEmpty { text += "{\(self.text(of: sample.labels))}" }
        text += " \(number(sample.value))\n"
      }
    }
    return text
  }

  private static func text(of labels: [(name: String, value: String)]) -> String {
    labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }

  /// A number: whole ones without a point.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value.rounded() == value, value.magnitude < 9e15 { return "\(Int64(value))" }
    return "\(value)"
  }

  /// A name as Prometheus allows it: letters, digits, `_`.
  static func name(_ text: String) -> String {
    var name = ""
    for byte in text.utf8 {
      let isLetter = (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      let isDigit = (0x30...0x39).contains(byte) && !name.isEmpty
      name.unicodeScalars.append(isLetter || isDigit ? Unicode.Scalar(byte) : "_")
    }
    return name.isEmpty ? "_" : name
  }
}
