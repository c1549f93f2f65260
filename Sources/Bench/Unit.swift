/// What a figure's value counts.
public enum Unit: String, Hashable, Sendable {
  case perSecond = "1/s"
  case bytesPerSecond = "B/s"
  case seconds = "s"
  case bytes = "B"
  /// A part of a whole, from 0 to 1.
  case share = "share"
  /// A plain number.
  case number = "1"

  /// A value in this unit, in three digits and for the eye: `212K/s`, `1.31 GB/s`, `48.0 µs`.
  public func text(_ value: Double) -> String {
    switch self {
    case .perSecond: Self.scaled(value, by: 1000, ["", "K", "M", "G"]) + "/s"
    case .bytesPerSecond: Self.scaled(value, by: 1000, [" B", " KB", " MB", " GB"]) + "/s"
    case .bytes: Self.scaled(value, by: 1000, [" B", " KB", " MB", " GB"])
    case .seconds: Self.scaled(value * 1e9, by: 1000, [" ns", " µs", " ms", " s"])
    case .share: Self.digits(value * 100) + "%"
    case .number: Self.digits(value)
    }
  }

  private static func scaled(_ value: Double, by step: Double, _ names: [String]) -> String {
    var value = value
    var index = 0
    while value.magnitude >= step * 0.9995 && index < names.count - 1 {
      value /= step
      index += 1
    }
    return digits(value) + names[index]
  }

  /// Three digits, as many of them after the point as fit.
  static func digits(_ value: Double) -> String {
    let places = value.magnitude < 9.995 ? 2 : value.magnitude < 99.95 ? 1 : 0
    return fixed(value, places: places)
  }

  /// A whole number, its thousands apart: `1,024`.
  static func grouped(_ number: Int) -> String {
    number < 1000
      ? String(number)
      : grouped(number / 1000) + "," + String(String(number % 1000 + 1000).dropFirst())
  }

  /// A number with so many places after the point.
  static func fixed(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return "–" }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let rounded = (value.magnitude * Double(scale)).rounded()
    guard rounded < 1e18 else { return "\(value)" }
    let number = Int(rounded)
    let sign = value < 0 && number > 0 ? "-" : ""
    if places == 0 { return sign + String(number) }
    let rest = String(number % scale)
    return sign + String(number / scale) + "."
      + String(repeating: "0", count: places - rest.count) + rest
  }
}
