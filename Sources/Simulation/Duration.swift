extension Duration {
  /// Whole nanoseconds, rounded up so that an alarm never rings early; the largest number if it is
  /// longer.
  var nanosecondsRoundedUp: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    // Division truncates towards zero, which for a negative rest is already "up".
    let rest =
      attoseconds > 0 ? (attoseconds + 999_999_999) / 1_000_000_000 : attoseconds / 1_000_000_000
    let (sum, sumOverflow) = whole.addingReportingOverflow(rest)
    return overflow || sumOverflow ? (seconds < 0 ? .min : .max) : sum
  }

  /// The time in microseconds with three digits after the point, as event records show it.
  var microsecondsText: String {
    let (micros, rest) = nanosecondsRoundedUp.quotientAndRemainder(dividingBy: 1_000)
    let digits = String(rest)
    return "\(micros).\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits) µs"
  }
}
