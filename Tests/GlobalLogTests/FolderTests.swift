// Goal: a folder that should not be opened is refused with one clear line, and left as it is (D12).
// Method: real folders and devices in memory, spoilt in each way.
@testable import CorfuGlobalLog
import CorfuSimulation
import Foundation
import Testing

struct FolderTests {
  private static func filled() async throws -> MemoryDevice {
    let device = MemoryDevice()
    try await withStore(device) { store async throws in
      for number in 0..<200 {
        _ = try await store.write([entry(number)], at: Position(UInt64(number)))
      }
    }
    return device
  }

  private static func rewrite(
    _ device: MemoryDevice,
    _ name: String,
    _ change: (inout [UInt8]) -> Void
  ) throws {
    let file = try device.open(name)
    var bytes = file.read(at: 0, count: file.size())
    change(&bytes)
    file.truncate(to: 0)
    file.write(bytes.span.bytes, at: 0)
  }

  private static func stamp(_ device: MemoryDevice, version: UInt32) throws {
    for name in device.list() where name.hasSuffix(".seg") {
      try rewrite(device, name) { bytes in
        for copy in [0, 512] {
          bytes.put(version, at: copy + 8)
          let sum = Checksum.of(bytes.span.bytes.extracting(copy..<copy + 60))
          bytes.put(sum, at: copy + 60)
        }
        guard let trailer = SegmentTrailer(bytes.span.bytes, at: bytes.count - 128) else { return }
        let tables = trailer.tablesBegin..<trailer.streamsBegin
        let tableSum = Checksum.of(bytes.span.bytes.extracting(tables))
        // Footers said nothing of streams then, not even that there are none.
        let isOld = version < 3
        if isOld { bytes.removeSubrange(trailer.streamsBegin..<trailer.streamsBegin + 8) }
        for copy in [trailer.begin, bytes.count - 128] {
          bytes.put(version, at: copy + 4)
          if isOld {
            bytes.put(UInt32(bytes.count), at: copy + 24)
            bytes.put(tableSum, at: copy + 96)
          }
          let sum = Checksum.of(bytes.span.bytes.extracting(copy..<copy + 124))
          bytes.put(sum, at: copy + 124)
        }
      }
    }
  }

  @Test func anUnknownVersionIsRefusedByName() async throws {
    let device = try await Self.filled()
    try Self.stamp(device, version: 4)
    let error = await #expect(throws: StoreOpenError.self) { try await openStore(device) }
    #expect(error == .otherVersion(file: "memory/00000000.seg", version: 4))
    #expect(error?.description.contains("version 4") == true)
  }

  @Test(arguments: [1, 2] as [UInt32])
  func versionsBeforeAreStillRead(version: UInt32) async throws {
    let device = try await Self.filled()
    try Self.stamp(device, version: version)
    try await withStore(device) { store async throws in
      // They may have had entries of any stream.
      #expect(!store.reader.allStreams().isComplete)
      for number in 0..<200 {
        #expect(try store.reader.read(Position(UInt64(number))) == data(number))
      }
      _ = try await store.write([entry(200)], at: Position(200))
    }
    #expect(try FolderReport(of: device).isSound)
  }

