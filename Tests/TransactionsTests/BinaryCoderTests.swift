// Goal: anything Codable goes to bytes and back; the bytes are the same in every process; no bytes
// harm the decoder.
// Method: a type with all that synthesised Codable makes; awkward values; all truncations and all
// flipped bits of real ones.
import CorfuSimulation
import CorfuTransactions
import Testing

private enum Shape: Codable, Equatable {
  case nothing
  case circle(radius: Double)
  case named(String, Int)
  indirect case group([Shape], of: Shape?)
}

private struct Everything: Codable, Equatable {
  var flag = true
  var small: Int8 = -5
  var large = UInt64.max
  var float: Float = 1.5
  var text = "grüße"
  var bytes: [UInt8] = [1, 2, 3]
  var missing: Int?
  var present: Int? = 7
  var twice: Int?? = .some(nil)
  var list: [Int?] = [1, nil, 3]
  var lists: [[Int]] = [[], [1]]
  var members: Set<String> = ["a", "b", "c"]
  var table: [LogKey: [String: Int]] = ["x": ["y": 1], 3: [:]]
  var shapes: [Shape] = [.nothing, .circle(radius: 2), .named("n", 3), .group([.nothing], of: nil)]
  var pair: ClosedRange<Int> = 1...3
}

private struct Empty: Codable, Equatable {}

/// A class that writes its superclass into a field.
private class Animal: Codable {
  var name = "cat"
}

private final class Pet: Animal {
  var owner = "alice"

  private enum CodingKeys: CodingKey { case owner }

  override init() { super.init() }

  required init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try super.init(from: container.superDecoder())
    owner = try container.decode(String.self, forKey: .owner)
  }

  override func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try super.encode(to: container.superEncoder())
    try container.encode(owner, forKey: .owner)
  }
}

/// Reads and writes containers inside containers, and numbers as keys.
private struct Nested: Codable, Equatable {
  var numbers: [Int]
  var word: String

  private enum Outer: Int, CodingKey { case inner = 7, list = 300 }
  private enum Inner: CodingKey { case word }

  init(numbers: [Int], word: String) {
    (self.numbers, self.word) = (numbers, word)
  }

  init(from decoder: any Decoder) throws {
    let outer = try decoder.container(keyedBy: Outer.self)
    var list = try outer.nestedUnkeyedContainer(forKey: .list)
    numbers = []
    while !list.isAtEnd {
      var pair = try list.nestedUnkeyedContainer()
      numbers.append(try pair.decode(Int.self))
      #expect(try pair.decodeNil() && pair.isAtEnd)
    }
    word = try outer.nestedContainer(keyedBy: Inner.self, forKey: .inner)
      .decode(String.self, forKey: .word)
    #expect(Set(outer.allKeys) == [.inner, .list])
  }

  func encode(to encoder: any Encoder) throws {
    var outer = encoder.container(keyedBy: Outer.self)
    // The first container goes on after the second began.
    var list = outer.nestedUnkeyedContainer(forKey: .list)
    var inner = outer.nestedContainer(keyedBy: Inner.self, forKey: .inner)
    for number in numbers {
      var pair = list.nestedUnkeyedContainer()
      try pair.encode(number)
      try pair.encodeNil()
    }
    try inner.encode("first", forKey: .word)
    try inner.encode(word, forKey: .word)
  }
}

