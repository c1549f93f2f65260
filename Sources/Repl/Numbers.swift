/// Writes numbers for people, the same on every machine.
enum Numbers {
  /// `1234567` as `1,234,567`.
  static func grouped(_ number: some BinaryInteger) -> String {
    let digits = String(number.magnitude)
    var grouped = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { grouped += "," }
      grouped.append(digit)
    }
    return grouped
  }

  /// A number with `places` digits behind the point.
  static func fixed(_ number: Double, places: Int) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return String(number) }
    var scale = 1
    for _ in 0..<max(0, places) { scale *= 10 }
    let scaled = Int((abs(number) * Double(scale)).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return sign + String(scaled) }
    let digits = String(scaled % scale)
    let zeros = String(repeating: "0", count: max(0, places - digits.count))
    return sign + String(scaled / scale) + "." + zeros + digits
  }

  /// A size: `512 B`, `4.0 KiB`, `12.3 MiB`.
  static func size(_ bytes: Int) -> String {
    if bytes.magnitude < 1024 { return "\(bytes) B" }
    var value = Double(bytes)
    for unit in ["KiB", "MiB", "GiB"] {
      value /= 1024
      if abs(value) < 1023.95 { return fixed(value, places: 1) + " " + unit }
    }
    return fixed(value / 1024, places: 1) + " TiB"
  }

  /// A time: `0.213 ms`, `41.2 ms`, `3.20 s`.
  static func time(_ duration: Duration) -> String {
    let seconds = duration / .seconds(1)
    if abs(seconds) >= 1 { return fixed(seconds, places: 2) + " s" }
    return fixed(seconds * 1000, places: abs(seconds) < 0.01 ? 3 : 1) + " ms"
  }

  /// `1 entry`, `2 entries`.
  static func count(_ number: Int, _ one: String, _ many: String) -> String {
    grouped(number) + " " + (number == 1 ? one : many)
  }
}
