// Goal: files whose checksums are right and whose numbers are absurd stop nobody: no trap, and no
// memory without bound.
// Method: each field of each structure of a folder gets each absurd value, its sum is made good,
// and the folder is looked at, verified, opened, read and written.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct HostileFileTests {
  /// A structure of a file: where it stands, its fields, and where its sum goes.
  private struct Structure {
    var file: String
    /// Where it stands; more than once where there are copies.
    var places: [Int]
    var fields: [(offset: Int, bytes: Int)]
    var sumOffset: Int
    /// What the sum is over.
    var summed: Range<Int>
  }

  private static let header: [(Int, Int)] = [(12, 4), (16, 8), (24, 8), (32, 4), (36, 4), (40, 4)]
  private static let record: [(Int, Int)] = [
    (4, 1), (5, 1), (8, 8), (16, 4), (20, 4), (24, 8), (32, 8), (40, 8), (48, 8), (56, 8), (64, 8),
    (72, 4), (76, 4), (80, 4), (84, 4), (88, 4),
  ]
  private static let trailer: [(Int, Int)] = [
    (8, 8), (16, 4), (20, 4), (24, 4), (28, 4), (32, 4), (36, 4), (40, 4), (44, 4), (48, 4),
    (52, 4), (56, 8), (64, 8), (72, 8), (80, 8), (88, 8), (96, 4), (100, 4), (104, 4), (108, 8),
  ]
  private static let identity: [(Int, Int)] = [
    (16, 8), (24, 8), (32, 8), (40, 8), (48, 8), (56, 8), (64, 4), (68, 4),
  ]

  /// What a field of so many bytes may hold, at its edges and at those of our own numbers.
  private static func values(bytes: Int) -> [UInt64] {
    switch bytes {
    case 1: [0, 5, 255]
    case 4: [0, 1, 1 << 28, 1 << 31, (1 << 32) - 1]
    default: [0, (1 << 32) - 1, (1 << 63) - 2, (1 << 63) - 1, 1 << 63, .max]
    }
  }

  private static let limits = StoreLimits.small(segmentBytes: 8 << 10)

  /// A closed segment and one that a kill left open, with everything that a segment can hold.
  private static func filled() async throws -> MemoryDevice {
    let device = MemoryDevice()
    try await withStore(device, limits: limits, closes: false) { store async throws in
      for number in 0..<60 {
        _ = try await store.write([entry(number)], at: Position(UInt64(number)))
        if number % 30 == 20 { try await store.trim(Position(UInt64(number - 7))) }
        if number == 50 { _ = try await store.fill(Position(51)) }
        if number == 55 { try await store.trimPrefix(before: Position(5)) }
      }
    }
    device.unlock()
    return device
  }

  private static func bytes(_ device: MemoryDevice, _ name: String) throws -> [UInt8] {
    let file = try device.open(name)
    return file.read(at: 0, count: file.size())
  }

  private static func structures(of device: MemoryDevice) throws -> [Structure] {
    var found = [
      Structure(
        file: "identity",
        places: [0, 512],
        fields: identity,
        sumOffset: 92,
        summed: 0..<92
      )
    ]
    // All closed segments are alike; the last two are the open one and the spare.
    let segments = device.list().filter { $0.hasSuffix(".seg") }
    for name in segments.prefix(1) + segments.suffix(2) {
      found.append(
        Structure(file: name, places: [0, 512], fields: header, sumOffset: 60, summed: 0..<60)
      )
      found += try contents(of: name, bytes(device, name))
    }
    return found
  }

  private static func contents(of name: String, _ bytes: [UInt8]) throws -> [Structure] {
    var found: [Structure] = []
    let span = bytes.span.bytes
    var records: [Int] = []
    var trailers: [Int] = []
    for offset in stride(from: SegmentHeader.recordsBegin, to: bytes.count, by: 8) {
      if RecordHeader(span, at: offset) != nil { records.append(offset) }
      if SegmentTrailer(span, at: offset) != nil { trailers.append(offset) }
    }
    if records.isEmpty { return [] }
    // The first and the last: a claim where the segment is open.
    for offset in Set([records[0], records[records.count - 1]]) {
      let structure = Structure(
        file: name,
        places: [offset],
        fields: record,
        sumOffset: 92,
        summed: 0..<92
      )
      found.append(structure)
    }
    guard let first = trailers.first else { return found }
    found.append(
      Structure(file: name, places: trailers, fields: trailer, sumOffset: 124, summed: 0..<124)
    )
    let page = first + SegmentTrailer.byteCount
    let entries = Int(span.number(at: page + 12, as: UInt32.self))
    let fields = [(4, 4), (8, 4), (12, 4), (16, 8), (24, 4), (28, 4), (32, 8), (40, 4), (44, 4)]
    found.append(
      Structure(
        file: name,
        places: [page],
        fields: fields,
        sumOffset: 0,
        summed: 4..<16 + entries * IndexEntry.byteCount
      )
    )
    return found
  }

  private static func spoil(
    _ device: MemoryDevice,
    _ structure: Structure,
    _ field: (offset: Int, bytes: Int),
    _ value: UInt64
  ) throws -> MemoryDevice {
    let copy = try device.copy()
    var bytes = try bytes(copy, structure.file)
    for place in structure.places {
      switch field.bytes {
      case 1: bytes[place + field.offset] = UInt8(truncatingIfNeeded: value)
      case 4: bytes.put(UInt32(truncatingIfNeeded: value), at: place + field.offset)
      default: bytes.put(value, at: place + field.offset)
      }
      let summed = place + structure.summed.lowerBound..<place + structure.summed.upperBound
      bytes.put(Checksum.of(bytes.span.bytes.extracting(summed)), at: place + structure.sumOffset)
    }
    try copy.open(structure.file).write(bytes.span.bytes, at: 0)
    return copy
  }

  /// Does with a folder whatever can be done with one.
  private static func use(_ device: MemoryDevice) async throws {
    do {
      let view = try StoreView(of: device)
      read(view.reader)
      _ = try FolderReport(of: device)
      try FolderReport.dump(device) { _ in }
    } catch let error as StoreOpenError {
      // Refused, with a reason.
      #expect(!error.description.isEmpty)
    }
    do {
      try await withStore(device, limits: limits) { store async throws in
        read(store.reader)
        await write(store)
      }
      try await withStore(device, limits: limits) { store async throws in read(store.reader) }
    } catch let error as StoreOpenError {
      // Refused, with a reason.
      #expect(!error.description.isEmpty)
    }
  }

  private static func write(_ store: GroupCommit<MemoryDevice>) async {
    let tail = store.tail()
    do throws(LogError) {
      let outcome = try await store.write([entry(1)], at: tail)
      if outcome.written == 1 {
        #expect(try store.reader.read(tail) == data(1))
      }
      try await store.trim(tail)
      try await store.trimPrefix(before: tail)
    } catch {
      // Refused, with a reason.
      #expect(!error.description.isEmpty)
    }
  }

  private static func read(_ reader: StoreReader<MemoryDevice>) {
    for number in stride(from: 0 as UInt64, to: 70, by: 7) {
      do throws(LogError) {
        _ = try reader.read(Position(number))
      } catch {
        // Damaged, and told so.
        #expect(!error.description.isEmpty)
      }
    }
  }

  @Test func absurdNumbersWithRightSums() async throws {
    let device = try await Self.filled()
    for structure in try Self.structures(of: device) {
      for field in structure.fields {
        for value in Self.values(bytes: field.bytes) {
          try await Self.use(try Self.spoil(device, structure, field, value))
        }
      }
    }
  }
}

