internal import CorfuGlobalLog

// A file of slots, for state that is small and must survive. Numbers are little-endian.
//
//        0  claims     a block of 4096 bytes
//     4096  part 0     slot 0 and its twin, slot 1 and its twin: a block each
//    20480  part 1     the same; the last part's four have as many bytes as it needs, all alike
//
// A slot, and its twin, which says the same:
//
//    0  magic      8 bytes   whose file it is
//    8  version    4 bytes   2
//   12  part       4 bytes   counted from 0
//   16  turn       8 bytes   how often the part was written; even ones go to slot 0, odd to slot 1
//   24  room       4 bytes   how many bytes a slot of the last part has: the file's size follows
//   28  length     4 bytes   of the contents, and the contents
//    …  sum        4 bytes   CRC-32C of all bytes before
//
// The claims: magic (8), version (4), how many parts (4), for each part the last turn that is known
// to be durable (8), CRC-32C of all that (4).
//
// A change goes to the slot that does not have the newest turn. So whatever a crash tears, the
// state before it stands untouched in blocks of its own; and what rots in a slot stands in its
// twin. One sync makes a change durable, and after it the claim is written, which is not synced:
// the next sync takes it along. Where a part's newest slot and its twin are both gone, the claim
// tells that the slot before is not the truth any more.

/// What a file of slots is like: whose it is, and how many parts it has.
struct SlotFormat: Sendable {
  static let version: UInt32 = 2
  static let blockBytes = 4096
  private static let headerBytes = 32

  /// The file's name.
  let name: String
  let magic: UInt64
  /// How many parts it has, each of which is written by itself; only the last one may outgrow a
  /// block.
  let parts: Int

  /// A part of a file, as it was found or as it was written.
  struct Part: Equatable, Sendable {
    /// How often it was written.
    var turn: UInt64 = 0
    /// What it says; `nil` if nobody knows.
    var contents: [UInt8]?
    /// The copy that is to be written first, as it may be worthless: 0 is the slot, 1 its twin.
    var first = 0
  }

  /// What came of reading a file.
  enum Reading: Equatable, Sendable {
    case parts([Part], room: Int)
    case otherVersion(UInt32)
  }

  // MARK: - Places

  /// How many bytes each slot of a part has.
  func room(of part: Int, _ room: Int) -> Int { part == parts - 1 ? room : Self.blockBytes }

  /// Where a turn of a part stands.
  func offset(of part: Int, turn: UInt64, copy: Int, room: Int) -> Int {
    let slot = Int(turn % 2) * 2 + copy
    return Self.blockBytes * (1 + 4 * part) + slot * self.room(of: part, room)
  }

  /// The size of a file whose last part has slots of so many bytes.
  private func fileBytes(room: Int) -> Int {
    Self.blockBytes * (1 + 4 * (parts - 1)) + 4 * room
  }

  /// How many bytes the slots of the last part must have.
  func room(for contents: [UInt8]) -> Int {
    var room = Self.blockBytes
    while room < Self.headerBytes + contents.count + 4 { room *= 2 }
    return room
  }

  // MARK: - Writing

