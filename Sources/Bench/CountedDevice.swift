internal import CorfuGlobalLog

/// A folder of real files that counts how often it makes anything durable.
final class CountedDevice: Device {
  private let device: FileDevice
  private let syncs: SharedCounter

  /// A folder, which need not exist yet.
  init(path: String, counting syncs: SharedCounter) {
    device = FileDevice(path: path)
    self.syncs = syncs
  }

  var name: String { device.name }

  var syncExecutor: (any TaskExecutor)? { device.syncExecutor }

  func lock() throws(DeviceError) { try device.lock() }

  func unlock() { device.unlock() }

  func list() throws(DeviceError) -> [String] { try device.list() }

  func create(_ name: String, count: Int) throws(DeviceError) -> File {
    File(try device.create(name, count: count), counting: syncs)
  }

  func open(_ name: String) throws(DeviceError) -> File {
    File(try device.open(name), counting: syncs)
  }

  func rename(_ name: String, to other: String) throws(DeviceError) {
    try device.rename(name, to: other)
  }

  func remove(_ name: String) throws(DeviceError) { try device.remove(name) }

  func syncFolder() async throws(DeviceError) {
    _ = syncs.next()
    try await device.syncFolder()
  }

  /// A file of the folder.
  final class File: DeviceFile {
    private let file: FileDevice.File
    private let syncs: SharedCounter

    init(_ file: FileDevice.File, counting syncs: SharedCounter) {
      self.file = file
      self.syncs = syncs
    }

    func size() throws(DeviceError) -> Int { try file.size() }

    func write(_ bytes: RawSpan, at offset: Int) throws(DeviceError) {
      try file.write(bytes, at: offset)
    }

    func read(at offset: Int, count: Int) throws(DeviceError) -> [UInt8] {
      try file.read(at: offset, count: count)
    }

    func sync() async throws(DeviceError) {
      _ = syncs.next()
      try await file.sync()
    }

    func truncate(to count: Int) throws(DeviceError) { try file.truncate(to: count) }
  }
}
