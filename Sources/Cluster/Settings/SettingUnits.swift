/// Sizes and durations as people write them.
enum SettingUnits {
  private static let sizes = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)]
  private static let durations: [(String, Duration)] = [
    ("us", .microseconds(1)), ("ms", .milliseconds(1)), ("s", .seconds(1)),
    ("min", .seconds(60)), ("h", .seconds(3600)),
  ]

  /// `65536`, `512KiB`, `64 MiB`.
  static func size(_ text: String) -> Int? {
    let (digits, unit) = split(text)
    guard let number = Int(digits) else { return nil }
    if unit.isEmpty { return number }
    guard let scale = sizes.first(where: { $0.0 == unit })?.1 else { return nil }
    let (bytes, isOver) = number.multipliedReportingOverflow(by: scale)
    return isOver ? nil : bytes
  }

  /// A size in the largest unit that takes it whole.
  static func text(size bytes: Int) -> String {
    for (unit, scale) in sizes.dropLast().reversed() where bytes > 0 && bytes % scale == 0 {
      return "\(bytes / scale)\(unit)"
    }
    return "\(bytes)"
  }

  /// `200ms`, `5s`, `10min`.
  static func duration(_ text: String) -> Duration? {
    let (digits, unit) = split(text)
    // More digits than that are a slip, and too many for the arithmetic.
    guard digits.count <= 9, let number = Int64(digits) else { return nil }
    guard let scale = durations.first(where: { $0.0 == unit })?.1 else { return nil }
    return scale * number
  }

  /// A duration in the largest unit that takes it whole.
  static func text(_ duration: Duration) -> String {
    if duration == .zero { return "0s" }
    for (unit, scale) in durations.reversed() {
      let count = Int64((duration / scale).rounded())
      if count > 0, scale * count == duration { return "\(count)\(unit)" }
    }
    return "\(duration)"
  }

  private static func split(_ text: String) -> (digits: String, unit: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    return (String(digits), String(text[digits.endIndex...].drop { $0 == " " }))
  }
}