/// Names and sizes that no store gives its files.
struct HostileFolderTests {
  private static func filled() async throws -> MemoryDevice {
    let device = MemoryDevice()
    try await withStore(device) { store async throws in
      _ = try await store.write([entry(0)], at: .zero)
    }
    return device
  }

  @Test("A segment of nine digits counts like any other")
  func longNames() async throws {
    let device = try await Self.filled()
    // Nothing of ours in it, but its number is taken: the next ones have nine digits.
    try device.create("99999999.seg", count: 0).write(
      [UInt8](repeating: 7, count: 9).span.bytes,
      at: 0
    )
    try await withStore(device) { store async throws in
      try await store.settleLosses()
      _ = try await store.write([entry(1)], at: Position(1))
    }
    #expect(device.list().contains { $0.hasSuffix(".seg") && $0.hasPrefix("10000000") })
    try await withStore(device) { store async throws in
      #expect(try store.reader.read(Position(1)) == data(1))
      #expect(store.tail() == Position(2))
    }
  }

  @Test func namesThatAreNoNumbersOfOurs() async throws {
    for name in ["+0000007.seg", "0000007.seg", "00000007.SEG", "000000007.seg"] {
      #expect(ClosedSegment.number(fileName: name) == nil)
      let device = try await Self.filled()
      _ = try device.create(name, count: 8)
      try await withStore(device) { store async throws in
        #expect(try store.reader.read(.zero) == data(0))
      }
    }
  }

  @Test func aNumberBeyondAllCounting() async throws {
    let device = try await Self.filled()
    _ = try device.create("4294967295.seg", count: 0)
    await #expect(throws: StoreOpenError.foreignSegment(file: "memory/4294967295.seg")) {
      try await openStore(device)
    }
  }

  @Test("D12: an identity whose copies are of two stores is nobody's, and stays as it is")
  func twoIdentities() async throws {
    let device = try await Self.filled()
    var random = SeededGenerator(seed: 99)
    let other = StoreIdentity(using: &random).encoded()
    let file = try device.open(StoreIdentity.fileName)
    file.write(other.span.bytes.extracting(0..<512), at: 512)
    let before = file.read(at: 0, count: 1024)
    await #expect(throws: StoreOpenError.identityLost(folder: "memory")) {
      try await openStore(device)
    }
    #expect(file.read(at: 0, count: 1024) == before)
  }

  @Test("The last position of all cannot be written, filled or trimmed, and that is told")
  func theLastPosition() async throws {
    try await withStore(MemoryDevice()) { store async throws in
      await #expect(throws: LogError.outOfSpace) {
        try await store.write([entry(0), entry(1)], at: Position.max)
      }
      await #expect(throws: LogError.outOfSpace) { try await store.fill(.max) }
      await #expect(throws: LogError.outOfSpace) { try await store.trim(.max) }
      let last = Position.max.advanced(by: -1)
      #expect(try await store.write([entry(0), entry(1)], at: last).written == 1)
      #expect(try store.reader.read(last) == data(0))
      #expect(store.tail() == .max)
    }
  }
}
