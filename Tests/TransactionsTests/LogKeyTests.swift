// Goal: a key has one byte form, whose order is the order of keys, and no bytes harm a decoder.
// Method: all pairs of a list of awkward keys; random keys; all truncations and all changed bytes.
import CorfuSimulation
import CorfuTransactions
import Testing

struct LogKeyTests {
  /// Keys in their order, chosen so that neighbours are hard to tell apart.
  private static let ordered: [LogKey] = {
    let numbers: [Int64] = [
      .min, .min + 1, -(1 << 56) - 1, -(1 << 56), -65_537, -65_536, -65_535, -257, -256, -255, -2,
      -1, 0, 1, 2, 127, 128, 255, 256, 257, 65_535, 65_536, 1 << 24, 1 << 32, 1 << 40, 1 << 48,
      1 << 56, .max - 1, .max,
    ]
    let strings = ["", "\0", "\0\0", "\0a", "a", "a\0", "a\0b", "aa", "abcdefgh", "abcdefghi", "b"]
    let bytes: [[UInt8]] = [[], [0], [0, 0], [0, 0xff], [1], [0xff], [0xff, 0], [0xff, 0xff]]
    let tuples: [[LogKey]] = [
      [], [-1], [0], [0, 0], [0, ""], [0, "a"], [""], ["", 7], ["\0"], ["a"], ["a", 0],
      ["a", 7], ["a", ""], ["a", "b"], ["a", []], ["a\0"], ["a\0", 7], ["b"], [.bytes([0]), 1],
      [[]], [[], 0], [[0]], [[0], 0], [[[]]],
    ]
    return numbers.map(LogKey.integer) + strings.map(LogKey.string) + bytes.map(LogKey.bytes)
      + tuples.map(LogKey.tuple)
  }()

  /// A random key; small, so that some meet.
  private static func key(_ random: inout SeededGenerator, depth: Int = 0) -> LogKey {
    switch random.number(below: depth < 3 ? 4 : 3) {
    case 0: .integer(Int64(bitPattern: random.next() >> UInt64(random.number(below: 64))))
    case 1: .string(String(decoding: bytes(&random), as: UTF8.self))
    case 2: .bytes(bytes(&random))
    default: .tuple((0..<random.number(below: 4)).map { _ in key(&random, depth: depth + 1) })
    }
  }

  private static func bytes(_ random: inout SeededGenerator) -> [UInt8] {
    (0..<random.number(below: 12)).map { _ in
      random.element(of: [0, 0, 1, 0x61, 0x7f, 0xfe, 0xff]) ?? UInt8(0)
    }
  }

  /// Whether what must hold of any two keys does.
  private func agree(_ left: LogKey, _ right: LogKey) -> Bool {
    let (leftBytes, rightBytes) = (left.canonicalBytes, right.canonicalBytes)
    return (left < right) == leftBytes.lexicographicallyPrecedes(rightBytes)
      && (left == right) == (leftBytes == rightBytes)
      && (left != right || left.hashValue == right.hashValue)
      && (left >= right || left.coarse <= right.coarse)
  }

  @Test("Keys stand in the order of their bytes, which conflicts are told by (R34)")
  func orderIsThatOfBytes() {
    for (index, left) in Self.ordered.enumerated() {
      let wrong = Self.ordered.enumerated().filter { other, right in
        !agree(left, right) || (left < right) != (index < other)
      }
      #expect(wrong.map(\.element) == [], "\(left)")
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func randomKeysGoToBytesAndBack(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let keys = (0..<60).map { _ in Self.key(&random) }
    for key in keys {
      #expect(try LogKey(canonicalBytes: key.canonicalBytes) == key)
      #expect(keys.filter { !agree(key, $0) } == [], "\(key)")
    }
  }

  @Test func eachByteIsAsDrawn() {
    let drawn: [(LogKey, [UInt8])] = [
      (-1, [0x17, 0xfe]), (0, [0x18]), (256, [0x1a, 1, 0]), ("a", [0x30, 0x61, 0]),
      ("a\0", [0x30, 0x61, 0, 0xff, 0]), (.bytes([1, 2]), [0x40, 1, 2, 0]), ([], [0x50, 0]),
      (["a", 7], [0x50, 0x30, 0x61, 0, 0x19, 7, 0]), (["a"], [0x50, 0x30, 0x61, 0, 0]),
    ]
    for (key, bytes) in drawn { #expect(key.canonicalBytes == bytes) }
  }

  @Test func noBytesHarmTheDecoder() {
    for key in Self.ordered {
      let bytes = key.canonicalBytes
      #expect(bytes.indices.allSatisfy { isTotal(Array(bytes[..<$0])) }, "\(key)")
      #expect(throws: LogKeyError.bytesLeft(1)) { try LogKey(canonicalBytes: bytes + [0x50]) }
      for place in bytes.indices {
        var changed = bytes
        for byte in UInt8.min...UInt8.max {
          changed[place] = byte
          if !isTotal(changed) { Issue.record("\(changed)") }
        }
      }
    }
    #expect(throws: LogKeyError.truncated) { try LogKey(canonicalBytes: []) }
    #expect(throws: LogKeyError.truncated) { try LogKey(canonicalBytes: [0x30, 0x61]) }
    for bytes: [UInt8] in [[0x19, 0], [0x30, 0xff, 0], [0], [0x21, 1]] {
      #expect(throws: LogKeyError.malformed(offset: 0)) { try LogKey(canonicalBytes: bytes) }
    }
  }

  /// Whether some bytes are a key of just this spelling, or none.
  private func isTotal(_ bytes: [UInt8]) -> Bool {
    // Most of them are no keys; here only those matter that are.
    guard let key = try? LogKey(canonicalBytes: bytes) else { return true }
    return key.canonicalBytes == bytes
  }

  @Test func depthIsBounded() throws {
    let deepest = (0..<LogKey.depthMax).reduce(LogKey.integer(1)) { key, _ in .tuple([key]) }
    #expect(try LogKey(canonicalBytes: deepest.canonicalBytes) == deepest)
    #expect(throws: LogKeyError.tooDeep) {
      try LogKey(canonicalBytes: [0x50] + deepest.canonicalBytes + [0])
    }
    #expect(throws: LogKeyError.tooDeep) {
      try LogKey(canonicalBytes: Array(repeating: 0x50, count: 1 << 20))
    }
  }

  @Test func stringsAreTheirBytes() {
    let (one, two): (LogKey, LogKey) = ("\u{e9}", "e\u{301}")
    #expect(one != two && two < one)
  }

  @Test func keysPrintAsTyped() {
    let keys: [LogKey] = ["a", 7, .bytes([1, 2]), ["a", 7], ["a"], [], "say \"hi\"\n", -3]
    #expect(
      keys.map(\.description)
        == ["\"a\"", "7", "0x0102", "(\"a\", 7)", "(\"a\",)", "()", #""say \"hi\"\n""#, "-3"]
    )
  }
}
