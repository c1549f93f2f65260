import Testing

@testable import CorfuGlobalLog

/// The sum that every record and frame has: held against a bit-by-bit one, at all lengths around
/// those where the fast one begins to sum several strands side by side.
@Suite struct ChecksumTests {
  private static let bytes = (0..<4200).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 5) }

  /// CRC-32C, a bit at a time.
  private static func slow(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0x82f6_3b78 : 0) }
    }
    return ~sum
  }

  private static func fast(_ range: Range<Int>) -> UInt32 {
    Checksum.of(bytes.span.bytes.extracting(range))
  }

  @Test func theStandardsExample() {
    #expect(Checksum.of(Array("123456789".utf8).span.bytes) == 0xe306_9283)
  }

  @Test(arguments: [0..<40, 1000..<1032, 2010..<2030, 3020..<3040, 4090..<4110])
  func lengths(_ counts: Range<Int>) {
    for count in counts {
      for begin in 0..<9 {
        let range = begin..<begin + count
        #expect(Self.fast(range) == Self.slow(Self.bytes[range]), "\(range)")
      }
    }
  }

  @Test(arguments: [0, 1, 8, 335, 1007, 1008, 1009, 2500])
  func partByPart(_ first: Int) {
    var sum = Checksum()
    sum.update(Self.bytes.span.bytes.extracting(0..<first))
    sum.update(Self.bytes.span.bytes.extracting(first..<4200))
    #expect(sum.value == Self.slow(Self.bytes[...]))
  }
}
