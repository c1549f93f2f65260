import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror
import Synchronization

typealias TestStage = Stage4<SimulatedDevice, ReferenceCopyParts>

/// Disks in a world, and stage 4 over them as often as it is opened.
final class Stage4World: Sendable {
  let world: World
  let shape: MirrorShape
  private let devices = Mutex<[NodeID: SimulatedDevice]>([:])

  init(_ world: World, shape: MirrorShape = MirrorShape()) {
    self.world = world
    self.shape = shape
  }

  /// A new process over a unit's disk; 0 is the folder above.
  func device(_ node: NodeID) -> SimulatedDevice {
    devices.withLock { devices in
      let next: SimulatedDevice
      if let last = devices[node] {
        if last.isAlive { last.kill() }
        next = last.restart()
      } else {
        next = SimulatedDevice(world: world, name: "\(node)")
      }
      devices[node] = next
      return next
    }
  }

  /// The process that is over a unit's disk now.
  func current(_ node: NodeID) -> SimulatedDevice? { devices.withLock { $0[node] } }

  /// Puts an empty disk in the place of a unit's.
  func lose(_ node: NodeID) {
    devices.withLock { $0[node] = SimulatedDevice(world: world, name: "\(node), new") }
  }

  /// Opens the log for a body, and closes it.
  func withStage(
    _ body: @escaping @Sendable (TestStage, TestStage.Mirrors.Log) async throws -> Void
  ) async throws {
    var random = world.random.split()
    var upkeep = UpkeepSettings(clock: world.clock)
    upkeep.compaction.stepBytesMax = 2000
    let stage = try await TestStage.open(
      shape,
      in: device(NodeID(0)),
      limits: .small(segmentBytes: 8 << 10),
      upkeep: upkeep,
      using: &random,
      makeDevice: { self.device($0) }
    )
    let log = stage.client(using: &random)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await stage.run() }
      do {
        try await body(stage, log)
      } catch {
        try? await stage.close()  // The first error counts.
        throw error
      }
      try await stage.close()
    }
  }
}

extension TestStage {
  /// Whether two units hold the same at every position.
  func isEqual(_ one: UInt32, _ other: UInt32) throws -> Bool {
    guard let one = mirrors.unit(NodeID(one)), let other = mirrors.unit(NodeID(other)) else {
      return false
    }
    let range = Position.zero..<mirrors.tail.advanced(by: 2)
    return try one.store.reader.read(range) == other.store.reader.read(range)
      && one.store.reader.trims(in: range) == other.store.reader.trims(in: range)
  }

  /// What all units take.
  func space() async -> (disk: Int, live: Int) {
    var sum = (disk: 0, live: 0)
    for unit in mirrors.units {
      guard let space = await space(of: unit.name.node) else { continue }
      sum.disk += space.diskBytes
      sum.live += space.liveBytes
    }
    return sum
  }

  func space(of node: NodeID) async -> StoreSpace? { await mirrors.space(of: node) }
}

/// Appends entries of a set size, each of which tells its number.
func append(_ numbers: Range<Int>, to log: some SharedLog) async throws {
  for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 16) {
    let run = start..<min(start + 16, numbers.upperBound)
    _ = try await log.append(batch: run.map { payload($0) })
  }
}

func payload(_ number: Int) -> [UInt8] { entry(number, bytes: 200).payload }

extension Slot {
  /// The bytes of an entry.
  var bytes: [UInt8]? {
    if case .data(let entry) = self { entry.payload } else { nil }
  }
}
