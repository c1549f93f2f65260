import CorfuGlobalLog
import CorfuSequencer
import CorfuStripeMirror
import Testing

// Goal: a layout is what its bytes say, and only that. Method: round trips, and every cut and every
// changed byte of one layout.

private let four = (1...4).map {
  UnitName(node: NodeID($0), incarnation: Incarnation(high: UInt64($0), low: 7))
}

private let raid = Layout(
  epoch: Epoch(3),
  firstTail: Position(50),
  spans: [
    Span(begin: .zero, stripes: [Chain([four[0], four[1]]), Chain([four[2], four[3]])]),
    Span(begin: Position(50), stripes: [Chain([four[0]]), Chain([four[2], four[3]])]),
  ],
  sequencer: SequencerName(node: NodeID(1), boot: BootID(high: 1, low: 2)),
  acceptors: [four[0], four[1], four[2]]
)

@Test func aLayoutSurvivesItsBytes() throws {
  let bytes = raid.encoded()
  #expect(try Layout(decoding: bytes) == raid)
  #expect(try Layout(decoding: bytes).id == raid.id)
}

@Test func everyCutAndEveryChangedByteIsRefusedOrAnotherLayout() throws {
  let bytes = raid.encoded()
  for count in 0..<bytes.count {
    #expect(throws: LayoutError.self) { try Layout(decoding: Array(bytes[..<count])) }
  }
  for index in bytes.indices {
    for bit in 0..<8 {
      var damaged = bytes
      damaged[index] ^= 1 << bit
      // Refused is as good.
      guard let other = try? Layout(decoding: damaged) else { continue }
      #expect(other.encoded() == damaged, "byte \(index), bit \(bit): one layout, two spellings")
      #expect(other.id != raid.id)
    }
  }
}
