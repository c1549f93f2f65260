import CorfuGlobalLog
import CorfuSimulation
import CorfuStripeMirror
import Synchronization

/// Where a cluster at the prompt lives: on real files and in real time, or in a simulated world.
protocol ClusterHost: Sendable {
  /// What a node's folder is to a process.
  associatedtype Storage: Device
  /// What waits are measured by.
  associatedtype Time: Clock<Duration>

  /// What waits are measured by.
  var clock: Time { get }
  /// Where the cluster is, for messages.
  var place: String { get }
  /// Whether it ends with the session.
  var isSimulated: Bool { get }

  /// A new process's view of a node's folder; what a process before it held is given up.
  func device(of node: NodeID) -> Storage
  /// A look at a node's folder, whoever has it.
  func view(of node: NodeID) -> Storage
  /// Cuts the power of every disk, and tells how many unsynced sectors that cost; `nil` if the
  /// disks are real.
  func powerCut() -> Int?
  /// A seed for a generator.
  func draw() -> UInt64

  /// Lets time pass until a piece of work is done.
  func run<Value: Sendable>(
    _ body: @escaping @Sendable () async -> Value
  ) async throws(ReplError) -> Value
  /// Starts work that goes on beyond a command; called inside ``run(_:)``.
  func begin(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never>
  /// A thread for a node's disk, if syncs block.
  func makeThread() -> ThreadExecutor?
}

/// A cluster on real files: a folder per node below one.
struct FileHost: ClusterHost {
  let folder: String
  let clock: ContinuousClock

  var place: String { "the folder \(folder)" }
  var isSimulated: Bool { false }

  func device(of node: NodeID) -> FileDevice { FileDevice(path: "\(folder)/\(node)") }
  func view(of node: NodeID) -> FileDevice { device(of: node) }
  func powerCut() -> Int? { nil }

  func draw() -> UInt64 {
    var random = SystemRandomNumberGenerator()
    return random.next()
  }

  func run<Value: Sendable>(
    _ body: @escaping @Sendable () async -> Value
  ) async throws(ReplError) -> Value {
    await body()
  }

  func begin(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    Task { await body() }
  }

  func makeThread() -> ThreadExecutor? {
    // Without a thread of its own a unit shares the others', and is slower.
    try? ThreadExecutor()
  }
}

/// A cluster in a simulated world: one thread, virtual time, and chance from one seed.
final class SimulatedHost: ClusterHost {
  private let world: World
  private let devices = Mutex<[NodeID: SimulatedDevice]>([:])

  init(seed: UInt64) {
    world = World(seed: seed)
  }

  var clock: SimulatedClock { world.clock }
  var place: String { "memory, on simulated disks" }
  var isSimulated: Bool { true }

  func device(of node: NodeID) -> SimulatedDevice {
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

  func view(of node: NodeID) -> SimulatedDevice {
    devices.withLock { $0[node]?.secondProcess() } ?? device(of: node)
  }

  func powerCut() -> Int? {
    devices.withLock { devices in
      var lost = 0
      for (_, device) in devices.sorted(by: { $0.key < $1.key }) {
        let before = device.counts[.lostSector]
        if device.isAlive { device.powerCut() }
        lost += device.counts[.lostSector] - before
      }
      return lost
    }
  }

  func draw() -> UInt64 {
    var random = world.random.split()
    return random.next()
  }

  func run<Value: Sendable>(
    _ body: @escaping @Sendable () async -> Value
  ) async throws(ReplError) -> Value {
    do {
      return try world.run(body)
    } catch {
      throw .refused("the simulation stopped: \(error.reason)")
    }
  }

  func begin(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    Task(executorPreference: world) { await body() }
  }

  func makeThread() -> ThreadExecutor? { nil }
}
