import Synchronization

/// A device without a disk: for examples, `corfu repl --memory` and quick tests.
///
/// It never fails and syncs at once; what it holds ends with the process.
public final class MemoryDevice: Device {
  /// A file in memory.
  public final class File: DeviceFile {
    private let bytes: Mutex<[UInt8]>

    fileprivate init(count: Int) {
      bytes = Mutex([UInt8](repeating: 0, count: count))
    }

    public func size() -> Int {
      bytes.withLock { $0.count }
    }

    public func write(_ span: RawSpan, at offset: Int) {
      // A span cannot enter the closure, so its bytes are copied before the lock is taken.
      let copy = span.withUnsafeBytes { [UInt8]($0) }
      bytes.withLock { bytes in
        let end = offset + copy.count
        if end > bytes.count {
          bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
        }
        bytes.replaceSubrange(offset..<end, with: copy)
      }
    }

    public func read(at offset: Int, count: Int) -> [UInt8] {
      bytes.withLock { bytes in
        let begin = min(offset, bytes.count)
        return Array(bytes[begin..<min(begin + count, bytes.count)])
      }
    }

    public func sync() async {}

    public func truncate(to count: Int) {
      bytes.withLock { $0.removeLast(max(0, $0.count - count)) }
    }
  }

  public let name: String
  private let files = Mutex<[String: File]>([:])
  private let locked = Mutex(false)

  /// An empty device.
  public init(name: String = "memory") {
    self.name = name
  }

  public func lock() throws(DeviceError) {
    let free = locked.withLock { locked in
      defer { locked = true }
      return !locked
    }
    if !free { throw .inUse(name) }
  }

  public func unlock() {
    locked.withLock { $0 = false }
  }

  public func list() -> [String] {
    files.withLock { $0.keys.sorted() }
  }

  public func create(_ name: String, count: Int) throws(DeviceError) -> File {
    let file = File(count: count)
    let isNew = files.withLock { files in
      guard files[name] == nil else { return false }
      files[name] = file
      return true
    }
    guard isNew else { throw .exists(name) }
    return file
  }

  public func open(_ name: String) throws(DeviceError) -> File {
    guard let file = files.withLock({ $0[name] }) else { throw .notFound(name) }
    return file
  }

  public func rename(_ name: String, to other: String) throws(DeviceError) {
    let found = files.withLock { files in
      guard let file = files.removeValue(forKey: name) else { return false }
      files[other] = file
      return true
    }
    guard found else { throw .notFound(name) }
  }

  public func remove(_ name: String) throws(DeviceError) {
    guard files.withLock({ $0.removeValue(forKey: name) }) != nil else { throw .notFound(name) }
  }

  public func syncFolder() async {}
}
