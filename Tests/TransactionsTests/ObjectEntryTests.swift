// Goal: what an entry says about objects survives bytes, and no bytes harm the decoder.
// Method: one entry of each kind; all truncations, all flipped bits, noise.
import CorfuGlobalLog
import CorfuSimulation
import CorfuTransactions
import Testing

struct ObjectEntryTests {
  private static let name = CheckpointName(stream: StreamID(7), version: Position(900), number: 3)

  private static let pieces = CheckpointPieces([[1, 2, 3], [], [0xff]])

  private static let entries: [ObjectEntry] = {
    var sum = CheckpointSum()
    sum.update(pieces)
    return [
      .updates([]),
      .updates([
        ObjectUpdate(stream: StreamID(1), bytes: [0x82, 0, 1]),
        ObjectUpdate(stream: StreamID(.max), bytes: []),
        ObjectUpdate(stream: StreamID(1), bytes: ArraySlice(repeating: 9, count: 300)),
      ]),
      .checkpoint(name, .begin),
      .checkpoint(name, .pieces(index: 0, pieces)),
      .checkpoint(name, .pieces(index: 1_000, CheckpointPieces([]))),
      .checkpoint(name, .pieces(index: 1, CheckpointPieces([[], [4]], goesOn: true))),
      .checkpoint(name, .end(count: 2, sum: sum)),
    ]
  }()

  @Test("Updates of several objects stand in one entry (R35)", arguments: entries)
  func entriesComeBack(entry: ObjectEntry) throws {
    #expect(try ObjectEntry(decoding: entry.encoded()) == entry)
  }

  @Test func eachByteIsAsDrawn() {
    let updates = ObjectEntry.updates([ObjectUpdate(stream: StreamID(30), bytes: [5, 6])])
    #expect(updates.encoded() == [0x4f, 0x42, 1, 1, 1, 0x18, 30, 2, 5, 6])
    let begin = ObjectEntry.checkpoint(Self.name, .begin).encoded()
    #expect(begin.dropLast(4) == [0x4f, 0x42, 1, 2, 7, 0x19, 3, 0x84, 3])
  }

  @Test(arguments: entries)
  func noBytesHarmTheDecoder(entry: ObjectEntry) throws {
    let bytes = entry.encoded()
    for end in bytes.indices {
      #expect(throws: ObjectEntryError.self) { try ObjectEntry(decoding: Array(bytes[..<end])) }
    }
    #expect(throws: ObjectEntryError.malformed) { try ObjectEntry(decoding: bytes + [0]) }
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << UInt8(bit)
        // What comes of a changed bit is another entry of just these bytes, or none.
        guard let other = try? ObjectEntry(decoding: changed) else { continue }
        #expect(other.encoded() == changed)
        // A checkpoint has a checksum; updates are covered by that of their record.
        if case .checkpoint = entry { Issue.record("bit \(bit) of byte \(place)") }
      }
    }
  }

  @Test func noise() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      let noise = (0..<random.number(below: 30)).map { _ in UInt8(random.number(below: 256)) }
      let payload = [0x4f, 0x42, 1, UInt8(random.number(in: 0...5))] + noise
      // Most of it is no entry.
      guard let entry = try? ObjectEntry(decoding: payload) else { continue }
      if entry.encoded() != payload { Issue.record("\(payload)") }
    }
  }

  @Test func strangersAreToldApart() {
    let strangers: [([UInt8], ObjectEntryError)] = [
      ([], .otherPayload), (Array("hello".utf8), .otherPayload), ([0x4f, 0x42, 1], .otherPayload),
      ([0x4f, 0x42, 2, 1, 0], .newerVersion(2)), ([0x4f, 0x42, 1, 9, 0], .malformed),
    ]
    for (bytes, error) in strangers {
      #expect(throws: error) { try ObjectEntry(decoding: bytes) }
    }
  }

  @Test("A checkpoint's sum tells pieces that are missing, changed or in another order (R38)")
  func sums() {
    let lists: [[[ArraySlice<UInt8>]]] = [
      [], [[[]]], [[[1, 2], [3]]], [[[1], [2, 3]]], [[[3], [1, 2]]], [[[1, 2]]], [[[1, 2, 3]]],
    ]
    let sums = lists.map { list in
      list.reduce(into: CheckpointSum()) { $0.update(CheckpointPieces($1)) }
    }
    for (index, sum) in sums.enumerated() {
      #expect(sums.firstIndex(of: sum) == index)
    }
    // How pieces are packed into entries does not matter.
    var sum = CheckpointSum()
    sum.update(CheckpointPieces([[1, 2]]))
    sum.update(CheckpointPieces([[3]]))
    #expect(sum == sums[2])
  }
}
