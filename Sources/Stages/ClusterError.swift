public import CorfuClient
public import CorfuGlobalLog
public import CorfuStripeMirror
public import CorfuWriteOnce

/// What can go wrong with a cluster as a whole.
public enum ClusterError: Error, Hashable, Sendable {
  /// The cluster has no layout yet.
  case notOpen
  /// There is no node of this name.
  case noSuchNode(NodeID)
  /// The node runs already.
  case alreadyUp(NodeID)
  /// The node does not run.
  case notUp(NodeID)
  /// The node's folder cannot be served.
  case notOpened(NodeID, UnitOpenError)
  /// The node's folder was not closed properly; what was acknowledged is there all the same.
  case notClosed(NodeID, LogError)
  /// The epoch could not be ended, or the next not begun.
  case notHandedOver(HandoverError)
  /// The node's folder could not be emptied.
  case notErased(NodeID, DeviceError)
  /// Who there is could not be kept.
  case notKept(DeviceError)
  /// The layout could not be changed.
  case notReconfigured(ReconfigurationError)
  /// Nobody stands by who could take over.
  case noSpare(NodeID)
  /// The folder holds a cluster of another shape; this is its layout.
  case otherShape(Layout)
}

extension ClusterError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notOpen: "the cluster is not open"
    case .noSuchNode(let node): "there is no node \(node)"
    case .alreadyUp(let node): "\(node) is up already"
    case .notUp(let node): "\(node) is down: restart it first"
    case .notOpened(let node, let error): "\(node): \(error)"
    case .notClosed(let node, let error): "\(node) was not closed properly: \(error)"
    case .notHandedOver(let error): "\(error)"
    case .notErased(let node, let error): "\(node)'s folder was not emptied: \(error)"
    case .notKept(let error): "who there is could not be written down: \(error)"
    case .notReconfigured(let error): "\(error)"
    case .noSpare(let node):
      "nobody stands by who could take over from \(node): 'node add' makes one"
    case .otherShape(let layout):
      "the cluster here has \(layout.spans.last?.stripes.count ?? 0) stripes and "
        + "\(layout.units.count) units: start it with the same"
    }
  }
}
