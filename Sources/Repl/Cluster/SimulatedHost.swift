import CorfuGlobalLog
import CorfuSimulation
import CorfuStripeMirror
import Synchronization

/// A cluster in a simulated world: one thread, virtual time, and chance from one seed.
final class SimulatedHost: ClusterHost {
  private let world: World
  private let devices = Mutex<[NodeID: SimulatedDevice]>([:])

  /// Whether there is always something to do, so that time must be stopped after each command.
  private let isRestless: Bool

  init(seed: UInt64, isRestless: Bool = false) {
    world = World(seed: seed)
    self.isRestless = isRestless
  }

  var clock: SimulatedClock { world.clock }
  var place: String { "memory, on simulated disks" }
  var date: String? { nil }
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

  // Nodes are counted from 1.
  func folderDevice() -> SimulatedDevice { device(of: NodeID(0)) }

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
      return try world.run(untilQuiet: !isRestless, body)
    } catch {
      throw .refused("the simulation stopped: \(error.reason)")
    }
  }

  func begin(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    Task(executorPreference: world) { await body() }
  }

  func makeThread() -> ThreadExecutor? { nil }
}
