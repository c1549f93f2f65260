// Goal: stage 3 is a log like every other, survives the loss of mirrors, and says what is wrong
// with a folder. Method: the checks of the contract; real folders that somebody tampers with.
import CorfuChecks
import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Foundation
import Synchronization
import Testing

typealias MemoryStage = Stage3<MemoryDevice, ReferenceMirrorParts>
typealias FileStage = Stage3<FileDevice, ReferenceMirrorParts>

@Suite struct Stage3Tests {
  private static let checks = SharedLogChecks<MemoryStage.Log>(exercise: "3.0") {
    clients,
    world,
    body in
    var random = world.random.split()
    let shape = MirrorShape(
      stripes: random.number(in: 1...4),
      replicas: random.number(in: 1...3)
    )
    let stage = try await MemoryStage.open(
      shape,
      in: MemoryDevice(),
      limits: .small(segmentBytes: 8 << 10),
      using: &random,
      makeDevice: { _ in MemoryDevice() }
    )
    let logs = (0..<clients).map { _ in stage.client(using: &random) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await stage.run() }
      do {
        try await body(logs)
      } catch {
        try await stage.close()
        throw error
      }
      try await stage.close()
    }
  }.checks

  @Test(arguments: checks.indices)
  func itKeepsTheContract(index: Int) throws {
    try Self.checks[index].run(seeds: 1..<61)
  }

  @Test func aKilledMirrorLeavesEveryEntryReadable() async throws {
    let folder = try Folder()
    try await folder.withStage { (stage, log) async throws in
      let positions = try await log.append(batch: (0..<20).map { [UInt8($0)] })
      #expect(try await stage.kill(NodeID(1)))
      #expect(try await stage.kill(NodeID(4)))
      #expect(stage.layout.chains.map(\.description) == ["n2", "n3"])
      for (number, position) in positions.enumerated() {
        #expect(try await log.read(position).bytes == [UInt8(number)])
      }
      _ = try await log.append([20])
      // It has missed one, so nobody asks it.
      #expect(try await stage.restart(NodeID(1), using: &folder.random) == false)
      #expect(stage.units.map(\.condition) == [.out, .up, .up, .gone])
      // The last one of a chain stays in the layout, and its chain waits for it.
      #expect(try await stage.kill(NodeID(2)) == false)
      await #expect(throws: LogError.self) { try await log.read(.zero) }
      #expect(stage.units[1].condition == .down)
      #expect(try await stage.restart(NodeID(2), using: &folder.random))
      #expect(try await log.read(.zero).bytes == [0])
    }
    try await folder.withStage { (stage, log) async throws in
      #expect(stage.units.map(\.condition) == [.gone, .up, .up, .gone])
      #expect(try await log.tail() == Position(21))
      #expect(try await log.read(Position(20)).bytes == [20])
    }
  }

  @Test func whatCannotBeKilledIsNamed() async throws {
    let folder = try Folder()
    try await folder.withStage { (stage, _) async throws in
      await #expect(throws: MirrorError.noSuchUnit(NodeID(9), last: NodeID(4))) {
        try await stage.kill(NodeID(9))
      }
      try await stage.kill(NodeID(1))
      await #expect(throws: MirrorError.notUp(NodeID(1))) { try await stage.kill(NodeID(1)) }
      await #expect(throws: MirrorError.alreadyUp(NodeID(2))) {
        try await stage.restart(NodeID(2), using: &folder.random)
      }
    }
  }

  @Test func aLostDiskIsNoticed() async throws {
    let folder = try Folder()
    try await folder.fill()
    try folder.remove("unit-2")
    try await folder.withStage { (stage, log) async throws in
      #expect(folder.lost == [NodeID(2)])
      #expect(stage.units[1].condition == .gone)
      #expect(try await log.read(Position(1)).bytes == [1])
    }
    #expect(!folder.exists("unit-2"), "a lost disk's folder was made anew")
    // The last copy is lost: nobody has the rest, and that is said.
    try folder.remove("unit-1")
    await #expect(throws: MirrorError.chainLost([NodeID(1)])) {
      try await folder.withStage { (_, _) async throws in }
    }
  }

  @Test func anothersDiskIsNoticed() async throws {
    let folder = try Folder()
    try await folder.fill()
    try folder.move("unit-2", to: "aside")
    try folder.move("unit-4", to: "unit-2")
    try folder.move("aside", to: "unit-4")
    try await folder.withStage { (stage, log) async throws in
      #expect(folder.lost == [NodeID(2), NodeID(4)])
      #expect(stage.layout.chains.map(\.description) == ["n1", "n3"])
      #expect(try await log.read(Position(1)).bytes == [1])
    }
  }

  @Test func anOlderImageOfADiskIsNoticed() async throws {
    let folder = try Folder()
    try await folder.fill()
    try folder.copy("unit-1", to: "image-1")
    try folder.copy("unit-2", to: "image-2")
    try await folder.withStage { (_, log) async throws in _ = try await log.append([8]) }
    try folder.replace("unit-1", by: "image-1")
    try await folder.withStage { (stage, log) async throws in
      #expect(folder.outdated == [NodeID(1)])
      #expect(stage.units[0].condition == .gone)
      // Whatever the log is asked, the image is no part of the answer.
      #expect(try await log.read(Position(8)).bytes == [8])
    }
    // Without another copy nobody has what the image lacks.
    try folder.replace("unit-2", by: "image-2")
    await #expect(throws: MirrorError.outdated(NodeID(2), boots: 2)) {
      try await folder.withStage { (_, _) async throws in }
    }
  }

  @Test func anImageIsNoticedAtTheRestartOfItsUnitToo() async throws {
    let folder = try Folder()
    try await folder.fill()
    try folder.copy("unit-2", to: "image-2")
    try await folder.withStage { (stage, log) async throws in
      try await stage.kill(NodeID(1))
      _ = try await log.append([8])
      try await stage.kill(NodeID(2))
      try folder.copy("unit-2", to: "newest-2")
      try folder.replace("unit-2", by: "image-2")
      await #expect(throws: MirrorError.outdated(NodeID(2), boots: 1)) {
        try await stage.restart(NodeID(2), using: &folder.random)
      }
      try folder.replace("unit-2", by: "newest-2")
      #expect(try await stage.restart(NodeID(2), using: &folder.random))
      #expect(try await log.read(Position(8)).bytes == [8])
    }
  }

  @Test func theTailNeverGoesBack() async throws {
    let folder = try Folder()
    try await folder.fill()
    var tail = Position(8)
    for round in 0..<3 {
      try await folder.withStage { (stage, log) async throws in
        #expect(try await log.tail() >= tail)
        _ = try await log.reserve(3)
        // What nobody wrote is nobody's in the next process.
        #expect(try await log.tail() >= tail)
        if round == 1 { #expect(try await stage.kill(NodeID(3))) }
        tail = try await log.tail()
        let position = try await log.append([9])
        #expect(position >= tail)
        _ = try await log.reserve(2)
        tail = try await log.tail()
        #expect(tail > position)
        // A position in somebody's hand may be filled all the same, and counts from then on.
        let handed = try await log.reserve(1).first
        #expect(try await log.fill(handed) == .junk)
        #expect(try await log.tail() == handed.advanced(by: 1))
        tail = try await log.tail()
      }
    }
  }

  @Test func anotherShapeIsRefused() async throws {
    let folder = try Folder()
    try await folder.fill()
    let wanted = MirrorShape(stripes: 4, replicas: 1)
    await #expect(throws: MirrorError.otherShape(MirrorShape(), wanted: wanted)) {
      try await folder.withStage(wanted) { (_, _) async throws in }
    }
    // Also after units were taken out: the shape is what it was made with.
    try await folder.withStage { (stage, _) async throws in try await stage.kill(NodeID(1)) }
    try await folder.withStage { (stage, _) async throws in #expect(stage.units.count == 4) }
  }

  @Test func aLostLayoutIsNoticed() async throws {
    let folder = try Folder()
    try await folder.fill()
    try folder.remove("layout")
    await #expect(throws: MirrorError.layoutLost(folder: folder.path)) {
      try await folder.withStage { (_, _) async throws in }
    }
  }

  @Test func everyFlippedBitOfTheLayoutIsNoticed() async throws {
    let folder = try Folder()
    try await folder.fill()
    let bytes = try folder.read("layout")
    for index in stride(from: 0, to: bytes.count, by: 7) {
      var damaged = bytes
      damaged[index] ^= 1 << (index % 8)
      try folder.write(damaged, to: "layout")
      await #expect(throws: MirrorError.layoutLost(folder: folder.path)) {
        try await folder.withStage { (_, _) async throws in }
      }
    }
    try folder.write(bytes, to: "layout")
    try await folder.withStage { (_, log) async throws in
      #expect(try await log.tail() == Position(8))
    }
  }

  @Test func theLogOfAStageBeforeIsRefused() async throws {
    let folder = try Folder()
    let stage = try await Stage1<FileDevice, TailRace>.open(
      FileDevice(path: folder.path),
      using: &folder.random
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await stage.run() }
      try await stage.close()
    }
    await #expect(throws: MirrorError.notMirrored(folder: folder.path)) {
      try await folder.withStage { (_, _) async throws in }
    }
  }
}

