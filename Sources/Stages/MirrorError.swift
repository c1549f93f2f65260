public import CorfuCopyCompaction
public import CorfuGlobalLog
public import CorfuStripeMirror

/// What can go wrong with the log of stage 3 as a whole.
public enum MirrorError: Error, Hashable, Sendable {
  /// The folder that the units' folders are in cannot be used.
  case folder(DeviceError)
  /// There are entries in the units' folders, but nothing says which unit keeps what.
  case layoutLost(folder: String)
  /// The layout in the folder is an older one: a unit was told of a later epoch.
  case layoutOutdated(folder: String, epoch: Epoch, told: Epoch, NodeID)
  /// The log was made with another shape.
  case otherShape(MirrorShape, wanted: MirrorShape)
  /// The folder holds a log of one file, as stages 1 and 2 make it.
  case notMirrored(folder: String)
  /// A unit's folder cannot be served.
  case notOpened(NodeID, StoreOpenError)
  /// All units of a chain are lost, and with them what they kept.
  case chainLost([NodeID])
  /// A unit's disk is an older image of itself, nobody else has what it lacks, and it was opened so
  /// many times less than the log remembers.
  case outdated(NodeID, boots: UInt64)
  /// The log was closed.
  case closed
  /// There is no unit of this name.
  case noSuchUnit(NodeID, last: NodeID)
  /// The unit runs already.
  case alreadyUp(NodeID)
  /// The unit does not run.
  case notUp(NodeID)
  /// A unit that missed something did not get it, and stays out of the layout.
  case notCopied(NodeID, RangeCopyError)
  /// A unit could not go on compacting.
  case notCompacted(NodeID, CompactionError)
  /// A unit was not closed properly; what was acknowledged is there all the same.
  case notClosed(NodeID, LogError)
}

extension MirrorError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .folder(let error): "\(error)"
    case .layoutLost(let folder):
      "\(folder): there are entries, but the file 'layout', which says where which of them are, is "
        + "missing or damaged: restore it from a backup of this folder"
    case .layoutOutdated(let folder, let epoch, let told, let node):
      "\(folder)/layout is an older copy: it is of epoch \(epoch), and \(node) was told of epoch "
        + "\(told), in which entries may stand elsewhere: bring the newest copy back"
    case .otherShape(let shape, let wanted):
      "the log here has \(shape), not \(wanted): open it as it is, with "
        + "--stripes \(shape.stripes) --replicas \(shape.replicas)"
    case .notMirrored(let folder):
      "\(folder) holds the log of a single unit: give another folder, or --stage 2"
    case .notOpened(let node, let error): "\(node): \(error)"
    case .chainLost(let nodes):
      "\(nodes.map(\.description).joined(separator: " and ")): no disk of this chain is left, and "
        + "nobody else has what it kept: bring one of them back"
    case .outdated(let node, let boots):
      "\(node): this folder is an older copy: the log has since been opened with it "
        + "\(boots == 1 ? "once" : "\(boots) times"), and nobody else has what was written then: "
        + "bring the newest copy back"
    case .closed: "the log was closed"
    case .noSuchUnit(let node, let last): "there is no unit \(node): they are n1 to \(last)"
    case .alreadyUp(let node): "\(node) is up already"
    case .notUp(let node): "\(node) is down already"
    case .notCopied(let node, let error): "\(node) stays out of the layout: \(error)"
    case .notCompacted(let node, let error): "\(node) could not go on compacting: \(error)"
    case .notClosed(let node, let error): "\(node) was not closed properly: \(error)"
    }
  }
}
