public import CorfuGlobalLog

/// What came of writing a value down a chain.
public enum ChainOutcome: Hashable, Sendable {
  /// It stands on every replica.
  case complete
  /// Another value stands on the head, so this one will never stand anywhere: take a new position.
  case lost(Slot)
  /// The position was trimmed; `afterHead` tells whether the value had stood on the head before.
  case trimmed(afterHead: Bool)
  /// A later replica has another value than the head, which must not be. Nothing may be
  /// acknowledged (R15).
  case inconsistent(found: Slot, at: UnitName)
  /// A replica gave no answer, or refused.
  ///
  /// If `mayStand`, the value may stand on some replicas now, and somebody may complete it later.
  case failed(ReplicaError, mayStand: Bool)
}

/// Why a chain could not be read, completed or trimmed.
public enum ChainError: Error, Hashable, Sendable {
  /// A replica gave no answer, or refused.
  case replica(ReplicaError)
  /// Two replicas have different values at the position, which must not be.
  case inconsistent(Position)
}

extension ChainError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .replica(let error): "\(error)"
    case .inconsistent(let position):
      "two replicas have different values at position \(position): stop, and look at both"
    }
  }
}
