internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Logging

// The file `layouts` in a node's folder. It is written anew when there is a new layout, beside the
// old one, and takes its name when it is durable (D3).
//
//    0  magic     8 bytes   "CORFULAY"
//    8  version   4 bytes   1
//   12  layouts             each a count of 4 bytes, and its bytes (`LayoutCoding.swift`)
//       sum       4 bytes   CRC-32C of all before
//
// Every version begins with magic and version and ends with that sum, so that it is told apart from
// damage.

/// The layouts that a node has heard of, on disk: what it remembers after a restart.
///
/// A node that has lost the file does without. What it cannot read it leaves alone: the next start
/// may, or the release that wrote it.
struct LayoutFile: Sendable {
  private static let fileName = "layouts"
  /// What a damaged file is called from then on.
  private static let badName = "layouts.bad"
  private static let magic: UInt64 = 0x5941_4c55_4652_4f43  // "CORFULAY"
  private static let version: UInt32 = 1
  private static let frontBytes = 12
  private static let sumBytes = 4
  /// More than a node remembers is not ours.
  private static let bytesMax = 64 << 20

  private let device: FileDevice

  init(in device: FileDevice) {
    self.device = device
  }

  /// What the file has to say.
  enum Contents: Equatable {
    /// These layouts; none, if there is no file.
    case layouts([Layout])
    /// It is whole, and another release's.
    case foreign(version: UInt32)
    /// Nobody can tell what was in it.
    case damaged
  }

  /// Has a node remember what is in the file, and puts a damaged one aside.
  ///
  /// - Returns: Whether the file may be written: not, if it holds what could not be read.
  func recall(to node: Node<some Device, some Parts>, _ logger: Logger) -> Bool {
    let path = "\(device.name)/\(Self.fileName)"
    do throws(DeviceError) {
      switch try read() {
      case .layouts(let layouts):
        node.recall(layouts)
        return true
      case .foreign(let version):
        logger.warning(
          """
          \(path) was written by another release (version \(version)): it is left alone, and \
          nothing is kept there until it is removed and the node is started again
          """
        )
        return false
      case .damaged:
        try device.rename(Self.fileName, to: Self.badName)
        logger.warning(
          "\(path) is damaged, and is called \(Self.badName) now: layouts of before are forgotten"
        )
        return true
      }
    } catch {
      logger.warning(
        """
        \(path) cannot be read, and is left alone: nothing is kept there until the node is started \
        again (\(error))
        """
      )
      return false
    }
  }

  /// Writes some layouts; durable on return.
  func write(_ layouts: [Layout]) async throws(DeviceError) {
    try await device.replace(Self.fileName, with: Self.encoded(layouts))
  }

  /// The file's bytes.
  static func encoded(_ layouts: [Layout]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: magic)
    bytes.append(number: version)
    for layout in layouts {
      let piece = layout.encoded()
      bytes.append(number: UInt32(piece.count))
      bytes += piece
    }
    bytes.append(number: sum(of: bytes))
    return bytes
  }

  /// What is in the file.
  func read() throws(DeviceError) -> Contents {
    guard try device.list().contains(Self.fileName) else { return .layouts([]) }
    let file = try device.open(Self.fileName)
    let size = try file.size()
    guard size <= Self.bytesMax else { return .damaged }
    return Self.contents(of: try file.read(at: 0, count: size))
  }

  /// What the file's bytes have to say.
  static func contents(of bytes: [UInt8]) -> Contents {
    let span = bytes.span.bytes
    let end = bytes.count - sumBytes
    guard end >= frontBytes, span.number(at: 0, as: UInt64.self) == magic,
      sum(of: Array(bytes[..<end])) == span.number(at: end, as: UInt32.self)
    else { return .damaged }
    let itsVersion = span.number(at: 8, as: UInt32.self)
    guard itsVersion == version else { return .foreign(version: itsVersion) }
    var layouts: [Layout] = []
    var index = frontBytes
    while index < end {
      guard end - index >= 4 else { return .damaged }
      let count = Int(span.number(at: index, as: UInt32.self))
      index += 4
      guard end - index >= count else { return .damaged }
      // The sum is right: what this release cannot read is no damage, but another release's layout.
      let layout = try? Layout(decoding: Array(bytes[index..<index + count]))
      guard let layout else { return .foreign(version: itsVersion) }
      layouts.append(layout)
      index += count
    }
    return .layouts(layouts)
  }

  private static func sum(of bytes: [UInt8]) -> UInt32 {
    var sum = Checksum()
    sum.update(bytes.span.bytes)
    return sum.value
  }
}
