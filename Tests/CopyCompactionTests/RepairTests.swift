// Goal: what rot took comes back from a peer's value and stays, whatever happens to the segments
// afterwards; nothing that can be read is ever written over (D6). Method: a real store in a world,
// bits of which flip.
import CorfuCopyCompaction
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct RepairTests {
  /// Flips a bit of the record of position 0, the first of the first segment.
  private static func rot(_ device: SimulatedDevice, header: Bool) throws {
    let begin = SegmentHeader.recordsBegin
    let offset = header ? begin + 20 : begin + RecordHeader.byteCount + 3
    try device.flipBit(file: "00000000.seg", offset: offset, bit: 2)
  }

  @Test("A repair lasts through closing, compaction and reopening", arguments: [false, true])
  func repairStays(header: Bool) throws {
    try inWorld { world in
      let device = SimulatedDevice(world: world)
      try await withStore(device) { store async throws in
        try await store.write(0..<100)
        try Self.rot(device, header: header)
        #expect(throws: LogError.corrupt(.zero)) { try store.reader.read(.zero) }
        // Whoever was given the position once more is not its owner.
        let stranger = [PlacedValue(data(7), at: .zero)]
        let refused = try await store.write(stranger, epoch: Epoch(1))
        #expect(refused == [.refused(.corrupt(.zero))])
        let value = [PlacedValue(data(0), at: .zero)]
        #expect(try await store.repair(value, epoch: Epoch(1)) == [.written])
        #expect(try store.reader.read(.zero) == data(0))
        #expect(try await store.repair(stranger, epoch: Epoch(1)) == [.taken(data(0))])
        #expect(store.counters.repairs == 1)
        // Closes the segment that the repair went to, and empties both.
        try await store.write(100..<200)
        for number in 1..<190 where number % 10 != 0 { try await store.trim(position(number)) }
        try await Compactor(of: store, clock: world.clock).run()
        #expect(try store.reader.read(.zero) == data(0))
      }
      device.kill()
      let next = device.restart()
      try await withStore(next) { store async throws in
        #expect(try store.reader.read(.zero) == data(0))
        try await store.write(200..<300)
        try await Compactor(of: store, clock: world.clock).run()
        #expect(try store.reader.read(.zero) == data(0))
      }
      next.powerCut()
      try await withStore(next.restart()) { store async throws in
        #expect(try store.reader.read(.zero) == data(0))
        #expect(try store.reader.read(position(290)) == data(290))
      }
    }
  }

  @Test func whatCanBeReadStays() throws {
    try inWorld { world in
      try await withStore(SimulatedDevice(world: world)) { store async throws in
        try await store.write(0..<4)
        try await store.trim(position(2))
        let values = (0..<5).map { PlacedValue(data(9), at: position($0)) }
        let answers = try await store.repair(values, epoch: .zero)
        #expect(
          answers
            == [.taken(data(0)), .taken(data(1)), .taken(.trimmed), .taken(data(3)), .written]
        )
      }
    }
  }

  @Test("A damaged record of the open segment waits until that is closed")
  func openSegmentWaits() throws {
    try inWorld { world in
      let device = SimulatedDevice(world: world)
      try await withStore(device) { store async throws in
        try await store.write(0..<8)
        try Self.rot(device, header: false)
        let value = [PlacedValue(data(0), at: .zero)]
        #expect(try await store.repair(value, epoch: .zero) == [.refused(.corrupt(.zero))])
        try await store.write(8..<100)
        #expect(try await store.repair(value, epoch: .zero) == [.written])
        #expect(try store.reader.read(.zero) == data(0))
      }
    }
  }
}
