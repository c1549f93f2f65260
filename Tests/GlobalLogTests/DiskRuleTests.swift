// Goal: disk rules that show in what a store asks of its disk. Method: a device that writes down
// every call, and one that is full.
@testable import CorfuGlobalLog
import CorfuSimulation
import Foundation
import Testing

struct DiskRuleTests {
  @Test(
    "D2: a segment has one descriptor from its creation to its closing, whoever reads meanwhile"
  )
  func oneDescriptor() async throws {
    let device = ListeningDevice(MemoryDevice())
    var limits = StoreLimits.small(segmentBytes: 16 << 10)
    limits.openFilesMax = 1
    var random = SeededGenerator(seed: 1)
    let store = try await SegmentStore.open(device, limits: limits, using: &random) { event in
      if case .closed(let segment, _) = event {
        device.calls.append("closed \(ClosedSegment.fileName(segment))")
      }
    }
    for number in 0..<400 {
      while true {
        let staging = try store.stageWrite(RecordDraft(number))
        guard staging == .segmentFull else { break }
        try await store.commit()
        try await store.roll()
      }
      try await store.commit()
      // Old segments push each other off the shelf, which has room for one.
      for position in [0, number / 2, number] {
        #expect(try store.reader.read(Position(UInt64(position))) == data(position))
      }
    }
    var open: Set<String> = []
    var closed = 0
    for call in device.calls.value {
      let words = call.split(separator: " ").map(String.init)
      switch words[0] {
      case "rename": open.insert(words[2])
      case "closed": closed += open.remove(words[1]) == nil ? 0 : 1
      case "open" where words[1].hasSuffix(".seg"):
        #expect(!open.contains(words[1]), "\(words[1]) was opened again")
      default: break
      }
    }
    #expect(closed > 3)
  }

  @Test("D3: a file is synced, then renamed, then the folder is synced; only then is it used")
  func namesAreDurable() async throws {
    let device = ListeningDevice(MemoryDevice())
    let store = try await openStore(device)
    let made = ["identity", "00000000.seg", "00000001.seg"].flatMap { name in
      [
        "sync \(name).tmp", "rename \(name).tmp \(name)", "syncFolder",
      ]
    }
    #expect(device.calls.value.filter { !$0.hasPrefix("create") && !$0.hasPrefix("write") } == made)
    // What is written later goes through the descriptor that made the file.
    _ = device.calls.take()
    #expect(try store.stageWrite(RecordDraft(0)) == .staged)
    try await store.commit()
    #expect(device.calls.value.count { $0 == "sync 00000000.seg.tmp" } == 1)
    #expect(!device.calls.value.contains { $0.hasPrefix("open") && $0.contains(".seg") })
  }

