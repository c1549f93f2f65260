// Goal: a range is copied with everything that stands in it, or the copy says what keeps it.
// Method: seeds with faults; and each refusal by itself.
import CorfuCopyCompaction
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct RangeCopyTests {
  @Test("R28: whatever comes in between, the copy is the original", arguments: 1...40)
  func seeds(seed: Int) {
    #expect(RangeCopyRun.failure(seed: UInt64(seed)) == nil)
  }

  private static func withUnits(
    _ body:
      @escaping @Sendable (
        GroupCommit<MemoryDevice>, GroupCommit<MemoryDevice>, MemoryDevice
      ) async throws -> Void
  ) throws {
    try inWorld { _ in
      let device = MemoryDevice()
      try await withStore(device) { source in
        try await withStore(MemoryDevice()) { target in try await body(source, target, device) }
      }
    }
  }

  @Test("R28: a hole is refused: fill it first")
  func holes() throws {
    try Self.withUnits { source, target, _ in
      try await source.write(0..<5)
      try await source.write(6..<8)
      var copy = RangeCopy(of: CopyRange(.zero..<position(8)), from: source, to: target)
      await #expect(throws: RangeCopyError.hole(position(5))) { try await copy.step() }
      _ = try await source.fill(position(5))
      #expect(try await copy.step() == false)
      #expect(try target.reader.read(position(5)) == .junk)
      #expect(copy.values == 8 && copy.bytes == 7 * 300)
    }
  }

  @Test("D7: what the source cannot read is not taken for empty")
  func damage() throws {
    try Self.withUnits { source, target, device in
      try await source.write(0..<100)
      let file = try device.open("00000000.seg")
      file.write([UInt8](repeating: 9, count: 8).span.bytes, at: 1024 + 120)
      var copy = RangeCopy(of: CopyRange(.zero..<position(9)), from: source, to: target)
      await #expect(throws: RangeCopyError.unreadable(.zero, .corrupt(.zero))) {
        try await copy.step()
      }
      #expect(copy.next == .zero)
    }
  }

  @Test("R15: another value at the target stops the copy")
  func conflict() throws {
    try Self.withUnits { source, target, _ in
      try await source.write(0..<9)
      _ = try await target.write([entry(77)], at: position(4))
      var copy = RangeCopy(of: CopyRange(.zero..<position(9)), from: source, to: target)
      await #expect(throws: RangeCopyError.conflict(position(4))) { try await copy.step() }
    }
  }

  @Test("R28: a trim at the target is recorded before anything is copied, and holds")
  func trimsAtTheTarget() throws {
    try Self.withUnits { source, target, _ in
      try await source.write(0..<20)
      try await target.trim(position(3))
      try await target.trim([position(10)..<position(12)])
      var copy = RangeCopy(
        of: CopyRange(.zero..<position(20)),
        from: source,
        to: target,
        slotsPerStep: 7
      )
      while try await copy.step() {}
      for number in 0..<20 {
        let isTrimmed = number == 3 || number == 10 || number == 11
        #expect(try target.reader.read(position(number)) == (isTrimmed ? .trimmed : data(number)))
      }
    }
  }

  @Test("R28: trims made while it went on are copied at the end; it can be gone on with")
  func lateTrimsAndResuming() throws {
    try Self.withUnits { source, target, _ in
      try await source.write(0..<30)
      let range = CopyRange(.zero..<position(30))
      var first = RangeCopy(of: range, from: source, to: target, slotsPerStep: 10)
      _ = try await first.step()
      try await source.trim(position(2))
      try await source.trimPrefix(before: position(2))
      var second = RangeCopy(of: range, from: source, to: target, next: first.next)
      while try await second.step() {}
      #expect(try target.reader.read(position(2)) == data(2))
      try await second.copyLateTrims()
      for number in 0..<30 {
        #expect(
          try target.reader.read(position(number)) == (number < 3 ? .trimmed : data(number))
        )
      }
      // Copied once more, nothing changes.
      var again = RangeCopy(of: range, from: source, to: target)
      while try await again.step() {}
      #expect(again.values == 30)
    }
  }

  @Test("A chain's stripe is copied, and nothing of the others'", arguments: 0..<3)
  func stripes(stripe: Int) throws {
    try Self.withUnits { source, target, _ in
      try await source.write(0..<20)
      let range = CopyRange(position(4)..<position(20), stripe: stripe, of: 3)
      var copy = RangeCopy(of: range, from: source, to: target, slotsPerStep: 2)
      while try await copy.step() {}
      for number in 0..<20 {
        let isOurs = number >= 4 && number % 3 == stripe
        #expect(try target.reader.read(position(number)) == (isOurs ? data(number) : .empty))
      }
    }
  }
}
