/// A JSON value, and its text; members keep their order.
enum JSONText {
  case string(String)
  case number(Double)
  case array([JSONText])
  case object([(String, JSONText)])

  /// The value's text, on one line.
  var text: String {
    switch self {
    case .string(let string): Self.quoted(string)
    case .number(let number): Self.text(number)
    case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0) + ":" + $1.text }.joined(separator: ",") + "}"
    }
  }

  private static func text(_ number: Double) -> String {
    // JSON knows neither infinity nor "not a number".
    guard number.isFinite else { return "null" }
    if number == number.rounded() && number.magnitude < 1e15 { return String(Int(number)) }
    return "\(number)"
  }

  private static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