  /// The bytes of a slot.
  func slot(_ part: Int, turn: UInt64, _ contents: [UInt8], room: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: magic)
    bytes.append(number: Self.version)
    bytes.append(number: UInt32(part))
    bytes.append(number: turn)
    bytes.append(number: UInt32(room))
    bytes.append(number: UInt32(contents.count))
    bytes.append(contentsOf: contents)
    bytes.append(number: Checksum.of(bytes.span.bytes))
    precondition(bytes.count <= self.room(of: part, room), "a slot holds what is written to it")
    return bytes
  }

  /// The bytes of the claims: all of this is durable.
  func claims(_ parts: [Part]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: magic)
    bytes.append(number: Self.version)
    bytes.append(number: UInt32(parts.count))
    for part in parts { bytes.append(number: part.turn) }
    bytes.append(number: Checksum.of(bytes.span.bytes))
    return bytes
  }

  /// A whole file.
  func file(_ parts: [Part], room: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: fileBytes(room: room))
    func put(_ some: [UInt8], at offset: Int) {
      bytes.replaceSubrange(offset..<offset + some.count, with: some)
    }
    put(claims(parts), at: 0)
    for (index, part) in parts.enumerated() {
      guard let contents = part.contents else { continue }
      let slot = slot(index, turn: part.turn, contents, room: room)
      for copy in [0, 1] {
        put(slot, at: offset(of: index, turn: part.turn, copy: copy, room: room))
      }
    }
    return bytes
  }

  // MARK: - Reading

  /// Reads a whole file; a part that cannot be read is one whose contents nobody knows.
  func read(_ bytes: [UInt8]) -> Reading {
    let rest = bytes.count - fileBytes(room: 0)
    let room = max(0, rest / 4)
    let span = bytes.span.bytes
    var found = [Part](repeating: Part(), count: parts)
    // A file that was cut may have lost the newest turn of any part, and what is left of it may
    // look whole.
    if room >= Self.blockBytes, fileBytes(room: room) == bytes.count {
      let claims = claims(in: span)
      for part in found.indices {
        switch read(part, claims[part], in: span, room: room) {
        case .otherVersion(let version): return .otherVersion(version)
        case .found(let reading): found[part] = reading
        }
      }
    }
    if found.allSatisfy({ $0.contents == nil }), bytes.count >= 12, span.number(at: 0) == magic {
      let version: UInt32 = span.number(at: 8)
      if version != Self.version { return .otherVersion(version) }
    }
    return .parts(found, room: room)
  }

  private func claims(in bytes: RawSpan) -> [UInt64] {
    let end = 16 + 8 * parts
    // A torn claim says nothing.
    guard bytes.number(at: 0) == magic, bytes.number(at: 12) == UInt32(parts),
      bytes.number(at: end) == Checksum.of(bytes.extracting(0..<end))
    else { return [UInt64](repeating: 0, count: parts) }
    return (0..<parts).map { bytes.number(at: 16 + 8 * $0) }
  }

  private enum PartReading {
    case found(Part)
    case otherVersion(UInt32)
  }

  private func read(
    _ part: Int,
    _ claim: UInt64,
    in bytes: RawSpan,
    room: Int
  ) -> PartReading {
    var best = Part(turn: claim)
    for slot in [0, 1] as [UInt64] {
      var copies: [(turn: UInt64, contents: [UInt8])?] = []
      for copy in [0, 1] {
        let begin = offset(of: part, turn: slot, copy: copy, room: room)
        let place = bytes.extracting(begin..<begin + self.room(of: part, room))
        guard let turn = turn(of: part, in: place, room: room), turn % 2 == slot else {
          copies.append(nil)
          continue
        }
        let version: UInt32 = place.number(at: 8)
        if version != Self.version { return .otherVersion(version) }
        copies.append((turn, contents(of: place)))
      }
      let newest = copies.compactMap(\.self).max { $0.turn < $1.turn }
      guard let newest, newest.turn >= best.turn else { continue }
      let first = copies.firstIndex { $0?.turn != newest.turn } ?? 0
      best = Part(turn: newest.turn, contents: newest.contents, first: first)
    }
    return .found(best)
  }

  /// The turn of a slot that is whole.
  private func turn(of part: Int, in slot: RawSpan, room: Int) -> UInt64? {
    guard slot.number(at: 0) == magic, slot.number(at: 12) == UInt32(part),
      slot.number(at: 24) == UInt32(room)
    else { return nil }
    let end = Self.headerBytes + Int(slot.number(at: 28, as: UInt32.self))
    guard end + 4 <= slot.byteCount, slot.number(at: end) == Checksum.of(slot.extracting(0..<end))
    else { return nil }
    return slot.number(at: 16)
  }

  private func contents(of slot: RawSpan) -> [UInt8] {
    let end = Self.headerBytes + Int(slot.number(at: 28, as: UInt32.self))
    return slot.extracting(Self.headerBytes..<end).withUnsafeBytes { Array($0) }
  }
}
