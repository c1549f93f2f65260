internal import CorfuGlobalLog
internal import Metrics

/// A folder of real files that measures how long the disk takes to make them durable.
final class TimedDevice: Device {
  private let device: FileDevice
  private let timer: Metrics.Timer

  /// A folder, which need not exist yet.
  init(path: String, factory: any MetricsFactory = MetricsSystem.factory) {
    device = FileDevice(path: path)
    timer = Metrics.Timer(
      label: "corfu_unit_sync_seconds",
      dimensions: [],
      preferredDisplayUnit: .seconds,
      factory: factory
    )
  }

  var name: String { device.name }

  var syncExecutor: (any TaskExecutor)? { device.syncExecutor }

  func lock() throws(DeviceError) { try device.lock() }

  func unlock() { device.unlock() }

  func list() throws(DeviceError) -> [String] { try device.list() }

  func create(_ name: String, count: Int) throws(DeviceError) -> File {
    File(try device.create(name, count: count), timer)
  }

  func open(_ name: String) throws(DeviceError) -> File { File(try device.open(name), timer) }

  func rename(_ name: String, to other: String) throws(DeviceError) {
    try device.rename(name, to: other)
  }

  func remove(_ name: String) throws(DeviceError) { try device.remove(name) }

  func syncFolder() async throws(DeviceError) { try await device.syncFolder() }

  /// A file of the folder.
  final class File: DeviceFile {
    private let file: FileDevice.File
    private let timer: Metrics.Timer

    init(_ file: FileDevice.File, _ timer: Metrics.Timer) {
      self.file = file
      self.timer = timer
    }

    func size() throws(DeviceError) -> Int { try file.size() }

    func write(_ bytes: RawSpan, at offset: Int) throws(DeviceError) {
      try file.write(bytes, at: offset)
    }

    func read(at offset: Int, count: Int) throws(DeviceError) -> [UInt8] {
      try file.read(at: offset, count: count)
    }

    func sync() async throws(DeviceError) {
      let begin = ContinuousClock.now
      try await file.sync()
      timer.record(duration: ContinuousClock.now - begin)
    }

    func truncate(to count: Int) throws(DeviceError) { try file.truncate(to: count) }
  }
}
