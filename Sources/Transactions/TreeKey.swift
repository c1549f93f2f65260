/// What the keys of an ``OrderedTree`` are.
public protocol TreeKey: Comparable {
  /// A number that never falls when the key rises; the more keys it tells apart, the better.
  ///
  /// A tree keeps it beside the key, and looks at the key itself only where it does not tell.
  var coarse: UInt64 { get }
}

extension TreeKey {
  /// Tells no keys apart: always right.
  public var coarse: UInt64 { 0 }
}

extension UInt64: TreeKey {
  public var coarse: UInt64 { self }
}

extension Int: TreeKey {
  public var coarse: UInt64 { UInt64(bitPattern: Int64(self)) ^ 1 << 63 }
}

extension String: TreeKey {}

extension LogKey: TreeKey {
  /// The kind in the upper two bits, then what comes first: of a number, of UTF-8, of a tuple.
  public var coarse: UInt64 {
    switch self {
    case .integer(let number): return (UInt64(bitPattern: number) ^ 1 << 63) >> 2
    case .string(let text): return 1 << 62 | text.withBytes { $0.head } >> 2
    case .bytes(let bytes): return 2 << 62 | bytes.withUnsafeBytes { $0.head } >> 2
    case .tuple(let parts): return 3 << 62 | (parts.first.map(\.coarse) ?? 0) >> 2
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The first eight bytes as a number in whose order they stand; what is missing counts as zeros.
  fileprivate var head: UInt64 {
    if count >= 8 { return loadUnaligned(as: UInt64.self).bigEndian }
    var head: UInt64 = 0
    for byte in self { head = head << 8 | UInt64(byte) }
    return count == 0 ? 0 : head << UInt64(64 - 8 * count)
  }
}
