internal import CPlatform

/// CRC-32C, the checksum of every header, payload and footer: one CPU instruction per eight bytes.
public struct Checksum: Equatable, Sendable {
  /// The checksum so far.
  public private(set) var value: UInt32

  /// Begins with nothing, or goes on from an earlier value.
  public init(_ value: UInt32 = 0) {
    self.value = value
  }

  /// Takes in more bytes.
  public mutating func update(_ bytes: RawSpan) {
    value = bytes.withUnsafeBytes { corfu_crc32c(value, $0.baseAddress, $0.count) }
  }

  /// The checksum of some bytes.
  public static func of(_ bytes: RawSpan) -> UInt32 {
    var sum = Checksum()
    sum.update(bytes)
    return sum.value
  }
}
