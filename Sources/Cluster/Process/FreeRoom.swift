internal import CorfuGlobalLog
internal import CorfuProtocol
internal import Synchronization

/// How many bytes a node's file system has left, as of the last look: a unit itself knows of its
/// disk only whether there was room when it needed some.
final class FreeRoom: Sendable {
  private let folder: FileDevice
  /// Below so many bytes somebody should know.
  private let bytesMin: Int
  private let last = Mutex<Int?>(nil)

  /// Of how many segments there should be room.
  static var segmentsMin: Int { 8 }

  /// Nobody has looked yet.
  init(of folder: String, segmentBytes: Int) {
    self.folder = FileDevice(path: folder)
    bytesMin = segmentBytes * Self.segmentsMin
  }

  /// How many bytes were left; `nil` where the system does not tell.
  var bytes: Int? { last.withLock { $0 } }

  /// Looks how many bytes are left.
  func look() {
    let bytes = folder.freeBytes
    last.withLock { $0 = bytes }
  }

  /// What is to be said, given what the unit says.
  func refined(_ room: DiskRoom) -> DiskRoom {
    guard room == .enough, let bytes, bytes < bytesMin else { return room }
    return .short(bytes: bytes)
  }
}
