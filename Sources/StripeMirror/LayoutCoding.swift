internal import CorfuGlobalLog
internal import CorfuSequencer

// A layout's bytes. Numbers are little-endian, counts and positions are varints (7 bits a byte, low
// ones first, the high bit says that more follow):
//
//   magic "CFL1"; "CFL2" if anything was given up; "CFL3" if it names openings; "CFL4" if the log
//   was cut
//   epoch · generation · first tail
//   units: count, then for each the node and its incarnation (16 bytes)
//   spans: count, then for each the distance from the span before and its chains:
//          count, then for each chain its replicas: count, then indexes into `units`
//   sequencer: node, boot (16 bytes)
//   acceptors: count, indexes · spares: count, indexes
//   from "CFL2" on, losses: count, then for each its begin, length, stripes and stripe
//   from "CFL3" on, for each of the units its opening: count, and the boot (16 bytes); or just zero
//   in "CFL4", cuts: count, then for each its epoch and position
//
// Units are written once and named by index, so that a long history of spans stays small (R30).

extension Layout {
  private static let magic: UInt32 = 0x314c_4643  // "CFL1"
  private static let magicWithLosses: UInt32 = 0x324c_4643  // "CFL2"
  private static let magicWithOpenings: UInt32 = 0x334c_4643  // "CFL3"
  private static let magicWithCuts: UInt32 = 0x344c_4643  // "CFL4"

  /// The layout as bytes: the same layout always gives the same ones.
  public func encoded() -> [UInt8] {
    var table = UnitTable()
    for unit in units + acceptors + spares { table.insert(unit) }
    var bytes: [UInt8] = []
    bytes.append(number: format)
    bytes.append(varint: epoch.number)
    bytes.append(varint: generation)
    bytes.append(varint: firstTail.number)
    bytes.append(varint: UInt64(table.units.count))
    for unit in table.units {
      bytes.append(varint: UInt64(unit.node.number))
      bytes.append(number: unit.incarnation.high)
      bytes.append(number: unit.incarnation.low)
    }
    bytes.append(varint: UInt64(spans.count))
    var previous = Position.zero
    for span in spans {
      bytes.append(varint: span.begin.number - previous.number)
      previous = span.begin
      bytes.append(varint: UInt64(span.stripes.count))
      for chain in span.stripes { table.encode(chain.replicas, into: &bytes) }
    }
    bytes.append(varint: UInt64(sequencer.node.number))
    bytes.append(number: sequencer.boot.high)
    bytes.append(number: sequencer.boot.low)
    table.encode(acceptors, into: &bytes)
    table.encode(spares, into: &bytes)
    if format == Self.magic { return bytes }
    bytes.append(varint: UInt64(losses.count))
    for loss in losses {
      bytes.append(varint: loss.range.lowerBound.number)
      bytes.append(varint: UInt64(loss.range.lowerBound.distance(to: loss.range.upperBound)))
      bytes.append(varint: UInt64(loss.stripes))
      bytes.append(varint: UInt64(loss.stripe))
    }
    if format == Self.magicWithLosses { return bytes }
    for unit in table.units {
      bytes.append(varint: openings[unit]?.count ?? 0)
      guard let boot = openings[unit]?.boot else { continue }
      bytes.append(number: boot.high)
      bytes.append(number: boot.low)
    }
    if format == Self.magicWithOpenings { return bytes }
    bytes.append(varint: UInt64(cuts.count))
    for cut in cuts {
      bytes.append(varint: cut.epoch.number)
      bytes.append(varint: cut.position.number)
    }
    return bytes
  }

  /// The oldest format that can say all of it.
  private var format: UInt32 {
    if !cuts.isEmpty { return Self.magicWithCuts }
    if !openings.isEmpty { return Self.magicWithOpenings }
    return losses.isEmpty ? Self.magic : Self.magicWithLosses
  }

