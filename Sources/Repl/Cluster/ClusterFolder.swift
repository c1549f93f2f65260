import CorfuGlobalLog
import CorfuNode
import CorfuStages
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
  func newestLayout() -> Layout? {
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

  /// Who there is, for a cluster that looks after itself.
  ///
  /// - Parameters:
  ///   - wanted: What was asked for; `nil` for what is there, or the default.
  ///   - stage: 6 or later.
  /// - Returns: Who there is; from now on those of a cluster of stage 5 as well, and then it is one
  ///   that looks after itself.
  /// - Throws: ``ReplError/refused(_:)``, if something else is there.
  func roster(wanted: EmbeddedShape?, stage: Int) throws(ReplError) -> ClusterRoster {
    try FolderContent.check(path, fits: stage)
    let kept: ClusterRoster?
    do throws(DeviceError) {
      kept = try ClusterRoster(in: FileDevice(path: path))
    } catch {
      throw .refused("\(path): \(error)")
    }
    if let kept {
      let there = EmbeddedShape(
        stripes: kept.stripes,
        replicas: kept.replicas,
        spares: wanted?.spares ?? 0
      )
      if let wanted, wanted != there { throw refusal(there) }
      return kept
    }
    guard nodeCount > 0, let layout = newestLayout() else {
      return ClusterRoster(wanted ?? EmbeddedShape())
    }
    _ = try shape(of: layout, wanted: wanted)
    let units = names.compactMap { name in
      name.hasPrefix("n") ? UInt32(name.dropFirst()).map { NodeID($0) } : nil
    }
    return ClusterRoster(takingOver: layout, units: units.sorted())
  }

  private func refusal(_ there: EmbeddedShape) -> ReplError {
    .refused(
      "\(path) holds a cluster of \(there.stripes) stripes with \(there.replicas) replicas, and "
        + "\(there.spares) standing by: leave out --stripes, --replicas and --spares, or name "
        + "another folder"
    )
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
    guard let layout = newestLayout() else { return wanted ?? EmbeddedShape() }
    for unit in layout.units {
      try unit.checkPresence(on: FileDevice(path: "\(path)/\(unit.node)"))
    }
    return try shape(of: layout, wanted: wanted)
  }

  private func shape(
    of layout: Layout,
    wanted: EmbeddedShape?
  ) throws(ReplError) -> EmbeddedShape {
    let there = EmbeddedShape(
      stripes: layout.spans.last?.stripes.count ?? 1,
      replicas: layout.spans.last?.stripes.first?.replicas.count ?? 1,
      spares: layout.spares.count
    )
    guard let wanted, wanted != there else { return there }
    throw refusal(there)
  }
}

extension UnitName {
  /// Refuses a folder where the disk that this name means is missing: before chapter 6 no other can
  /// take its place, and a new one must not be made beside the old.
  func checkPresence(on device: some Device) throws(ReplError) {
    let identity: StoreIdentity?
    do throws(StoreOpenError) {
      identity = try device.readIdentity()
    } catch {
      guard case .device(.notFound) = error else { return }  // Opening it will tell.
      identity = nil
    }
    if identity?.names(self) == true { return }
    let what = identity == nil ? "its disk is gone" : "another disk is in the place of its own"
    throw .refused("\(node): \(what): \(Self.waysOut)")
  }

  /// What helps where a unit's disk is lost.
  static let waysOut =
    "bring its folder back, or open the cluster with --stage 6, which makes a new one of it"
}
