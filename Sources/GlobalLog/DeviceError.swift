/// What a disk can answer instead of doing as it was told.
///
/// After any failed write or sync nothing is known about what
/// reached the disk: the owner stops (D1).
public enum DeviceError: Error, Hashable, Sendable {
  /// A call failed. The text says which call, on which file, and the system's reason.
  case failed(String)
  /// The disk is full.
  case outOfSpace
  /// There is no such file or folder.
  case notFound(String)
  /// There is such a file already.
  case exists(String)
  /// We may not read or write there.
  case noPermission(String)
  /// Something that should be a folder is none.
  case notAFolder(String)
  /// Another process has the folder open.
  case inUse(String)
  /// Whoever drives the disk was stopped.
  case stopped
  /// The power is off (simulated disks only): whoever holds the device is as good as dead.
  case powerOff
}

extension DeviceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .failed(let reason): reason
    case .outOfSpace: "no space left on the disk"
    case .notFound(let name): "\(name): no such file or folder"
    case .exists(let name): "\(name): exists already"
    case .noPermission(let name): "\(name): permission denied"
    case .notAFolder(let name): "\(name): not a folder"
    case .inUse(let name): "\(name): another process has this log open"
    case .stopped: "it was stopped"
    case .powerOff: "the power is off"
    }
  }
}
