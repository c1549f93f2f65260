import CorfuGlobalLog

/// Reads positions and ranges out of words.
enum PositionParser {
  static let positionExpected = "a position: use a number, 'tail' or 'tail-3'"
  static let rangeExpected = "a range: use 5..<9, 5...9, 5... or tail-3..."

  static let rangeMeant =
    "a position; for a range say 5..<9 (without 9), 5...9 (with 9) or 5... (to the end)"

  /// Whether a word looks like a range, right or wrong.
  static func isRange(_ token: Token) -> Bool {
    split(token.bytes) != nil
  }

  static func position(_ token: Token) throws(SyntaxError) -> PositionTerm {
    let expected = isAlmostRange(token) ? rangeMeant : positionExpected
    return try position(token.bytes[...], of: token, expected: expected)
  }

  /// Whether a word is a range as other languages write it: `1..3`, `1-3`, `1:3`, `5..`.
  private static func isAlmostRange(_ token: Token) -> Bool {
    let start = token.bytes.drop { isDigit($0) }
    guard !token.isQuoted, start.startIndex > 0 else { return false }
    for dash in ["..", "-", ":"] where start.starts(with: dash.utf8) {
      let end = start.dropFirst(dash.utf8.count)
      return end.elementsEqual("tail".utf8) || end.allSatisfy { isDigit($0) }
    }
    return false
  }

  static func range(_ token: Token) throws(SyntaxError) -> RangeTerm {
    guard let parts = split(token.bytes) else { throw unexpected(token, rangeExpected) }
    var lower: PositionTerm?
    var upper: PositionTerm?
    if !parts.lower.isEmpty {
      lower = try position(parts.lower, of: token, expected: rangeExpected)
    }
    if !parts.upper.isEmpty {
      upper = try position(parts.upper, of: token, expected: rangeExpected)
    }
    if upper == nil, !parts.includesUpper { throw unexpected(token, rangeExpected) }
    let range = RangeTerm(
      lower: lower,
      upper: upper,
      includesUpper: upper != nil && parts.includesUpper
    )
    if isBackwards(range) {
      throw unexpected(token, "a range: it ends before it begins")
    }
    return range
  }

  private static func isBackwards(_ range: RangeTerm) -> Bool {
    switch (range.lower, range.upper) {
    case (.number(let lower), .number(let upper)): upper < lower
    case (.tail(let lower), .tail(let upper)): upper > lower
    case (.number, .tail), (.tail, .number), (nil, _), (_, nil): false
    }
  }

  private static func position(
    _ bytes: ArraySlice<UInt8>,
    of token: Token,
    expected: String
  ) throws(SyntaxError) -> PositionTerm {
    if token.isQuoted { throw unexpected(token, expected) }
    if bytes.elementsEqual("tail".utf8) { return .tail(back: 0) }
    if bytes.starts(with: "tail-".utf8) {
      guard let back = number(bytes.dropFirst(5)) else { throw unexpected(token, expected) }
      return .tail(back: back)
    }
    guard !bytes.isEmpty, bytes.allSatisfy({ isDigit($0) }) else {
      throw unexpected(token, expected)
    }
    guard let value = number(bytes) else {
      throw unexpected(token, "a position: the largest is \(Position.max)")
    }
    return .number(Position(value))
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// A number of decimal digits alone, at most that of the largest position.
  static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    guard !digits.isEmpty else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      guard isDigit(digit) else { return nil }
      let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
      let (sum, isOverToo) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      if isOver || isOverToo || sum > Position.max.number { return nil }
      value = sum
    }
    return value
  }

  private typealias Parts = (
    lower: ArraySlice<UInt8>, upper: ArraySlice<UInt8>, includesUpper: Bool
  )

  private static func split(_ bytes: [UInt8]) -> Parts? {
    let dot = UInt8(ascii: ".")
    guard let index = bytes.firstIndex(of: dot), index + 2 < bytes.count, bytes[index + 1] == dot
    else { return nil }
    switch bytes[index + 2] {
    case dot: return (bytes[..<index], bytes[(index + 3)...], true)
    case UInt8(ascii: "<"): return (bytes[..<index], bytes[(index + 3)...], false)
    default: return nil
    }
  }

  private static func unexpected(_ token: Token, _ expected: String) -> SyntaxError {
    .unexpected(token.shown, column: token.column, expected: expected)
  }
}
