public import CorfuGlobalLog

/// A process's view of a simulated disk that loses, tears, rots, fills up and stops.
///
/// Writes and reads take no virtual time; a sync takes what the disk's ``DiskTiming`` says, and
/// makes durable what had been written when it was *called*. A power cut ends the device for good;
/// `restart` gives a new one over what is left of the disk.
///
/// A failed sync of the folder is a file system that could not write its journal: from then on
/// every call that changes something, of any process, fails with "read-only file system", while
/// reading goes on. Only a power cut ends that. Names that were not synced may be lost for good.
///
/// ```swift
/// let device = SimulatedDevice(world: world)
/// let file = try device.create("data", count: 4096)
/// try await file.sync()
/// try await device.syncFolder()
/// device.powerCut()
/// let after = device.restart()
/// ```
public final class SimulatedDevice: Device {
  /// What an injected fault does to the call it hits.
  public enum Effect: Equatable, Sendable {
    /// The call fails. A failed sync leaves its data clean and perhaps lost; one of the folder
    /// leaves the file system read-only besides.
    case error(DeviceError)
    /// The power goes before the call has any effect.
    case powerCut
    /// The process dies before the call has any effect.
    case kill
  }

  let disk: Disk
  private let process: Int

  /// The folder's name.
  public var name: String { disk.name }

  /// A new disk, with a first process that uses it.
  ///
  /// - Parameters:
  ///   - world: Whose time and chance it lives by.
  ///   - name: The folder's name, for messages and the world's events.
  ///   - capacityBytes: The room for files; `nil` for any amount.
  ///   - timing: How long syncs take.
  ///   - faults: How often what goes wrong by itself.
  ///   - image: The files that are there already, all durable.
  public init(
    world: World,
    name: String = "disk",
    capacityBytes: Int? = nil,
    timing: DiskTiming = DiskTiming(),
    faults: DiskFaults = .none,
    image: DiskImage = DiskImage()
  ) {
    let state = DiskState(
      name: name,
      world: world,
      capacityBytes: capacityBytes,
      timing: timing,
      faults: faults,
      image: image
    )
    disk = Disk(name: name, world: world, state: state)
    process = disk.access { state in state.startProcess() }
  }

  private init(_ disk: Disk) {
    self.disk = disk
    process = disk.access { state in state.startProcess() }
  }

  // MARK: - The device

  /// Takes the folder for this process alone.
  public func lock() throws(DeviceError) {
    try disk.access { (state) throws(DeviceError) in
      guard state.liveProcesses.contains(process) else { throw .powerOff }
      guard state.lockHolder == nil else { throw .inUse(name) }
      state.lockHolder = process
    }
  }

  /// Gives the folder back, if this process has it.
  public func unlock() {
    disk.access { state in
      if state.lockHolder == process { state.lockHolder = nil }
    }
  }

  /// The names that processes see, sorted.
  public func list() throws(DeviceError) -> [String] {
    try disk.access { (state) throws(DeviceError) in
      if let error = state.begin(.list, process, on: "the folder") { throw error }
      return state.directory.names.keys.sorted()
    }
  }

  /// Creates a file of zeros; neither its name nor its size is durable yet.
  public func create(_ name: String, count: Int) throws(DeviceError) -> SimulatedFile {
    let handle = try disk.access { (state) throws(DeviceError) in
      try state.create(name, count: count, process)
    }
    return SimulatedFile(name: name, disk: disk, process: process, handle: handle)
  }

  /// Opens a file.
  public func open(_ name: String) throws(DeviceError) -> SimulatedFile {
    let handle = try disk.access { (state) throws(DeviceError) in try state.open(name, process) }
    return SimulatedFile(name: name, disk: disk, process: process, handle: handle)
  }

  /// Renames a file; durable after `syncFolder`.
  public func rename(_ name: String, to other: String) throws(DeviceError) {
    try disk.access { (state) throws(DeviceError) in try state.rename(name, to: other, process) }
  }

  /// Removes a name; durable after `syncFolder`.
  public func remove(_ name: String) throws(DeviceError) {
    try disk.access { (state) throws(DeviceError) in try state.remove(name, process) }
  }

  /// Makes durable what was done to names before the call, after some virtual time.
  public func syncFolder() async throws(DeviceError) {
    try await disk.sync(.folder, of: process)
  }

  // MARK: - Life and death

  /// Whether the device works: its power is on and its process lives.
  public var isAlive: Bool {
    disk.access { state in state.liveProcesses.contains(process) }
  }

  /// Cuts the disk's power: every process on it ends, and what was not synced meets its fate.
  ///
  /// Names not synced are kept as a prefix of what was done to the folder, unless
  /// ``DiskFaults/namesMayReorder``.
  public func powerCut(_ fate: UnsyncedFate = .drawn) {
    disk.access { state in state.powerCut(fate) }
  }

  /// Ends this process as `kill -9` does: what it wrote is still there, and still not durable.
  public func kill() {
    disk.access { state in state.kill(process) }
  }

  /// Ends this process of its own accord, which is no fault.
  public func exit() {
    disk.access { state in state.end(process) }
  }

  /// A new process over what is on the disk; this device must be dead, and stays so.
  public func restart() -> SimulatedDevice {
    precondition(!isAlive, "a device restarts after `powerCut` or `kill`; see `secondProcess`")
    return SimulatedDevice(disk)
  }

  /// Another process that uses the same folder at the same time.
  public func secondProcess() -> SimulatedDevice {
    SimulatedDevice(disk)
  }
}
