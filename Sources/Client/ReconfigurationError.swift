public import CorfuPaxosConfigurator
public import CorfuStripeMirror

/// Why a cluster was not carried over.
public enum ReconfigurationError: Error, Hashable, Sendable {
  /// There is no next layout without losing something.
  case plan(PlanError)
  /// Too few acceptors answer: nothing can be decided.
  case noQuorum(found: Int, of: Int)
  /// Nodes that others hear do not answer: whoever hears them may change the layout.
  case unheard([NodeID])
  /// Somebody who was taken for dead has answered meanwhile: look again.
  case unfounded
  /// Units that answer have not closed the epoch in time: their disks are slow. Begin again.
  case notSealed([UnitName])
  /// Most acceptors did not vote in time: whether anything was decided is not known. Begin again.
  case undecided
  /// Somebody else is further: begin again from what they did.
  case overtaken
  /// The next layout would make no sense, which only a mistake can bring about.
  case invalid(LayoutError)
}

extension ReconfigurationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .plan(let error): "\(error)"
    case .noQuorum(let found, let count):
      "\(found) of \(count) acceptors answer, and more than half must: restart some; if their "
        + "disks are lost for good, appoint new ones"
    case .unheard(let nodes):
      "\(nodes.map(\.description).joined(separator: ", ")) did not answer in time, and may be "
        + "alive: the next look tries again"
    case .unfounded: "somebody who was taken for dead has answered: look again"
    case .notSealed(let units):
      "\(units.map(\.node.description).joined(separator: ", ")) answered, and did not close the "
        + "epoch in time: a slow disk is waited for longer the next time"
    case .undecided:
      "too few acceptors voted in time: the epoch is closed, and the next look tries again"
    case .overtaken: "somebody else is changing the layout: look again"
    case .invalid(let error): "the next layout would be wrong: \(error)"
    }
  }
}