struct BinaryCoderTests {
  private func roundTrip<Value: Codable & Equatable>(_ value: Value) throws -> [UInt8] {
    let bytes = try BinaryCoder.encode(value)
    #expect(try BinaryCoder.decode(Value.self, from: bytes) == value)
    #expect(throws: BinaryCodingError.bytesLeft(1)) {
      try BinaryCoder.decode(Value.self, from: bytes + [0])
    }
    return bytes
  }

  @Test func whatIsCodableComesBack() throws {
    _ = try roundTrip(Everything())
    _ = try roundTrip(Nested(numbers: [1, 2, 3], word: "w"))
    #expect(try roundTrip(Empty()) == [0xa0])
    _ = try roundTrip([Empty(), Empty()])
    _ = try roundTrip(Shape.group([.circle(radius: .infinity)], of: .named("", .min)))
    for number in [Int64.min, -257, -256, -25, -24, -1, 0, 23, 24, 255, 256, 65_536, .max] {
      _ = try roundTrip(number)
    }
    let pet = try BinaryCoder.decode(Pet.self, from: try BinaryCoder.encode(Pet()))
    #expect(pet.name == "cat" && pet.owner == "alice")
  }

  @Test func optionalsInOptionals() throws {
    let values: [Int???] = [nil, .some(nil), .some(.some(nil)), 5]
    let bytes = try values.map { try roundTrip($0) }
    #expect(bytes == [[0xf6], [0xc6, 0xf6], [0xc6, 0xc6, 0xf6], [5]])
    _ = try roundTrip(values)
    _ = try roundTrip(["a": .some(nil), "b": 1] as [String: Int??])
  }

  @Test func theBytesAreThoseOfTheStandard() throws {
    #expect(try BinaryCoder.encode(-1) == [0x20])
    #expect(try BinaryCoder.encode("a") == [0x61, 0x61])
    #expect(try BinaryCoder.encode([1, 2] as [UInt8]) == [0x42, 1, 2])
    #expect(try BinaryCoder.encode([1, 2]) == [0x82, 1, 2])
    #expect(try BinaryCoder.encode([] as [Int]) == [0x80])
    #expect(try BinaryCoder.encode([] as [UInt8]) == [0x40])
    let table = ["aa": 2, "b": 1]
    #expect(try BinaryCoder.encode(table) == [0xa2, 0x61, 0x62, 1, 0x62, 0x61, 0x61, 2])
    #expect(try BinaryCoder.encode(500) == [0x19, 1, 0xf4])
    #expect(try BinaryCoder.encode(1.5) == [0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0])
    #expect(try BinaryCoder.encode(["a", 7] as LogKey) == [0x82, 0x61, 0x61, 7])
  }

  @Test func hashOrderNeverShows() throws {
    // Sets with the same members iterate in other orders when they have other capacities.
    var random = SeededGenerator(seed: 1)
    for _ in 0..<50 {
      let members = (0..<20).map { _ in random.number(below: 1_000) }
      var large = Set<Int>(minimumCapacity: 1_000)
      for member in members.reversed() { large.insert(member) }
      let small = Set(members)
      let tables = (
        Dictionary(uniqueKeysWithValues: small.map { ($0, [Set([$0]): small]) }),
        Dictionary(uniqueKeysWithValues: large.map { ($0, [Set([$0]): large]) })
      )
      #expect(try BinaryCoder.encode(small) == BinaryCoder.encode(large))
      #expect(try BinaryCoder.encode(tables.0) == BinaryCoder.encode(tables.1))
      #expect(try roundTrip(tables.0) == BinaryCoder.encode(tables.1))
    }
  }

  @Test func aLaterVersionOfATypeReadsAnEarlierOnes() throws {
    struct Early: Codable { var name = "n" }
    struct Late: Codable, Equatable {
      var name: String
      var mail: String?
    }
    let late = try BinaryCoder.decode(Late.self, from: try BinaryCoder.encode(Early()))
    #expect(late == Late(name: "n"))
    let bytes = try BinaryCoder.encode(Late(name: "n", mail: "m"))
    #expect(try BinaryCoder.decode(Early.self, from: bytes).name == "n")
  }

  @Test func depthIsBounded() throws {
    // A value in an optional field of a value: two levels each.
    var shape = Shape.nothing
    // The first error ends it; which one it is, is looked at below.
    while let bytes = try? BinaryCoder.encode(shape) {
      #expect(try BinaryCoder.decode(Shape.self, from: bytes) == shape)
      shape = .group([], of: shape)
      try #require(bytes.count < 10_000, "nothing bounds the depth")
    }
    #expect(throws: BinaryCodingError.tooDeep) { try BinaryCoder.encode(shape) }
    let arrays = Array(repeating: UInt8(0x81), count: 1 << 20)
    #expect(throws: BinaryCodingError.self) { try BinaryCoder.decode([[Int]].self, from: arrays) }
    #expect(throws: BinaryCodingError.tooDeep) { try BinaryCoder.decode(LogKey.self, from: arrays) }
    let deep = (0..<LogKey.depthMax + 1).reduce(LogKey.integer(0)) { key, _ in [key] }
    #expect(throws: BinaryCodingError.tooDeep) { try BinaryCoder.encode(deep) }
  }

  @Test func countsAreNotBelieved() {
    for head: [UInt8] in [[0x9b], [0xbb], [0x5b], [0x7b]] {
      let bytes = head + [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]
      #expect(throws: BinaryCodingError.self) { try BinaryCoder.decode([Int].self, from: bytes) }
      #expect(throws: BinaryCodingError.self) { try BinaryCoder.decode([UInt8].self, from: bytes) }
      #expect(throws: BinaryCodingError.self) { try BinaryCoder.decode(String.self, from: bytes) }
      #expect(throws: BinaryCodingError.self) { try BinaryCoder.decode(Early.self, from: bytes) }
      #expect(throws: BinaryCodingError.self) { try BinaryCoder.decode(Empty.self, from: bytes) }
    }
  }

  private struct Early: Codable { var name = "n" }

  @Test func eachValueHasOneSpelling() {
    let wrong: [[UInt8]] = [
      [0x18, 5], [0x19, 0, 5], [0x1a, 0, 0, 1, 0], [0x1b, 0, 0, 0, 0, 1, 0, 0, 0], [0x1c], [0x1f],
    ]
    for bytes in wrong {
      #expect(throws: BinaryCodingError.malformed(offset: 0)) {
        try BinaryCoder.decode(Int.self, from: bytes)
      }
    }
    #expect(throws: BinaryCodingError.malformed(offset: 2)) {
      try BinaryCoder.decode(Set<Int>.self, from: [0x82, 2, 1])
    }
    #expect(throws: BinaryCodingError.malformed(offset: 3)) {
      try BinaryCoder.decode([Int: Int].self, from: [0xa2, 1, 1, 1, 2])
    }
    #expect(throws: BinaryCodingError.malformed(offset: 1)) {
      try BinaryCoder.decode(Int?.self, from: [0xc6, 5])
    }
    #expect(throws: BinaryCodingError.malformed(offset: 0)) {
      try BinaryCoder.decode(String.self, from: [0x61, 0xff])
    }
  }

  @Test func errorsSayWhatIsWrong() {
    #expect(throws: BinaryCodingError.truncated) { try BinaryCoder.decode(Int.self, from: []) }
    #expect(throws: BinaryCodingError.outOfRange(offset: 0)) {
      try BinaryCoder.decode(Int8.self, from: [0x18, 0x80])
    }
    #expect(throws: BinaryCodingError.outOfRange(offset: 0)) {
      try BinaryCoder.decode(UInt.self, from: [0x20])
    }
    #expect(throws: BinaryCodingError.unexpected(offset: 1, wanted: "a whole number")) {
      try BinaryCoder.decode([Int].self, from: [0x81, 0x61, 0x61])
    }
    #expect(throws: BinaryCodingError.refused("no value for 'name'")) {
      try BinaryCoder.decode(Early.self, from: [0xa0])
    }
    #expect(throws: BinaryCodingError.self) { try BinaryCoder.decode(Shape.self, from: [0xa0]) }
    #expect(throws: BinaryCodingError.self) { try BinaryCoder.encode(Int128.max) }
  }

  @Test func noBytesHarmTheDecoder() throws {
    let bytes = try BinaryCoder.encode(Everything())
    for end in bytes.indices {
      #expect(throws: BinaryCodingError.self) {
        try BinaryCoder.decode(Everything.self, from: bytes[..<end])
      }
    }
    for place in bytes.indices {
      var changed = bytes
      for bit in 0..<8 {
        changed[place] = bytes[place] ^ 1 << UInt8(bit)
        // Some of these are values, most are not; here it matters that it ends well.
        _ = try? BinaryCoder.decode(Everything.self, from: changed)
      }
    }
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      let noise = (0..<random.number(below: 40)).map { _ in UInt8(random.number(below: 256)) }
      // As above.
      _ = try? BinaryCoder.decode(MapState<[String: Int?]>.Update.self, from: noise)
      // As above.
      _ = try? BinaryCoder.decode(Shape.self, from: noise)
    }
  }
}
