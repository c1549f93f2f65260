import CorfuGlobalLog
import CorfuStripeMirror
import Synchronization

/// What is wrong with a node's disk at the moment; outlives the node's processes.
final class Breakage: Sendable {
  enum Ill: Equatable, Sendable {
    /// Nothing.
    case none
    /// Writes and syncs fail.
    case failing
    /// No file can be made, or grow.
    case full
    /// Every sync takes so much longer.
    case slow(Duration)
  }

  private let state = Mutex(Ill.none)

  var ill: Ill {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }

  /// Before anything is changed on the disk.
  func beforeWrite() throws(DeviceError) {
    if ill == .failing { throw .failed("input/output error (as 'disk fail' asked for)") }
  }

  /// Before a file is made, or grows.
  func beforeGrowth() throws(DeviceError) {
    try beforeWrite()
    if ill == .full { throw .outOfSpace }
  }
}

/// What is wrong with each node's disk.
final class Breakages: Sendable {
  private let all = Mutex<[NodeID: Breakage]>([:])

  func of(_ node: NodeID) -> Breakage {
    all.withLock { all in
      if let known = all[node] { return known }
      let breakage = Breakage()
      all[node] = breakage
      return breakage
    }
  }
}

/// A device whose disk people may break, and mend: the errors are made on the way to it, so no
/// file is harmed.
struct BreakableDevice<Base: Device, Time: Clock<Duration>>: Device {
  let base: Base
  let breakage: Breakage
  let clock: Time

  var name: String { base.name }
  var syncExecutor: (any TaskExecutor)? { base.syncExecutor }

  func lock() throws(DeviceError) { try base.lock() }
  func unlock() { base.unlock() }
  func list() throws(DeviceError) -> [String] { try base.list() }

  func create(_ name: String, count: Int) throws(DeviceError) -> BreakableFile<Base.File, Time> {
    try breakage.beforeGrowth()
    return BreakableFile(base: try base.create(name, count: count), of: self)
  }

  func open(_ name: String) throws(DeviceError) -> BreakableFile<Base.File, Time> {
    BreakableFile(base: try base.open(name), of: self)
  }

  func rename(_ name: String, to other: String) throws(DeviceError) {
    try breakage.beforeWrite()
    try base.rename(name, to: other)
  }

  func remove(_ name: String) throws(DeviceError) {
    try breakage.beforeWrite()
    try base.remove(name)
  }

  func syncFolder() async throws(DeviceError) {
    try await beforeSync()
    try await base.syncFolder()
  }

  /// Before a sync of the folder or of a file.
  func beforeSync() async throws(DeviceError) {
    try breakage.beforeWrite()
    guard case .slow(let pause) = breakage.ill else { return }
    do {
      try await clock.sleep(for: pause)
    } catch {
      return  // Cancelled: the sync itself is what counts.
    }
  }
}

/// A file of a ``BreakableDevice``.
final class BreakableFile<Base: DeviceFile, Time: Clock<Duration>>: DeviceFile {
  private let base: Base
  private let breakage: Breakage
  private let beforeSync: @Sendable () async throws(DeviceError) -> Void

  init<Storage: Device>(base: Base, of device: BreakableDevice<Storage, Time>) {
    self.base = base
    breakage = device.breakage
    beforeSync = { () throws(DeviceError) in try await device.beforeSync() }
  }

  func size() throws(DeviceError) -> Int { try base.size() }

  func write(_ bytes: RawSpan, at offset: Int) throws(DeviceError) {
    try breakage.beforeWrite()
    if breakage.ill == .full, offset + bytes.byteCount > (try base.size()) { throw .outOfSpace }
    try base.write(bytes, at: offset)
  }

  func read(at offset: Int, count: Int) throws(DeviceError) -> [UInt8] {
    try base.read(at: offset, count: count)
  }

  func sync() async throws(DeviceError) {
    try await beforeSync()
    try await base.sync()
  }

  func truncate(to count: Int) throws(DeviceError) {
    try breakage.beforeWrite()
    try base.truncate(to: count)
  }
}
