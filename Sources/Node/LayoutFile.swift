public import CorfuGlobalLog
public import CorfuStripeMirror
internal import Synchronization

// The file `layout` of a node's folder: the bytes of the newest layout that the node has heard of,
// then the CRC-32C of them. A hint, and worth having: the units' gates say what is in force (R30).

/// Where a node keeps the newest layout that it has heard of.
final class LayoutFile<Storage: Device>: Sendable {
  private static var fileName: String { "layout" }

  private let device: Storage
  private let newest = Mutex(Epoch.zero)

  init(in device: Storage) {
    self.device = device
  }

  /// The epoch of the newest layout that the file is known to have.
  var kept: Epoch { newest.withLock { $0 } }

  /// The layout; `nil` if there is none, or none that can be read.
  func read() throws(DeviceError) -> Layout? {
    guard try device.list().contains(Self.fileName) else { return nil }
    let file = try device.open(Self.fileName)
    let bytes = try file.read(at: 0, count: try file.size())
    guard bytes.count >= 4 else { return nil }
    let end = bytes.count - 4
    let span = bytes.span.bytes
    guard span.number(at: end) == Checksum.of(span.extracting(0..<end)) else { return nil }
    do {
      let layout = try Layout(decoding: Array(bytes[..<end]))
      newest.withLock { $0 = max($0, layout.epoch) }
      return layout
    } catch {
      return nil  // Of a later version, say: others will tell the newest.
    }
  }

  /// Keeps a layout, unless it keeps a newer one; durable on return.
  ///
  /// One at a time: two would write into one new file.
  func write(_ layout: Layout) async throws(DeviceError) {
    if kept >= layout.epoch { return }
    var bytes = layout.encoded()
    bytes.append(number: Checksum.of(bytes.span.bytes))
    try await device.replace(Self.fileName, with: bytes)
    newest.withLock { $0 = layout.epoch }
  }
}

/// A node's folder, looked at from outside.
public enum NodeFolder {
  /// The files that the folder of a node has, and that of a unit without one has not.
  public static let fileNames = ["epoch", "layout", "acceptor"]

  /// The newest layout that the node had heard of; `nil` if there is none that can be read.
  public static func newestLayout(in device: some Device) throws(DeviceError) -> Layout? {
    try LayoutFile(in: device).read()
  }
}
