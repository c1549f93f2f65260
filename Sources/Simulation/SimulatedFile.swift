public import CorfuGlobalLog

extension SimulatedDevice {
  /// A simulated file.
  public typealias File = SimulatedFile
}

/// An open file of a ``SimulatedDevice``.
public final class SimulatedFile: DeviceFile {
  private let name: String
  private let disk: Disk
  private let process: Int
  private let handle: DiskState.Handle

  init(name: String, disk: Disk, process: Int, handle: DiskState.Handle) {
    self.name = name
    self.disk = disk
    self.process = process
    self.handle = handle
  }

  deinit {
    disk.access { state in state.close(handle) }
  }

  /// The size that processes see, in bytes.
  public func size() throws(DeviceError) -> Int {
    try disk.access { (state) throws(DeviceError) in
      guard state.liveProcesses.contains(process) else { throw .powerOff }
      return state.inodes[handle.inode]?.cached.count ?? 0
    }
  }

  /// Writes into the page cache, growing the file if need be.
  public func write(_ bytes: RawSpan, at offset: Int) throws(DeviceError) {
    try bytes.withUnsafeBytes { (bytes) throws(DeviceError) in
      try disk.access { (state) throws(DeviceError) in
        try state.write(bytes, at: offset, to: handle.inode, name, process)
      }
    }
  }

  /// Reads what processes see, durable or not.
  public func read(at offset: Int, count: Int) throws(DeviceError) -> [UInt8] {
    try disk.access { (state) throws(DeviceError) in
      try state.read(at: offset, count: count, from: handle.inode, name, process)
    }
  }

  /// Makes durable what was written before the call, after some virtual time.
  public func sync() async throws(DeviceError) {
    try await disk.sync(.file(handle, name: name), of: process)
  }

  /// Cuts the file to `count` bytes; durable after a sync.
  public func truncate(to count: Int) throws(DeviceError) {
    try disk.access { (state) throws(DeviceError) in
      try state.truncate(handle.inode, to: count, name, process)
    }
  }
}
