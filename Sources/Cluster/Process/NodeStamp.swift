internal import CorfuGlobalLog
internal import CorfuStripeMirror

/// The file `node` in a node's folder, which says whose folder it is: with another node's folder a
/// node would tell the cluster of a disk that the layout knows by another name.
enum NodeStamp {
  private static let fileName = "node"

  /// Finds out whose folder it is; nobody's becomes the node's.
  ///
  /// - Parameters:
  ///   - device: The folder, which the caller has locked.
  ///   - node: Who wants it.
  /// - Returns: Whose it is.
  /// - Throws: `DeviceError`.
  static func owner(of device: FileDevice, orElse node: NodeID) async throws(DeviceError) -> NodeID
  {
    guard try device.list().contains(fileName) else {
      try await device.replace(fileName, with: encoded(node))
      return node
    }
    let file = try device.open(fileName)
    let bytes = try file.read(at: 0, count: min(try file.size(), 32))
    guard let owner = Self.node(in: bytes) else {
      throw .failed(
        "\(device.name)/\(fileName) is damaged: it holds the node's number, and no more"
      )
    }
    return owner
  }

  /// The file's bytes.
  static func encoded(_ node: NodeID) -> [UInt8] { Array("\(node.number)\n".utf8) }

  /// The node that the file's bytes name; `nil` if they name none.
  static func node(in bytes: [UInt8]) -> NodeID? {
    let text = String(decoding: bytes.filter { $0 != 0x0a }, as: UTF8.self)
    return UInt32(text).map { NodeID($0) }
  }
}
