@testable import CorfuGlobalLog
import Synchronization

/// A folder that remembers every state it was ever in: after each write, renaming and so on.
final class HistoryDevice: Device {
  typealias Folder = [String: [UInt8]]

  final class File: DeviceFile {
    private let device: HistoryDevice
    /// A file keeps its bytes when its name changes or goes.
    private let content: Mutex<(name: String, bytes: [UInt8])>

    fileprivate init(_ device: HistoryDevice, _ name: String, _ bytes: [UInt8]) {
      self.device = device
      content = Mutex((name, bytes))
    }

    func size() -> Int { content.withLock { $0.bytes.count } }

    func write(_ span: RawSpan, at offset: Int) {
      let copy = span.withUnsafeBytes { [UInt8]($0) }
      change { bytes in
        bytes += [UInt8](repeating: 0, count: max(0, offset + copy.count - bytes.count))
        bytes.replaceSubrange(offset..<offset + copy.count, with: copy)
      }
    }

    func read(at offset: Int, count: Int) -> [UInt8] {
      content.withLock { Array($0.bytes.dropFirst(offset).prefix(count)) }
    }

    func sync() async {}

    func truncate(to count: Int) { change { $0.removeLast(max(0, $0.count - count)) } }

    fileprivate func move(to name: String) { content.withLock { $0.name = name } }

    private func change(_ body: (inout [UInt8]) -> Void) {
      let (name, bytes) = content.withLock { content in
        body(&content.bytes)
        return (content.name, content.bytes)
      }
      device.note { if $0[name] != nil { $0[name] = bytes } }
    }
  }

  let name = "history"
  private let files = Mutex<[String: File]>([:])
  private let states = Mutex<[Folder]>([[:]])

  /// Every state, the oldest first.
  var history: [Folder] { states.withLock { $0 } }

  func lock() {}
  func unlock() {}
  func list() -> [String] { files.withLock { $0.keys.sorted() } }

  func create(_ name: String, count: Int) throws(DeviceError) -> File {
    let file = File(self, name, [UInt8](repeating: 0, count: count))
    let isNew = files.withLock { files in
      guard files[name] == nil else { return false }
      files[name] = file
      return true
    }
    guard isNew else { throw .exists(name) }
    note { $0[name] = file.read(at: 0, count: count) }
    return file
  }

  func open(_ name: String) throws(DeviceError) -> File {
    guard let file = files.withLock({ $0[name] }) else { throw .notFound(name) }
    return file
  }

  func rename(_ name: String, to other: String) throws(DeviceError) {
    let file = try open(name)
    file.move(to: other)
    files.withLock { files in
      files[name] = nil
      files[other] = file
    }
    note { $0[other] = $0.removeValue(forKey: name) }
  }

  func remove(_ name: String) throws(DeviceError) {
    guard files.withLock({ $0.removeValue(forKey: name) }) != nil else { throw .notFound(name) }
    note { $0[name] = nil }
  }

  func syncFolder() async {}

  private func note(_ change: (inout Folder) -> Void) {
    states.withLock { states in
      guard var folder = states.last else { return }
      change(&folder)
      states.append(folder)
    }
  }
}

/// What somebody sees who looks at a folder while its states pass by.
///
/// A read of many bytes is no single moment: it goes sector by sector, and time goes on.
final class PassingDevice: Device {
  final class File: DeviceFile {
    private let device: PassingDevice
    private let name: String
    private let last: Mutex<[UInt8]>

    fileprivate init(_ device: PassingDevice, _ name: String, _ bytes: [UInt8]) {
      self.device = device
      self.name = name
      last = Mutex(bytes)
    }

    func size() -> Int { now().count }

    func read(at offset: Int, count: Int) -> [UInt8] {
      var bytes: [UInt8] = []
      while bytes.count < count {
        let piece = now().dropFirst(offset + bytes.count).prefix(min(512, count - bytes.count))
        if piece.isEmpty { break }
        bytes += piece
      }
      device.read.withLock { $0 += bytes.count }
      return bytes
    }

    func write(_ bytes: RawSpan, at offset: Int) { preconditionFailure("it only looks on") }
    func sync() async { preconditionFailure("it only looks on") }
    func truncate(to count: Int) { preconditionFailure("it only looks on") }

    /// The bytes at this moment; the last ones, if the name is gone.
    private func now() -> [UInt8] {
      let folder = device.pass()
      return last.withLock { last in
        if let bytes = folder[name] { last = bytes }
        return last
      }
    }
  }

  let name = "passing"
  private let history: [HistoryDevice.Folder]
  private let pace: Int
  private let calls: Mutex<Int>
  private let read = Mutex(0)

  /// The state that is there at this moment.
  var index: Int { min(calls.withLock { $0 } / pace, history.count - 1) }
  /// How many bytes were read so far.
  var bytesRead: Int { read.withLock { $0 } }

  /// A look that begins at a state, and has `pace` calls before the next.
  init(_ history: [HistoryDevice.Folder], from begin: Int, pace: Int) {
    self.history = history
    self.pace = pace
    calls = Mutex(begin * pace)
  }

  fileprivate func pass() -> HistoryDevice.Folder {
    let index = calls.withLock { calls in
      defer { calls += 1 }
      return calls / pace
    }
    return history[min(index, history.count - 1)]
  }

  func lock() { preconditionFailure("it only looks on") }
  func unlock() {}
  func list() -> [String] { pass().keys.sorted() }

  func open(_ name: String) throws(DeviceError) -> File {
    guard let bytes = pass()[name] else { throw .notFound(name) }
    return File(self, name, bytes)
  }

  func create(_ name: String, count: Int) throws(DeviceError) -> File { throw .stopped }
  func rename(_ name: String, to other: String) throws(DeviceError) { throw .stopped }
  func remove(_ name: String) throws(DeviceError) { throw .stopped }
  func syncFolder() async throws(DeviceError) { throw .stopped }
}
