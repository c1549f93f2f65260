import CorfuGlobalLog
import CorfuStripeMirror
import Synchronization

/// The disks of a log over many units: one for each, and one for the folder above.
final class MirrorDisks: Sendable {
  private struct State: Sendable {
    var folder: SimulatedDevice
    var devices: [NodeID: SimulatedDevice]
    /// Disks that were put in the place of lost ones.
    var replaced = 0
    /// What went wrong on disks that are gone.
    var counts: [DiskFault: Int] = [:]
    var chains: [[NodeID]] = []
  }

  private let world: World
  private let faults: Mutex<DiskFaults>
  private let state: Mutex<State>

  init(of count: Int, faults: DiskFaults, in world: World) {
    self.world = world
    self.faults = Mutex(faults)
    var devices: [NodeID: SimulatedDevice] = [:]
    for number in 1...UInt32(count) {
      devices[NodeID(number)] = SimulatedDevice(world: world, name: "n\(number)", faults: faults)
    }
    state = Mutex(State(folder: SimulatedDevice(world: world, name: "folder"), devices: devices))
  }

  /// The folder above the units'.
  var folder: SimulatedDevice { state.withLock { $0.folder } }

  /// The chains of the newest layout that was seen.
  var chains: [[NodeID]] {
    get { state.withLock { $0.chains } }
    set { state.withLock { $0.chains = newValue } }
  }

  private var faultsNow: DiskFaults { faults.withLock { $0 } }

  /// A process over the folder above, in place of the one before.
  func startAll() {
    state.withLock { state in
      if state.folder.isAlive { state.folder.kill() }
      state.folder = state.folder.restart()
    }
  }

  /// A process over a unit's disk, in place of the one before.
  func start(_ node: NodeID) -> SimulatedDevice {
    let known = state.withLock { $0.devices[node] }
    let device = known ?? SimulatedDevice(world: world, name: "\(node)", faults: faultsNow)
    if device.isAlive { device.kill() }
    let next = device.restart()
    state.withLock { $0.devices[node] = next }
    return next
  }

  /// Ends all processes, or the power of all disks, in the same moment.
  ///
  /// - Returns: Whether any was alive.
  @discardableResult
  func endAll(byPowerCut: Bool) -> Bool {
    let (folder, devices) = state.withLock { ($0.folder, $0.devices) }
    var isAny = false
    for device in [folder] + devices.sorted(by: { $0.key < $1.key }).map(\.value)
    where device.isAlive {
      if byPowerCut { device.powerCut() } else { device.kill() }
      isAny = true
    }
    return isAny
  }

  /// How often some faults struck, on all disks there ever were.
  func count(of faults: [DiskFault]) -> Int {
    state.withLock { state in
      faults.reduce(0) { sum, fault in
        sum + state.counts[fault, default: 0]
          + state.devices.values.reduce(0) { $0 + $1.counts[fault] }
      }
    }
  }

  /// Puts an empty disk in the place of a unit's.
  func replace(_ node: NodeID) {
    let number = state.withLock { state in
      state.replaced += 1
      return state.replaced
    }
    let device = SimulatedDevice(world: world, name: "\(node)-\(number)", faults: faultsNow)
    state.withLock { state in
      for fault in DiskFault.allCases {
        state.counts[fault, default: 0] += state.devices[node]?.counts[fault] ?? 0
      }
      state.devices[node] = device
    }
  }

  /// No disk fails any more; those that did get their power back.
  func heal() {
    faults.withLock { $0 = .none }
    let devices = state.withLock { $0.devices }
    for (node, device) in devices.sorted(by: { $0.key < $1.key }) {
      let process = device.isAlive ? device : device.restart()
      process.powerCut()
      process.faults = .none
      state.withLock { $0.devices[node] = process }
    }
  }
}
