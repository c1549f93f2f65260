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

/// The layouts that a node has heard of, on disk: what it remembers after a restart.
///
/// A node that has lost the file does without.
struct LayoutFile: Sendable {
  private static let fileName = "layouts"
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

  /// Has a node remember what is in the file; one that cannot be read is told of and left alone.
  func recall(to node: Node<some Device, some Parts>, _ logger: Logger) {
    do throws(DeviceError) {
      if let layouts = try read() { return node.recall(layouts) }
      logger.warning("\(device.name)/\(Self.fileName) is damaged: layouts of before are forgotten")
    } catch {
      logger.warning("\(device.name)/\(Self.fileName): \(error): layouts of before are forgotten")
    }
  }

  /// Writes some layouts; durable on return.
  func write(_ layouts: [Layout]) async throws(DeviceError) {
    var bytes: [UInt8] = []
    bytes.append(number: Self.magic)
    bytes.append(number: Self.version)
    for layout in layouts {
      let piece = layout.encoded()
      bytes.append(number: UInt32(piece.count))
      bytes += piece
    }
    bytes.append(number: Self.sum(of: bytes))
    try await device.replace(Self.fileName, with: bytes)
  }

  /// What is in the file, nothing if there is none; `nil` if it is damaged.
  func read() throws(DeviceError) -> [Layout]? {
    guard try device.list().contains(Self.fileName) else { return [] }
    let file = try device.open(Self.fileName)
    let size = try file.size()
    guard size <= Self.bytesMax else { return nil }
    return Self.layouts(in: try file.read(at: 0, count: size))
  }

  private static func layouts(in bytes: [UInt8]) -> [Layout]? {
    let span = bytes.span.bytes
    let end = bytes.count - sumBytes
    guard end >= frontBytes, span.number(at: 0, as: UInt64.self) == magic,
      span.number(at: 8, as: UInt32.self) == version,
      sum(of: Array(bytes[..<end])) == span.number(at: end, as: UInt32.self)
    else { return nil }
    var layouts: [Layout] = []
    var index = frontBytes
    while index < end {
      guard end - index >= 4 else { return nil }
      let count = Int(span.number(at: index, as: UInt32.self))
      index += 4
      guard end - index >= count else { return nil }
      // A layout that this release cannot read is none to remember.
      let layout = try? Layout(decoding: Array(bytes[index..<index + count]))
      guard let layout else { return nil }
      layouts.append(layout)
      index += count
    }
    return layouts
  }

  private static func sum(of bytes: [UInt8]) -> UInt32 {
    var sum = Checksum()
    sum.update(bytes.span.bytes)
    return sum.value
  }
}
