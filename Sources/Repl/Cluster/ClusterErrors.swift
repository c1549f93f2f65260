import CorfuClient
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuProtocol
import CorfuStages
import CorfuStripeMirror
import CorfuWriteOnce

extension ReplError {
  /// What helps a unit whose disk failed, and may be broken still.
  static func stopped(_ node: NodeID, isBroken: Bool) -> String {
    let mending = isBroken ? "'disk mend \(node)', " : ""
    return "\(node) has stopped: \(mending)'node kill \(node)' and 'node restart \(node)' "
      + "bring it back"
  }

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
    case .notHandedOver(.refused(let node, .notNamed)):
      self = .refused(
        "\(node): another disk is in the place of its own: \(UnitName.waysOut)"
      )
    case .notHandedOver(.refused(let node, .log(.closed))),
      .notHandedOver(.refused(let node, .log(.failed))):
      self = .refused(Self.stopped(node, isBroken: false))
    case .notReconfigured(let error) where error.needsOperator:
      self = .refused("\(error); 'help reconfigure' tells how")
    case .notUp, .noSuchNode, .notOpened, .notClosed, .notHandedOver, .otherShape,
      .notErased, .notKept, .notReconfigured, .noSpare:
      self = .refused(error.description)
    }
  }
}

extension ReconfigurationError {
  /// Whether an operator may have to give something up.
  fileprivate var needsOperator: Bool {
    switch self {
    case .noQuorum, .plan(.noSurvivor): true
    case .plan, .unheard, .unfounded, .notSealed, .undecided, .overtaken, .invalid: false
    }
  }
}
