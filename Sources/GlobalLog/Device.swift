/// A folder on some disk: the seam between the store and what keeps its bytes.
///
/// Three things implement it: ``FileDevice`` (real files), ``MemoryDevice`` (no files at all) and
/// the simulator's disk, which loses what was not synced. The store is written against the weakest
/// of them: a write is visible to reads at once, but survives a crash only after a `sync` of its
/// file that returned; a name survives only after `syncFolder`.
public protocol Device: Sendable {
  /// An open file.
  associatedtype File: DeviceFile

  /// The folder's name, for messages.
  var name: String { get }

  /// Makes the folder ready (creating it if need be) and takes it for this process alone.
  ///
  /// Throws ``DeviceError/inUse(_:)`` if another process has it, and
  /// ``DeviceError/notAFolder(_:)`` or ``DeviceError/noPermission(_:)`` as they say. The lock ends
  /// with ``unlock()`` or with the process.
  func lock() throws(DeviceError)

  /// Gives the folder back.
  func unlock()

  /// Where a sync should run that the store does not wait for idly; `nil` where any thread will do.
  var syncExecutor: (any TaskExecutor)? { get }

  /// The names of the files in the folder, sorted.
  func list() throws(DeviceError) -> [String]

  /// Creates a file of `count` bytes that read as zero, with the space reserved on the disk.
  ///
  /// Throws ``DeviceError/outOfSpace``, leaving no file behind, and ``DeviceError/exists(_:)``.
  func create(_ name: String, count: Int) throws(DeviceError) -> File

  /// Opens a file that exists.
  func open(_ name: String) throws(DeviceError) -> File

  /// Gives a file another name, replacing what had it.
  func rename(_ name: String, to other: String) throws(DeviceError)

  /// Removes a file's name. Who has it open may go on reading.
  func remove(_ name: String) throws(DeviceError)

  /// Makes names durable: of files created, renamed and removed, and of the folder itself.
  func syncFolder() async throws(DeviceError)
}

extension Device {
  /// Any thread will do.
  public var syncExecutor: (any TaskExecutor)? { nil }
}

/// An open file of a ``Device``.
///
/// Reads may run beside writes and syncs, from any thread.
public protocol DeviceFile: AnyObject, Sendable {
  /// The file's size in bytes.
  func size() throws(DeviceError) -> Int

  /// Writes bytes at an offset, growing the file if they reach beyond its end.
  func write(_ bytes: RawSpan, at offset: Int) throws(DeviceError)

  /// Reads up to `count` bytes at an offset: fewer at the end of the file, none beyond it.
  func read(at offset: Int, count: Int) throws(DeviceError) -> [UInt8]

  /// Makes all that was written durable. The time this takes is the price of an append.
  func sync() async throws(DeviceError)

  /// Cuts the file to `count` bytes.
  func truncate(to count: Int) throws(DeviceError)
}
