import CorfuGlobalLog
import CorfuNode
import CorfuStripeMirror

/// What stands in a folder where a cluster is to be.
struct ClusterFolder {
  private let path: String
  private let names: [String]

  /// Looks at a folder, which need not exist.
  init(_ path: String) {
    self.path = path
    // A folder that cannot be listed is one that is not there yet, or that opening complains of.
    names = (try? FileDevice(path: path).list()) ?? []
  }

  /// How many nodes have a folder there.
  private var nodeCount: Int {
    names.count { $0.hasPrefix("n") && Int($0.dropFirst()) != nil }
  }

  /// Whether no node has one.
  var isEmpty: Bool { nodeCount == 0 }

  /// The newest layout that any of the nodes had heard of.
  private func newestLayout() throws(ReplError) -> Layout? {
    var newest: Layout?
    for name in names where name.hasPrefix("n") && Int(name.dropFirst()) != nil {
      do {
        let layout = try NodeFolder.newestLayout(in: FileDevice(path: "\(path)/\(name)"))
        if let layout, layout.epoch > newest?.epoch ?? .zero { newest = layout }
      } catch {
        continue  // Opening it will tell what is wrong.
      }
    }
    return newest
  }

  /// The shape to open.
  ///
  /// - Parameter wanted: What was asked for; `nil` for what is there, or the default.
  /// - Returns: The shape.
  /// - Throws: ``ReplError/refused(_:)``, if something else is there.
  func shape(wanted: EmbeddedShape?) throws(ReplError) -> EmbeddedShape {
    try FolderContent.check(path, fits: 5)
    if nodeCount == 0 { return wanted ?? EmbeddedShape() }
    // A cluster that never got as far as a layout holds nothing.
    guard let layout = try newestLayout() else { return wanted ?? EmbeddedShape() }
    let there = EmbeddedShape(
      stripes: layout.spans.last?.stripes.count ?? 1,
      replicas: layout.spans.last?.stripes.first?.replicas.count ?? 1,
      spares: layout.spares.count
    )
    guard let wanted, wanted != there else { return there }
    throw .refused(
      "\(path) holds a cluster of \(there.stripes) stripes with \(there.replicas) replicas, and "
        + "\(there.spares) standing by: leave out --stripes, --replicas and --spares, or name "
        + "another folder"
    )
  }
}
