// Goal: a look at all files names what is damaged as opening does, and takes nothing for damage
// that is none (D13). Method: small logs in memory, spoilt in one place, looked at, then opened.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct VerifyTests {
  /// The size of a record of `entry(_:)`.
  private static let recordBytes = RecordHeader.byteCount + 40
  private static let first = "00000000.seg"

  private static func filled(_ count: Int, closes: Bool = true) async throws -> MemoryDevice {
    let device = MemoryDevice()
    try await withStore(device, closes: closes) { store async throws in
      for number in 0..<count {
        _ = try await store.write([entry(number)], at: Position(UInt64(number)))
      }
    }
    if !closes { device.unlock() }
    return device
  }

  private static func change(
    _ device: MemoryDevice,
    _ name: String = first,
    _ body: (inout [UInt8]) -> Void
  ) throws {
    let file = try device.open(name)
    var bytes = file.read(at: 0, count: file.size())
    body(&bytes)
    file.truncate(to: 0)
    file.write(bytes.span.bytes, at: 0)
  }

  /// Opens the store, and tells what that tells.
  private static func open(
    _ device: MemoryDevice
  ) async throws -> (store: SegmentStore<MemoryDevice>, events: [StoreEvent]) {
    let events = Collected()
    var random = SeededGenerator(seed: 1)
    let store = try await SegmentStore.open(
      device,
      limits: .small(segmentBytes: 16 << 10),
      using: &random
    ) { events.append($0) }
    return (store, events.value)
  }

  private static func trailer(of device: MemoryDevice) throws -> SegmentTrailer {
    let file = try device.open(first)
    let bytes = file.read(at: 0, count: file.size())
    let found = SegmentTrailer(bytes.span.bytes, at: bytes.count - SegmentTrailer.byteCount)
    return try #require(found)
  }

  @Test("The last record of an open segment is named, wherever in a sector it ends")
  func lastRecord() async throws {
    for count in 1...12 {
      let device = try await Self.filled(count, closes: false)
      let offset = SegmentHeader.recordsBegin + (count - 1) * Self.recordBytes
      try Self.change(device) { $0[offset] ^= 1 }
      let last = Position(UInt64(count - 1))
      let view = try StoreView(of: device)
      #expect(throws: LogError.corrupt(last)) { try view.reader.read(last) }
      let report = try FolderReport(of: device)
      #expect(report.lost == [last] && !report.isInDoubt)
      #expect(report.segments.first?.damage == ["the data record of position \(last) is lost"])
      let store = try await openStore(device)
      #expect(throws: LogError.corrupt(last)) { try store.reader.read(last) }
      #expect(!store.reader.isInDoubt)
    }
  }

  @Test("D6: a footer that is damaged or cut is told of, and the records are read instead")
  func footers() async throws {
    let device = try await Self.filled(200)
    let trailer = try Self.trailer(of: device)
    let changes: [(inout [UInt8]) -> Void] = [
      { $0[$0.count - 60] ^= 1 }, { $0[trailer.tablesBegin] ^= 1 },
      { $0.removeLast(10) }, { $0.removeLast($0.count - trailer.indexBegin) },
    ]
    for change in changes {
      let copy = try device.copy()
      try Self.change(copy, Self.first, change)
      let report = try FolderReport(of: copy)
      let damage = try #require(report.segments.first?.damage)
      #expect(damage.count == 1 && damage[0].hasPrefix("the footer is damaged or cut short; "))
      #expect(report.segments.first?.isClosed == true)
      #expect(report.lost.isEmpty && !report.isInDoubt && !report.isSound)
      let (store, events) = try await Self.open(copy)
      #expect(events.contains(.copyDamaged(file: Self.first)))
      for number in 0..<200 {
        #expect(try store.reader.read(Position(UInt64(number))) == data(number))
      }
      #expect(try FolderReport(of: copy).isSound)
    }
  }

  @Test("A footer that a crash tore while the segment was closed is no damage")
  func tornFooter() async throws {
    let device = try await Self.filled(200)
    try Self.change(device) { bytes in
      bytes.removeLast(SegmentTrailer.byteCount)
      bytes += [UInt8](repeating: 0, count: (16 << 10) - bytes.count)
    }
    #expect(try FolderReport(of: device).isSound)
    let (store, events) = try await Self.open(device)
    #expect(!events.contains(.copyDamaged(file: Self.first)))
    #expect(try store.reader.read(.zero) == data(0))
  }

  @Test("Of a footer's two trailers one is enough, also where the segment would be taken up again")
  func firstTrailer() async throws {
    for count in [3, 200] {
      let device = try await Self.filled(count)
      let begin = try Self.trailer(of: device).begin
      try Self.change(device) { $0[begin + 60] ^= 1 }
      let report = try FolderReport(of: device)
      #expect(report.segments.first?.damage == ["one of two copies of the trailer is damaged"])
      #expect(report.segments.first?.isClosed == true)
      let (store, events) = try await Self.open(device)
      #expect(!store.reader.isInDoubt)
      #expect(events.contains(.copyDamaged(file: Self.first)) == (count == 3))
      #expect(try store.reader.read(Position(2)) == data(2))
    }
  }

  @Test("What opening would cut off as torn is counted, and is no damage")
  func tornTail() async throws {
    let device = try await Self.filled(5, closes: false)
    let end = SegmentHeader.recordsBegin + 5 * Self.recordBytes
    try Self.change(device) { bytes in
      // Nothing is left that says that the last record was durable.
      bytes[end - 1] ^= 1
      for offset in end..<bytes.count { bytes[offset] = 0 }
    }
    let report = try FolderReport(of: device)
    #expect(report.isSound)
    #expect(report.segments.map(\.tornBytes) == [Self.recordBytes, 0])
    let (_, events) = try await Self.open(device)
    #expect(events.contains(.tornTail(segment: 0, bytes: Self.recordBytes)))
  }

  @Test("What was lost before stays named when the note of it is spoilt, too")
  func noteOfALoss() async throws {
    let device = try await Self.filled(3)
    try Self.change(device) { $0[SegmentHeader.recordsBegin + RecordHeader.byteCount] ^= 1 }
    try await withStore(device) { store async throws in
      #expect(throws: LogError.corrupt(.zero)) { try store.reader.read(.zero) }
    }
    let name = try #require(device.list().last { $0.hasSuffix(".seg") })
    let damage = ["what stood at position 0 was lost before"]
    #expect(try FolderReport(of: device).segments.first?.damage == damage)
    try Self.change(device, name) { bytes in
      let offsets = stride(from: SegmentHeader.recordsBegin, to: bytes.count, by: 8)
      let note = offsets.first { RecordHeader(bytes.span.bytes, at: $0)?.kind == .lost }
      if let note { bytes[note] ^= 1 }
    }
    let report = try FolderReport(of: device)
    #expect(report.lost == [.zero])
    #expect(report.segments.first?.damage == damage)
  }

  @Test("D12: a segment of this log under another number is called that, with its own")
  func misnamedSegment() async throws {
    let device = try await Self.filled(200)
    try device.rename(Self.first, to: "00000099.seg")
    let expected = StoreOpenError.misnamedSegment(file: "memory/00000099.seg", number: 0)
    #expect(throws: expected) { try FolderReport(of: device) }
    await #expect(throws: expected) { try await openStore(device) }
    #expect(
      expected.description == "memory/00000099.seg has a wrong name, it is segment 0 of this log: "
        + "rename it to 00000000.seg, or move it out of the folder if that is there as well"
    )
    try device.rename("00000099.seg", to: Self.first)
    #expect(try FolderReport(of: device).isSound)
  }

  @Test("Segments whose names have changed places are named together: to rename one would lose one")
  func exchangedSegments() async throws {
    let device = try await Self.filled(700)
    let names = device.list().filter { $0.hasSuffix(".seg") }
    try #require(names.count > 4)
    func exchange(_ numbers: [Int]) throws {
      try device.rename(names[numbers[0]], to: "aside")
      for (number, next) in zip(numbers, numbers.dropFirst()) {
        try device.rename(names[next], to: names[number])
      }
      try device.rename("aside", to: names[numbers[numbers.count - 1]])
    }
    func refusal() async throws -> String {
      let refused = await #expect(throws: StoreOpenError.self) { try await openStore(device) }
      let error = try #require(refused)
      #expect(throws: error) { try FolderReport(of: device) }
      return error.description
    }
    try exchange([1, 3])
    let two = try await refusal()
    #expect(
      two == "\(names[1]) and \(names[3]) in memory have each other's name: swap "
        + "the names back, and keep both files"
    )
    try exchange([1, 3])
    try exchange([0, 2, 1])
    let three = try await refusal()
    #expect(
      three.hasPrefix("\(names[0]), \(names[2]), \(names[1]) in memory have each other's names: "),
      "\(three)"
    )
    #expect(three.contains("they are the segments 2, 1, 0 of this log"), "\(three)")
    try exchange([1, 2, 0])
    #expect(try FolderReport(of: device).isSound)
    // One after the other has moved on by one: the last one is to be renamed first.
    try device.rename(names[3], to: "00000099.seg")
    try device.rename(names[2], to: names[3])
    try device.rename(names[1], to: names[2])
    let shifted = try await refusal()
    #expect(shifted.contains("rename it to \(names[1])"), "\(shifted)")
  }

  @Test("Damage to either copy of who the store is, is told of", arguments: [0, 1])
  func identityCopies(copy: Int) async throws {
    let device = try await Self.filled(3)
    try Self.change(device, StoreIdentity.fileName) { $0[copy * 512 + 20] ^= 1 }
    let report = try FolderReport(of: device)
    #expect(report.hasDamagedIdentity && !report.isSound)
    #expect(report.segments.allSatisfy { $0.damage.isEmpty })
    // The next opening writes it anew.
    let (store, _) = try await Self.open(device)
    #expect(try store.reader.read(.zero) == data(0))
    #expect(try FolderReport(of: device).isSound)
  }
}
