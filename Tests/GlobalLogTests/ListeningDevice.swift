import CorfuGlobalLog
import Synchronization

/// What was asked of a ``ListeningDevice``, a line each: `create 00000000.seg.tmp 16384`.
final class CallRecord: Sendable {
  private let calls = Mutex<[String]>([])
  var value: [String] { calls.withLock { $0 } }
  func append(_ call: String) { calls.withLock { $0.append(call) } }

  /// The calls since the last time somebody took them.
  func take() -> [String] {
    calls.withLock { calls in
      defer { calls = [] }
      return calls
    }
  }
}

/// Any device, with an ear on it; and with a hand in it: a write may be torn.
final class ListeningDevice<Base: Device>: Device {
  /// Says how many of a write's bytes get to the file before it fails; `nil` for all, and success.
  typealias Tear = @Sendable (_ file: String, _ count: Int) -> Int?

  let base: Base
  let calls = CallRecord()
  private let tear: Tear

  init(_ base: Base, tear: @escaping Tear = { _, _ in nil }) {
    self.base = base
    self.tear = tear
  }

  final class File: DeviceFile {
    private let base: Base.File
    private let name: String
    private let calls: CallRecord
    private let tear: Tear

    fileprivate init(_ base: Base.File, _ name: String, _ calls: CallRecord, _ tear: @escaping Tear)
    {
      self.base = base
      self.name = name
      self.calls = calls
      self.tear = tear
    }

    func size() throws(DeviceError) -> Int { try base.size() }

    func write(_ bytes: RawSpan, at offset: Int) throws(DeviceError) {
      calls.append("write \(name) \(offset)+\(bytes.byteCount)")
      guard let kept = tear(name, bytes.byteCount) else {
        return try base.write(bytes, at: offset)
      }
      try base.write(bytes.extracting(first: kept), at: offset)
      throw .failed("torn after \(kept) bytes")
    }

    func read(at offset: Int, count: Int) throws(DeviceError) -> [UInt8] {
      try base.read(at: offset, count: count)
    }

    func sync() async throws(DeviceError) {
      calls.append("sync \(name)")
      try await base.sync()
    }

    func truncate(to count: Int) throws(DeviceError) {
      calls.append("truncate \(name) \(count)")
      try base.truncate(to: count)
    }
  }

  var name: String { base.name }
  func lock() throws(DeviceError) { try base.lock() }
  func unlock() { base.unlock() }
  func list() throws(DeviceError) -> [String] { try base.list() }

  func create(_ name: String, count: Int) throws(DeviceError) -> File {
    calls.append("create \(name) \(count)")
    return File(try base.create(name, count: count), name, calls, tear)
  }

  func open(_ name: String) throws(DeviceError) -> File {
    calls.append("open \(name)")
    return File(try base.open(name), name, calls, tear)
  }

  func rename(_ name: String, to other: String) throws(DeviceError) {
    calls.append("rename \(name) \(other)")
    try base.rename(name, to: other)
  }

  func remove(_ name: String) throws(DeviceError) {
    calls.append("remove \(name)")
    try base.remove(name)
  }

  func syncFolder() async throws(DeviceError) {
    calls.append("syncFolder")
    try await base.syncFolder()
  }
}
