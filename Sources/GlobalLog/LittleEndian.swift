// Numbers in files are little-endian. These few functions are the only place that knows.

extension [UInt8] {
  /// Appends a number, lowest byte first.
  @inlinable
  package mutating func append<Number: FixedWidthInteger>(number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  /// Overwrites a number at an offset.
  @inlinable
  public mutating func put<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
    withUnsafeMutableBytes {
      $0.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
    }
  }

  /// Appends zeros until the count is a multiple of `alignment`.
  package mutating func pad(to alignment: Int) {
    let rest = count % alignment
    if rest != 0 { append(contentsOf: repeatElement(0, count: alignment - rest)) }
  }
}

extension RawSpan {
  /// The number at an offset, lowest byte first.
  ///
  /// - Parameters:
  ///   - offset: Where it begins; all of it must lie inside.
  ///   - type: What it is.
  /// - Returns: The number.
  @inlinable
  public func number<Number: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int,
    as type: Number.Type = Number.self
  ) -> Number {
    Number(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
  }
}
