public import CorfuStripeMirror
internal import Foundation

// A disk that is lost, and another one in its place.

extension LocalCluster {
  /// Removes a node's files, but for its settings and its log: it starts with an empty disk then.
  ///
  /// - Parameter node: A node whose process has ended.
  /// - Throws: ``LocalClusterError/folder(_:_:)``, if its process runs, or the system refuses.
  public func wipe(_ node: NodeID) throws(LocalClusterError) {
    let data = "\(folder)/\(node)/data"
    if process(of: node) != nil { throw .folder(data, "the node is up") }
    if !FileManager.default.fileExists(atPath: data) { return }
    do {
      try FileManager.default.removeItem(atPath: data)
    } catch {
      throw .folder(data, error.localizedDescription)
    }
  }
}
