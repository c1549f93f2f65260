public import CorfuGlobalLog
public import CorfuStripeMirror
internal import CorfuWriteOnce

/// A node's folder, looked at from outside.
public enum NodeFolder {
  /// The files that the folder of a node has, and that of a unit without one has not.
  public static let fileNames = ["epoch", "acceptor"]

  /// The newest layout that the node had heard of; `nil` if there is none that can be read.
  public static func newestLayout(in device: some Device) throws(DeviceError) -> Layout? {
    try FolderReset.isUnfinished(in: device) ? nil : EpochFile.layout(in: device)
  }

  /// The last opening that the node's disk has written down; `nil` if there is none.
  package static func opening(in device: some Device) throws(DeviceError) -> DiskOpening? {
    try FolderReset.isUnfinished(in: device) ? nil : OpeningFile.opening(in: device)
  }
}