  @Test func aLostIdentityIsRefused() async throws {
    let device = try await Self.filled()
    try device.remove("identity")
    await #expect(throws: StoreOpenError.identityLost(folder: "memory")) {
      try await openStore(device)
    }
    let damaged = try await Self.filled()
    try Self.rewrite(damaged, "identity") { $0 = [UInt8](repeating: 7, count: 1024) }
    await #expect(throws: StoreOpenError.identityLost(folder: "memory")) {
      try await openStore(damaged)
    }
  }

  @Test func oneGoodCopyOfTheIdentityIsEnough() async throws {
    for copy in [0, 512] {
      let device = try await Self.filled()
      try Self.rewrite(device, "identity") { bytes in
        for offset in copy..<copy + 512 { bytes[offset] = 0xee }
      }
      let store = try await openStore(device)
      #expect(try store.reader.read(Position(199)) == data(199))
    }
  }

  @Test func aSegmentOfAnotherLogIsRefused() async throws {
    let device = try await Self.filled()
    let other = MemoryDevice()
    var random = SeededGenerator(seed: 99)
    _ = try await SegmentStore.open(
      other,
      limits: .small(segmentBytes: 16 << 10),
      using: &random
    )
    let file = try other.open("00000000.seg")
    let bytes = file.read(at: 0, count: file.size())
    try device.create("00000099.seg", count: 0).write(bytes.span.bytes, at: 0)
    await #expect(throws: StoreOpenError.foreignSegment(file: "memory/00000099.seg")) {
      try await openStore(device)
    }
  }

  @Test func bootsAreCounted() async throws {
    let device = try await Self.filled()
    for boots in 2...4 as ClosedRange<UInt64> {
      try await withStore(device) { store async throws in
        #expect(store.reader.identity.boots == boots)
      }
    }
  }

  @Test("D3, D12: a real folder is private, and one process's at a time")
  func realFolder() async throws {
    let root = FileManager.default.temporaryDirectory.path + "/corfu-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }  // The system's to clean otherwise.
    let path = root + "/new/log"
    try await withStore(FileDevice(path: path)) { store async throws in
      _ = try await store.write([entry(0)], at: .zero)
      await #expect(throws: StoreOpenError.device(.inUse(path))) {
        try await openStore(FileDevice(path: path))
      }
      let files = FileManager.default
      #expect(try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o700)
      for name in try files.contentsOfDirectory(atPath: path) {
        let mode = try files.attributesOfItem(atPath: path + "/" + name)[.posixPermissions]
        #expect(mode as? Int == 0o600, "\(name)")
      }
      let view = try StoreView(of: FileDevice(path: path))
      #expect(try view.reader.read(.zero) == data(0))
    }
    try await withStore(FileDevice(path: path)) { store async throws in
      #expect(try store.reader.read(.zero) == data(0))
    }
  }

  @Test func aFileIsNoFolder() async throws {
    let path = FileManager.default.temporaryDirectory.path + "/corfu-\(UUID().uuidString)"
    #expect(FileManager.default.createFile(atPath: path, contents: Data("x".utf8)))
    defer { try? FileManager.default.removeItem(atPath: path) }  // The system's to clean otherwise.
    await #expect(throws: StoreOpenError.device(.notAFolder(path))) {
      try await openStore(FileDevice(path: path))
    }
    #expect(FileManager.default.contents(atPath: path) == Data("x".utf8))
  }

  @Test("D13: reading every byte tells what is damaged; a scrub finds it too")
  func verification() async throws {
    let device = try await Self.filled()
    #expect(try FolderReport(of: device).isSound)
    try Self.rewrite(device, "00000000.seg") { $0[1024 + 96 + 3] ^= 1 }
    let report = try FolderReport(of: device)
    #expect(report.segments.first?.damage == ["the data record of position 0 is lost"])
    #expect(report.segments.dropFirst().allSatisfy { $0.damage.isEmpty })

    let world = World(seed: 1)
    let store = try await openStore(device)
    #expect(throws: LogError.corrupt(.zero)) { try store.reader.read(.zero) }
    let reader = store.reader
    let rot = try world.run {
      let found = Collected()
      try await reader.scrub(bytesPerSecond: 1 << 20, clock: world.clock) { found.append($0) }
      return found.value
    }
    #expect(rot.first == .rotFound(segment: 0, .zero))
    #expect(world.now > .milliseconds(20), "a scrub takes its time")
  }

  @Test("D7: a segment's file that somebody removed is missed, whichever it is")
  func missingSegments() async throws {
    let device = try await Self.filled()
    let segments = device.list().filter { $0.hasSuffix(".seg") }
    #expect(segments.count > 2)
    for file in segments {
      let copy = try device.copy()
      try copy.remove(file)
      #expect(try StoreView(of: copy).reader.isInDoubt, "\(file), looked at from outside")
      #expect(try FolderReport(of: copy).missingSegments == 1)
      for opening in 1...3 {
        let events = Collected()
        var random = SeededGenerator(seed: 1)
        let store = try await SegmentStore.open(
          copy,
          limits: .small(segmentBytes: 16 << 10),
          using: &random
        ) { events.append($0) }
        #expect(store.reader.isInDoubt, "\(file), opening \(opening)")
        #expect(events.value.contains(.segmentsMissing(1)) == (opening == 1))
        #expect(throws: LogError.unknown(Position(1000))) {
          try store.reader.read(Position(1000))
        }
        copy.unlock()
      }
      #expect(try FolderReport(of: copy).missingSegments == 0, "what is known is not told anew")
      // Where it is put back, what it held is read again.
      let original = try device.open(file)
      let bytes = original.read(at: 0, count: original.size())
      try copy.create(file, count: 0).write(bytes.span.bytes, at: 0)
      let store = try await openStore(copy)
      for number in 0..<200 {
        #expect(try store.reader.read(Position(UInt64(number))) == data(number))
      }
    }
  }

  @Test("D7: the first entry of a new log is missed, when its file goes after a kill")
  func missingFirstSegment() async throws {
    let device = MemoryDevice()
    try await withStore(device, closes: false) { store async throws in
      _ = try await store.write([entry(0)], at: .zero)
    }
    device.unlock()
    for file in device.list() where file.hasSuffix(".seg") { try device.remove(file) }
    let store = try await openStore(device)
    #expect(store.reader.isInDoubt)
    #expect(throws: LogError.unknown(.zero)) { try store.reader.read(.zero) }
  }

  @Test("What trims and compaction removed is not missed, wherever a kill comes")
  func removedSegments() async throws {
    let device = MemoryDevice()
    try await withStore(device, closes: false) { store async throws in
      for number in 0..<600 {
        _ = try await store.write([entry(number)], at: Position(UInt64(number)))
        if number % 100 == 99 {
          try await store.trimPrefix(before: Position(UInt64(number - 150 > 0 ? number - 150 : 0)))
        }
      }
    }
    device.unlock()
    for _ in 0..<4 {
      #expect(try FolderReport(of: device).isSound)
      let store = try await openStore(device)
      #expect(!store.reader.isInDoubt)
      device.unlock()
    }
  }

  @Test("D7: a log that may have lost records says so, until an operator accepts the loss")
  func doubt() async throws {
    let device = try await Self.filled()
    try Self.rewrite(device, "00000000.seg") { $0.removeLast($0.count - 1500) }
    try await withStore(device) { store async throws in
      #expect(store.reader.isInDoubt)
      #expect(throws: LogError.unknown(Position(5))) { try store.reader.read(Position(5)) }
      await #expect(throws: LogError.unknown(Position(500))) {
        try await store.write([entry(500)], at: Position(500))
      }
      #expect(try store.reader.read(Position(199)) == data(199))
    }
    try await withStore(device) { store async throws in
      #expect(store.reader.isInDoubt, "doubt outlives the process")
      try await store.settleLosses()
      #expect(try await store.write([entry(500)], at: Position(500)).written == 1)
      #expect(try store.reader.read(Position(5)) == .empty)
    }
    try await withStore(device) { store async throws in #expect(!store.reader.isInDoubt) }
  }
}
