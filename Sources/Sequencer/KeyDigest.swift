internal import CorfuGlobalLog

/// What stands for a long key wherever keys are compared, so that whoever remembers many of them
/// needs a bounded room for each.
///
/// A long key becomes the byte `ff`, with which no key in canonical form begins, and eight bytes
/// of a hash that is the same in every process. Two long keys may have the same digest: then a
/// transaction that read the one is refused because of a write of the other, and read again. It is
/// never the other way round (R34).
public enum KeyDigest {
  /// How many bytes of a key are compared as they are; a longer one is compared by its digest.
  public static let keyBytesMax = 64

  /// Keys as they are compared: those that are short enough themselves, of others the digests.
  ///
  /// - Parameter keys: Some keys; digests among them stay what they are.
  /// - Returns: A key or a digest for each, of ``keyBytesMax`` bytes at most.
  static func compared(_ keys: [[UInt8]]) -> [[UInt8]] {
    // Most often all are short, and nothing is copied.
    if keys.allSatisfy({ $0.count <= keyBytesMax }) { return keys }
    return keys.map { $0.count <= keyBytesMax ? $0 : digest(of: $0) }
  }

  private static func digest(of key: [UInt8]) -> [UInt8] {
    var hash = WordHash()
    hash.take(UInt64(key.count))
    for begin in stride(from: 0, to: key.count, by: 8) {
      let bytes = key[begin..<min(begin + 8, key.count)]
      hash.take(bytes.reduce(UInt64(0)) { ($0 << 8) | UInt64($1) })
    }
    return [0xff] + (0..<8).map { UInt8(truncatingIfNeeded: hash.value >> (8 * UInt64($0))) }
  }
}
