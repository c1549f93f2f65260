import CorfuGlobalLog
import CorfuStages
import CorfuWriteOnce

extension ReplError {
  /// What went wrong with a cluster, in words that say what to do.
  init(_ error: ClusterError) {
    switch error {
    case .notOpen: self = .log(.closed)
    case .alreadyUp(let node): self = .refused("\(node) is up already: nothing to restart")
    case .notOpened(let node, .device(let error)), .notOpened(let node, .store(.device(let error))):
      guard case .inUse = error else {
        self = .refused("\(node): \(error)")
        return
      }
      self = .refused("\(node): another process has this cluster open; close it there first")
    case .notUp, .noSuchNode, .notOpened, .notClosed, .notHandedOver, .otherShape,
      .notErased, .notKept, .notReconfigured, .noSpare:
      self = .refused(error.description)
    }
  }
}
