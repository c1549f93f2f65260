internal import CorfuGlobalLog

/// A place in bytes that came from somebody else: nothing is taken that is not there.
struct WireCursor {
  private(set) var index: Int
  private let end: Int

  /// The bytes from one offset to another, both of which must lie inside.
  init(from index: Int, to end: Int) {
    self.index = index
    self.end = end
  }

  /// How many bytes are left.
  var rest: Int { end - index }

  /// Takes a number.
  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan,
    as type: Number.Type = Number.self
  ) throws(FrameError) -> Number {
    let size = MemoryLayout<Number>.size
    guard rest >= size else { throw .malformed }
    defer { index += size }
    return bytes.number(at: index)
  }

  /// Takes a count of things that take a byte each at least: there are never more than bytes.
  mutating func count(_ bytes: RawSpan) throws(FrameError) -> Int {
    let count = Int(try number(bytes, as: UInt32.self))
    guard count <= rest else { throw .malformed }
    return count
  }

  /// Takes a piece, as long as a count says.
  mutating func piece(_ bytes: RawSpan) throws(FrameError) -> [UInt8] {
    let count = try count(bytes)
    defer { index += count }
    return bytes.extracting(index..<index + count).withUnsafeBytes { Array($0) }
  }
}