extension Slot {
  /// The bytes of an entry; `nil` for anything else.
  fileprivate var bytes: [UInt8]? {
    guard case .data(let entry) = self else { return nil }
    return entry.payload
  }
}

/// The units whose loss was told.
private final class Losses: Sendable {
  let nodes = Mutex<[NodeID]>([])
  let outdated = Mutex<[NodeID]>([])
}

/// A folder of a test's own, with a log of stage 3 in it, gone when the test is.
private final class Folder {
  let path: String
  var random = SeededGenerator(seed: 1)
  private let losses = Losses()

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("corfu-mirror-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    // What is left behind in the system's temporary folder hurts nobody.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The units that were found lost, since the test began.
  var lost: [NodeID] { losses.nodes.withLock { $0 } }

  /// The units whose disks were found to be older images.
  var outdated: [NodeID] { losses.outdated.withLock { $0 } }

  func copy(_ name: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: path + "/" + name, toPath: path + "/" + other)
  }

  func replace(_ name: String, by other: String) throws {
    try remove(name)
    try copy(other, to: name)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + name)
  }

  func move(_ name: String, to other: String) throws {
    try FileManager.default.moveItem(atPath: path + "/" + name, toPath: path + "/" + other)
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/" + name)
  }

  func read(_ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  /// Appends eight entries.
  func fill() async throws {
    try await withStage { (_, log) async throws in
      _ = try await log.append(batch: (0..<8).map { [UInt8($0)] })
    }
  }

  /// Opens the log for a body, and closes it.
  func withStage(
    _ shape: MirrorShape = MirrorShape(),
    _ body: (FileStage, FileStage.Log) async throws -> Void
  ) async throws {
    let path = path
    let losses = losses
    let stage = try await FileStage.open(
      shape,
      in: FileDevice(path: path),
      limits: .small(segmentBytes: 16 << 10),
      using: &random,
      makeDevice: { FileDevice(path: "\(path)/unit-\($0.number)") },
      onEvent: { event in
        if case .lost(let node) = event { losses.nodes.withLock { $0.append(node) } }
        if case .outdated(let node) = event { losses.outdated.withLock { $0.append(node) } }
      }
    )
    let log = stage.client(using: &random)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await stage.run() }
      do {
        try await body(stage, log)
      } catch {
        try await stage.close()
        throw error
      }
      try await stage.close()
    }
  }
}