  /// The layout's name.
  ///
  /// - Complexity: O(*n*) in the layout's size: keep the result.
  public var id: LayoutID {
    // FNV-1a: tells apart what was not made to deceive. Nobody lies inside a cluster.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in encoded() {
      hash ^= UInt64(byte)
      hash &*= 0x0000_0100_0000_01b3
    }
    return LayoutID(epoch: epoch, hash: hash)
  }

  /// Reads a layout, and validates it.
  public init(decoding bytes: [UInt8]) throws(LayoutError) {
    var reader = LayoutBytes(bytes)
    let magic = try reader.number(as: UInt32.self)
    let magics = [Self.magic, Self.magicWithLosses, Self.magicWithOpenings, Self.magicWithCuts]
    guard let format = magics.firstIndex(of: magic) else { throw .malformed }
    let epoch = Epoch(try reader.varint())
    let generation = try reader.varint()
    let firstTail = Position(try reader.varint())
    var units: [UnitName] = []
    for _ in 0..<(try reader.count()) { units.append(try reader.unit()) }
    var spans: [Span] = []
    var begin: UInt64 = 0
    for _ in 0..<(try reader.count()) {
      let distance = try reader.varint()
      guard distance <= Position.max.number - begin else { throw .malformed }
      begin += distance
      var stripes: [Chain] = []
      for _ in 0..<(try reader.count()) { stripes.append(Chain(try reader.units(of: units))) }
      spans.append(Span(begin: Position(begin), stripes: stripes))
    }
    let node = try reader.node()
    let boot = BootID(high: try reader.number(), low: try reader.number())
    self.init(
      epoch: epoch,
      generation: generation,
      firstTail: firstTail,
      spans: spans,
      sequencer: SequencerName(node: node, boot: boot),
      acceptors: try reader.units(of: units),
      spares: try reader.units(of: units)
    )
    if format >= 1 {
      for _ in 0..<(try reader.count()) { losses.append(try reader.loss()) }
    }
    if format >= 2 {
      for unit in units { openings[unit] = try reader.opening() }
    }
    if format >= 3 {
      for _ in 0..<(try reader.count()) { cuts.append(try reader.moment()) }
    }
    guard reader.isAtEnd else { throw .malformed }
    try validate()
    // One layout, one spelling: whoever compares bytes compares layouts.
    guard encoded() == bytes else { throw .malformed }
  }
}

/// The units of a layout, each once.
private struct UnitTable {
  private(set) var units: [UnitName] = []
  private var indexes: [UnitName: Int] = [:]

  mutating func insert(_ unit: UnitName) {
    if indexes[unit] != nil { return }
    indexes[unit] = units.count
    units.append(unit)
  }

  func encode(_ names: [UnitName], into bytes: inout [UInt8]) {
    bytes.append(varint: UInt64(names.count))
    for name in names { bytes.append(varint: UInt64(indexes[name] ?? 0)) }
  }
}

/// A layout's bytes, read from front to back.
private struct LayoutBytes {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { index == bytes.count }

  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
    as type: Number.Type = Number.self
  ) throws(LayoutError) -> Number {
    let size = MemoryLayout<Number>.size
    guard bytes.count - index >= size else { throw .malformed }
    defer { index += size }
    return bytes.span.bytes.number(at: index)
  }

  /// One way to write each number: a layout has one hash.
  mutating func varint() throws(LayoutError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      let bits = UInt64(byte & 0x7f)
      guard shift < 63 || bits <= 1 else { throw .malformed }
      value |= bits << shift
      if byte & 0x80 == 0 {
        if byte == 0 && shift > 0 { throw .malformed }
        return value
      }
      shift += 7
      guard shift < 64 else { throw .malformed }
    }
    throw .malformed
  }

  /// A count of things that take at least a byte each: never more than there are bytes left.
  mutating func count() throws(LayoutError) -> Int {
    let count = try varint()
    guard count <= UInt64(bytes.count - index) else { throw .malformed }
    return Int(count)
  }

  mutating func node() throws(LayoutError) -> NodeID {
    guard let number = UInt32(exactly: try varint()) else { throw .malformed }
    return NodeID(number)
  }

  mutating func unit() throws(LayoutError) -> UnitName {
    let node = try node()
    return UnitName(
      node: node,
      incarnation: Incarnation(high: try number(), low: try number())
    )
  }

  mutating func opening() throws(LayoutError) -> DiskOpening? {
    let count = try varint()
    if count == 0 { return nil }
    return DiskOpening(count: count, boot: BootID(high: try number(), low: try number()))
  }

  mutating func moment() throws(LayoutError) -> Snapshot {
    Snapshot(epoch: Epoch(try varint()), position: Position(try varint()))
  }

  mutating func loss() throws(LayoutError) -> LostRange {
    let begin = try varint()
    let length = try varint()
    guard begin <= Position.max.number, length <= Position.max.number - begin,
      let stripes = Int(exactly: try varint()), let stripe = Int(exactly: try varint())
    else { throw .malformed }
    return LostRange(
      range: Position(begin)..<Position(begin + length),
      stripes: stripes,
      stripe: stripe
    )
  }

  mutating func units(of table: [UnitName]) throws(LayoutError) -> [UnitName] {
    var names: [UnitName] = []
    for _ in 0..<(try count()) {
      let index = try varint()
      guard index < UInt64(table.count) else { throw .malformed }
      names.append(table[Int(index)])
    }
    return names
  }
}

extension Array where Element == UInt8 {
  /// Appends a number of which small values are short.
  fileprivate mutating func append(varint number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
