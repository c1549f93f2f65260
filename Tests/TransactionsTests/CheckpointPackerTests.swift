// Goal: any pieces come back from the entries of a checkpoint, and no entry is larger than one may
// be.
// Method: pieces of drawn sizes, empty ones among them, under drawn limits; a state larger than an
// entry, whole.
import CorfuGlobalLog
import CorfuSimulation
import Testing

@testable import CorfuTransactions

struct CheckpointPackerTests {
  private static let name = CheckpointName(stream: StreamID(7), version: .max, number: .max)

  @Test("R38: pieces of any size come back, from entries that the log takes", arguments: 1...400)
  func anySize(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var limits = RuntimeLimits()
    limits.pieceBytes = random.number(in: 1...200)
    limits.payloadBytesMax = CheckpointPacker.headBytesMax + random.number(in: 12...160)
    let sizeMax = random.chance(0.5) ? 20 : 900
    let pieces = (0..<random.number(in: 0...20)).map { number in
      [UInt8](repeating: UInt8(number), count: random.number(in: 0...sizeMax))
    }
    var packer = CheckpointPacker(limits)
    var entries = pieces.flatMap { packer.take($0) }
    if let last = packer.finish() { entries.append(last) }
    var unpacker = CheckpointUnpacker()
    var found: [[UInt8]] = []
    for (index, entry) in entries.enumerated() {
      let bytes = ObjectEntry.checkpoint(Self.name, .pieces(index: .max - index, entry)).encoded()
      #expect(bytes.count <= limits.payloadBytesMax)
      found += unpacker.take(entry).map { Array($0) }
    }
    #expect(found == pieces && !unpacker.isAmidst)
  }

  @Test func smallPiecesShareAnEntry() {
    var limits = RuntimeLimits()
    limits.pieceBytes = 100
    var packer = CheckpointPacker(limits)
    let entries = (0..<50).flatMap { _ in packer.take([1]) }
    #expect(entries.map(\.bytes.count) == [10, 10, 10, 10, 10])
    #expect(packer.finish() == nil)
  }

  @Test("R38: a state of one piece may be larger than an entry")
  func largeState() async throws {
    let log = ModelStreams()
    var limits = RuntimeLimits()
    limits.payloadBytesMax = 1_000
    let runtime = Runtime(over: log, limits: limits)
    let notes = try await runtime.object("notes", of: Lines.self)
    for number in 0..<40 { try await notes.update(String(repeating: "\(number % 10)", count: 100)) }
    try await runtime.checkpoint(notes)
    try await runtime.trim()
    let late = Runtime(over: log.client(2), limits: limits)
    let opened = try await late.object("notes", of: Lines.self)
    let all = try notes.peek { $0 }
    #expect(try opened.peek { $0 } == all)
    #expect(late.counters.entriesPlayed < 10)
  }
}

/// Everything in one piece, as of any small state.
private struct Lines: ReplicatedState, Codable, Equatable {
  var lines: [String] = []

  mutating func apply(_ line: String) {
    lines.append(line)
  }
}
