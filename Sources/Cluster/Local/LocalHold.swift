internal import CorfuGlobalLog
internal import Foundation

/// A local cluster's folder while one program makes and starts nodes there: two at once would give
/// one number to two nodes, and start a node twice.
public struct LocalHold: Sendable {
  private let device: FileDevice

  init(on folder: String) throws(LocalClusterError) {
    let device = FileDevice(path: folder)
    let file = URL(fileURLWithPath: "\(folder)/lock")
    do throws(DeviceError) {
      try device.lock()
    } catch .inUse {
      // Whoever has just begun has not written who it is.
      let text = try? String(contentsOf: file, encoding: .utf8)
      let holder = text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      throw .inUse(folder, holder)
    } catch {
      throw .folder(folder, Self.words(of: error, on: folder))
    }
    self.device = device
    do {
      let handle = try FileHandle(forWritingTo: file)
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: Data("\(getpid())\n".utf8))
      try handle.close()
    } catch {
      device.unlock()
      throw .folder(folder, error.localizedDescription)
    }
  }

  /// Lets others do it.
  public func end() { device.unlock() }

  /// What is wrong, without the folder, which is said before it.
  private static func words(of error: DeviceError, on folder: String) -> String {
    let words = "\(error)"
    let prefix = "\(folder): "
    return words.hasPrefix(prefix) ? String(words.dropFirst(prefix.count)) : words
  }
}