  @Test("D3: folders that are made, or may not be durable yet, have their names synced")
  func foldersAreDurable() throws {
    func calls(
      _ path: String,
      existing: Set<String> = [],
      isInUse: Bool = false,
      forbidden: String? = nil
    ) throws -> [String] {
      var calls: [String] = []
      let maker = FolderMaker { path throws(DeviceError) in
        if !existing.contains(path) { calls.append("make \(path)") }
        return !existing.contains(path)
      } sync: { path throws(DeviceError) in
        if path == forbidden { throw .noPermission(path) }
        calls.append("sync \(path)")
      }
      try maker.make(path, isInUse: isInUse)
      return calls
    }
    #expect(try calls("a/b") == ["make a", "sync .", "make a/b", "sync a"])
    #expect(try calls("/a/b") == ["make /a", "sync /", "make /a/b", "sync /a"])
    // Whoever made 'a' may have died before its name was durable.
    #expect(try calls("a/b", existing: ["a"]) == ["sync .", "make a/b", "sync a"])
    #expect(try calls("a/b", existing: ["a", "a/b"]) == ["sync .", "sync a"])
    #expect(try calls("a/b", existing: ["a", "a/b"], isInUse: true) == [])
    // A folder that we may not look into is somebody else's; one in which we made another is not.
    #expect(try calls("/a/b", existing: ["/a"], forbidden: "/") == ["make /a/b", "sync /a"])
    #expect(throws: DeviceError.noPermission("/a")) {
      try calls("/a/b", existing: ["/a"], forbidden: "/a")
    }
  }

  @Test("D3: killed at any call that makes folders, the next opening makes the names durable")
  func namesAfterKill() throws {
    struct World {
      var made: Set<String> = []
      var durable: Set<String> = []
    }
    func make(in world: inout World, callsMax: Int = .max) throws(DeviceError) {
      var now = world
      var calls = 0
      func call() throws(DeviceError) {
        calls += 1
        if calls > callsMax { throw .stopped }
      }
      defer { world = now }
      let maker = FolderMaker { path throws(DeviceError) in
        try call()
        return now.made.insert(path).inserted
      } sync: { path throws(DeviceError) in
        try call()
        now.durable.formUnion(now.made.filter { parent(of: $0) == path })
      }
      try maker.make("/a/b/c", isInUse: false)
    }
    func parent(of path: String) -> String {
      let parts = path.split(separator: "/").dropLast()
      return "/" + parts.joined(separator: "/")
    }
    var kills = 0
    for callsMax in 0..<20 {
      var world = World()
      do {
        try make(in: &world, callsMax: callsMax)
      } catch {
        kills += 1
        #expect(world.durable.count < 3)
      }
      // There is no log in it yet, for the folder comes first.
      try make(in: &world)
      #expect(world.durable == ["/a", "/a/b", "/a/b/c"])
    }
    #expect(kills == 6)
  }

  @Test("D4: a segment has all its room from the start, and nothing is written beyond it")
  func roomIsReserved() async throws {
    let device = ListeningDevice(MemoryDevice())
    let limits = StoreLimits.small(segmentBytes: 16 << 10)
    try await withStore(device, limits: limits) { store async throws in
      for number in 0..<300 {
        _ = try await store.write([entry(number)], at: Position(UInt64(number)))
      }
    }
    let calls = device.calls.value.map { $0.split(separator: " ").map(String.init) }
    let created = calls.filter { $0[0] == "create" && $0[1].hasSuffix(".seg.tmp") }
    #expect(created.count > 3 && created.allSatisfy { $0[2] == "\(limits.segmentBytes)" })
    for write in calls where write[0] == "write" {
      let end = write[2].split(separator: "+").compactMap { Int($0) }.reduce(0, +)
      #expect(end <= limits.segmentBytes, "\(write)")
    }
  }

  @Test("D4: on a real disk too the room is taken at once, not promised")
  func realRoomIsReserved() async throws {
    let path = FileManager.default.temporaryDirectory.path + "/corfu-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }  // The system's to clean otherwise.
    let device = FileDevice(path: path)
    try device.lock()
    let bytes = 1 << 20
    let file = try device.create("file", count: bytes)
    #expect(try file.size() == bytes)
    var status = stat()
    #expect(stat(path + "/file", &status) == 0)
    #expect(Int(status.st_blocks) * 512 >= bytes)
  }

  @Test(
    "D4, D11: a full disk shows when a segment is prepared, never inside one; a trim ends it",
    arguments: Array(stride(from: 54_000, through: 70_000, by: 1_000))
  )
  func fullDisk(capacityBytes: Int) throws {
    let world = World(seed: 1)
    let events = Collected()
    try world.run {
      let device = SimulatedDevice(world: world, capacityBytes: capacityBytes)
      var random = SeededGenerator(seed: 1)
      let limits = StoreLimits.small(segmentBytes: 16 << 10)
      let store = try await GroupCommit.open(device, limits: limits, using: &random) {
        events.append($0)
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await store.run() }
        var written: UInt64 = 0
        await #expect(throws: LogError.outOfSpace) {
          while written < 1000 {
            _ = try await store.write([entry(1)], at: Position(written))
            written += 1
          }
        }
        #expect(written > 50 && written < 1000)
        // Fills and single trims go on, but free nothing: what does so must find room behind them.
        var filled = written
        await #expect(throws: LogError.outOfSpace) {
          while filled < 1000 {
            if filled % 2 == 0 { _ = try await store.fill(Position(filled)) }
            try await store.trim(Position(filled - written))
            filled += 1
          }
        }
        #expect(filled < 1000)
        try await store.trimPrefix(before: Position(filled + 1))
        #expect(try await store.write([entry(1)], at: Position(filled + 1)).written == 1)
        try await store.close()
      }
    }
    #expect(events.value.contains(.spaceShort) && events.value.contains(.spaceBack))
    #expect(!events.value.contains { if case .failed = $0 { true } else { false } })
  }

  @Test("D11: many small prefix trims leave room for the one that frees a segment")
  func smallSteps() throws {
    let world = World(seed: 1)
    try world.run {
      let device = SimulatedDevice(world: world, capacityBytes: 60_000)
      try await withStore(device, limits: .small(segmentBytes: 16 << 10)) { store async throws in
        var written: UInt64 = 0
        await #expect(throws: LogError.outOfSpace) {
          while true {
            _ = try await store.write([entry(1)], at: Position(written))
            written += 1
          }
        }
        // They stop before the first segment's end, from where on they would free something.
        let first = try #require(store.reader.closedSegments.map(\.trailer.tail).min())
        await #expect(throws: LogError.outOfSpace) {
          for mark in 1..<first.number { try await store.trimPrefix(before: Position(mark)) }
        }
        try await store.trimPrefix(before: first)
        #expect(try await store.write([entry(1)], at: Position(written)).written == 1)
      }
    }
  }

  @Test("D11: a full disk takes back the room of segments that were set aside as damaged")
  func setAsideGivesRoom() throws {
    let world = World(seed: 1)
    let events = Collected()
    try world.run {
      let segment = 16 << 10
      let device = SimulatedDevice(world: world, capacityBytes: 5 * segment)
      for number in 7...8 { _ = try device.create("0000000\(number).seg.damaged", count: segment) }
      var random = SeededGenerator(seed: 1)
      let limits = StoreLimits.small(segmentBytes: segment)
      let store = try await GroupCommit.open(device, limits: limits, using: &random) {
        events.append($0)
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await store.run() }
        // Until neither of the two files is left.
        var number = 0
        while number < 400, try device.list().contains(where: { $0.hasSuffix(".damaged") }) {
          _ = try await store.write([entry(number)], at: Position(UInt64(number)))
          number += 1
        }
        try await store.close()
      }
      #expect(try device.list().allSatisfy { !$0.hasSuffix(".damaged") })
    }
    let files = events.value.compactMap { if case .givenUp(let file) = $0 { file } else { nil } }
    #expect(files == ["00000007.seg.damaged", "00000008.seg.damaged"])
  }

  @Test("D11: opened with room for a small segment only, a store still fills and trims")
  func smallSegment() throws {
    let world = World(seed: 1)
    try world.run {
      let device = SimulatedDevice(world: world, capacityBytes: 3 << 20)
      let limits = StoreLimits.small(segmentBytes: 1 << 20)
      try await withStore(device, limits: limits) { store async throws in
        for number in 0..<40 {
          _ = try await store.write([entry(number, bytes: 10_000)], at: Position(UInt64(number)))
        }
      }
      _ = try device.create("another's", count: (3 << 20) - (500 << 10))
      try await withStore(device, limits: limits) { store async throws in
        await #expect(throws: LogError.outOfSpace) {
          try await store.write([entry(1)], at: Position(40))
        }
        #expect(try await store.fill(Position(40)) == .junk)
        try await store.trim(Position(3))
        try await store.trimPrefix(before: Position(41))
        #expect(store.reader.trimMark == Position(41))
      }
    }
  }

  @Test("D10: without its index a segment is read all the same, wherever it is damaged")
  func indexIsAHint() async throws {
    let device = MemoryDevice()
    try await withStore(device, limits: .small(segmentBytes: 64 << 10)) { store async throws in
      for number in 0..<300 {
        _ = try await store.write([entry(number, bytes: 8)], at: Position(UInt64(number)))
      }
    }
    let file = try device.open("00000000.seg")
    let whole = file.read(at: 0, count: file.size())
    let found = SegmentTrailer(whole.span.bytes, at: whole.count - SegmentTrailer.byteCount)
    let trailer = try #require(found)
    #expect(trailer.pageCount == 2)
    for offset in stride(from: trailer.indexBegin, to: trailer.tablesBegin, by: 7) {
      var bytes = whole
      bytes[offset] ^= 0x10
      file.write(bytes.span.bytes, at: 0)
      let view = try StoreView(of: device)
      for number in [0, 127, 254, 255, 299] {
        #expect(try view.reader.read(Position(UInt64(number))) == data(number, bytes: 8))
      }
    }
    #expect(try FolderReport(of: device).segments.first?.damage.count == 1)
    let store = try await openStore(device, limits: .small(segmentBytes: 64 << 10))
    #expect(
      try store.reader.read(.zero..<Position(300)) == (0..<300).map { data($0, bytes: 8) }
    )
  }

  @Test("D12: an identity of another version is refused by name, and the folder left alone")
  func identityOfAnotherVersion() async throws {
    for copies in [[0], [512], [0, 512]] {
      let device = MemoryDevice()
      try await withStore(device) { store async throws in
        _ = try await store.write([entry(0)], at: .zero)
      }
      let file = try device.open("identity")
      var bytes = file.read(at: 0, count: file.size())
      for copy in copies {
        bytes.put(UInt32(2), at: copy + 8)
        let sum = Checksum.of(bytes.span.bytes.extracting(copy..<copy + 92))
        bytes.put(sum, at: copy + 92)
      }
      file.write(bytes.span.bytes, at: 0)
      let listening = ListeningDevice(device)
      let error = await #expect(throws: StoreOpenError.self) { try await openStore(listening) }
      #expect(error == .otherVersion(file: "memory/identity", version: 2))
      #expect(
        error?.description == "memory/identity has format version 2, this program reads version 1: "
          + "use the program that wrote it"
      )
      #expect(listening.calls.value == ["open identity"], "nothing was changed")
      try device.lock()  // Nor is the folder taken.
    }
  }

  @Test("D12: a folder has one owner at a time, and the next one gets it whole")
  func oneOwner() async throws {
    let device = MemoryDevice()
    try await withStore(device) { store async throws in
      await #expect(throws: StoreOpenError.device(.inUse("memory"))) {
        try await openStore(ListeningDevice(device))
      }
      _ = try await store.write([entry(0)], at: .zero)
    }
    let next = try await openStore(device)
    #expect(try next.reader.read(.zero) == data(0))
  }

  @Test("D12: of the identity's copies the good one stays until the other is durable")
  func identityOutlivesTornWrites() async throws {
    // Every boot's first write of the identity is torn, at every place in turn, twice in a row.
    for first in stride(from: 0, through: 512, by: 4) {
      let device = MemoryDevice()
      try await withStore(device) { store async throws in
        _ = try await store.write([entry(0)], at: .zero)
      }
      for tear in [first, 92, 60, first] {
        for survivors in 0...1 {
          let left = Countdown(survivors)
          let torn = ListeningDevice(device) { file, _ in
            file == "identity" && left.isOver() ? tear : nil
          }
          await #expect(throws: StoreOpenError.device(.failed("torn after \(tear) bytes"))) {
            try await openStore(torn)
          }
        }
      }
      let store = try await openStore(device)
      #expect(try store.reader.read(.zero) == data(0))
    }
  }
}
