internal import CorfuGlobalLog

/// What can be part of a message.
///
/// A value has one spelling, and any bytes are either the spelling of a value or refused: a decoder
/// takes whatever comes and never traps. Numbers are little-endian.
protocol WireValue {
  /// Appends the value's bytes.
  func encode(into bytes: inout [UInt8])

  /// Takes a value from where the cursor stands.
  ///
  /// - Throws: ``FrameError/malformed``.
  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Self

  /// Appends the bytes of several, one after the other.
  static func encode(all values: [Self], into bytes: inout [UInt8])

  /// Takes several, as many as a count of 4 bytes says.
  static func decodeAll(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> [Self]
}

extension WireValue {
  static func encode(all values: [Self], into bytes: inout [UInt8]) {
    for value in values { value.encode(into: &bytes) }
  }

  static func decodeAll(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> [Self] {
    var values: [Self] = []
    for _ in 0..<(try cursor.count(bytes)) { values.append(try decode(bytes, &cursor)) }
    return values
  }
}

/// Bytes are copied all at once.
extension UInt8: WireValue {
  static func encode(all values: [UInt8], into bytes: inout [UInt8]) {
    bytes.append(contentsOf: values)
  }

  static func decodeAll(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> [UInt8] {
    try cursor.piece(bytes)
  }
}

extension UInt16: WireValue {}
extension UInt32: WireValue {}
extension UInt64: WireValue {}

extension WireValue where Self: FixedWidthInteger & BitwiseCopyable {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: self)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Self {
    try cursor.number(bytes)
  }
}

/// 8 bytes, with a sign: what a number may be is the matter of whom it is told.
extension Int: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: Int64(self))
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Int {
    guard let number = Int(exactly: try cursor.number(bytes, as: Int64.self)) else {
      throw .malformed
    }
    return number
  }
}

/// A byte, 0 or 1.
extension Bool: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(self ? 1 : 0)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Bool {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return false
    case 1: return true
    default: throw .malformed
    }
  }
}

/// A count of 4 bytes, and UTF-8.
extension String: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: UInt32(utf8.count))
    bytes.append(contentsOf: utf8)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> String {
    guard let text = String(validating: try cursor.piece(bytes), as: UTF8.self) else {
      throw .malformed
    }
    return text
  }
}

/// A byte that says whether there is one, and the value.
extension Optional: WireValue where Wrapped: WireValue {
  func encode(into bytes: inout [UInt8]) {
    (self != nil).encode(into: &bytes)
    self?.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Self {
    try Bool.decode(bytes, &cursor) ? try Wrapped.decode(bytes, &cursor) : nil
  }
}

/// A count of 4 bytes, and the elements.
extension Array: WireValue where Element: WireValue {
  func encode(into bytes: inout [UInt8]) {
    bytes.append(number: UInt32(count))
    Element.encode(all: self, into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Self {
    try Element.decodeAll(bytes, &cursor)
  }
}

/// Like a list of its elements in order, each once.
extension Set: WireValue where Element: WireValue & Comparable {
  func encode(into bytes: inout [UInt8]) {
    sorted().encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Self {
    let elements = try [Element].decode(bytes, &cursor)
    guard zip(elements, elements.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .malformed }
    return Set(elements)
  }
}

/// Begin and end.
extension Range: WireValue where Bound: WireValue {
  func encode(into bytes: inout [UInt8]) {
    lowerBound.encode(into: &bytes)
    upperBound.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Self {
    let begin = try Bound.decode(bytes, &cursor)
    let end = try Bound.decode(bytes, &cursor)
    guard begin <= end else { throw .malformed }
    return begin..<end
  }
}

/// A byte that says which, and the success or the failure.
extension Result: WireValue where Success: WireValue, Failure: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .success(let value):
      bytes.append(0)
      value.encode(into: &bytes)
    case .failure(let error):
      bytes.append(1)
      error.encode(into: &bytes)
    }
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Self {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .success(try Success.decode(bytes, &cursor))
    case 1: return .failure(try Failure.decode(bytes, &cursor))
    default: throw .malformed
    }
  }
}
