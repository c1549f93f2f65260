public import CorfuGlobalLog

/// A storage unit as a chain sees it: in the same process in chapters 3 and 4, behind messages from
/// chapter 5 on.
public protocol Replica: Sendable {
  /// Which unit it is.
  var name: UnitName { get }

  /// Writes each value unless something stands there.
  ///
  /// Durable on return, and so is what stood there.
  ///
  /// - Parameter values: Data or junk, at different positions.
  /// - Returns: An answer for each value, in order.
  /// - Throws: ``ReplicaError``, if the request as a whole got no answer.
  func write(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer]

  /// Reads positions.
  ///
  /// - Returns: For each what stands there, or why that cannot be said: ``LogError/corrupt(_:)`` or
  ///   ``LogError/unknown(_:)``.
  func read(_ positions: [Position]) async throws(ReplicaError) -> [Result<Slot, LogError>]

  /// Writes values to positions whose records rot took (D6); whatever is readable stays.
  ///
  /// - Parameter values: What stands there on another replica of the chain.
  /// - Returns: An answer for each value, in order.
  /// - Throws: ``ReplicaError``, if the request as a whole got no answer.
  func repair(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer]

  /// Forgets positions, whatever stands there.
  func trim(_ positions: [Position]) async throws(ReplicaError)

  /// Forgets every position before `mark`.
  func trimPrefix(before mark: Position) async throws(ReplicaError)
}

extension Replica {
  /// A replica whose records do not rot has nothing to repair, and takes them as it takes others.
  public func repair(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    try await write(values)
  }
}

/// Why a replica gave no answer to a request as a whole.
public enum ReplicaError: Error, Hashable, Sendable {
  /// There is no way to it. No effect.
  case unreachable(UnitName)
  /// It did not answer in time. Whether the request arrived is not known.
  case timedOut(UnitName)
  /// It was started again, and may not serve before that is known (chapter 6). No effect.
  case notAdmitted(UnitName)
  /// The epoch of the request is closed, or the unit serves another layout. No effect.
  case wrongEpoch(UnitName, EpochRefusal)
  /// Its log refused. See ``LogError`` for what that means.
  case log(UnitName, LogError)

  /// Whether the request is known to have had no effect on this replica.
  ///
  /// A network may deliver a request twice. Of an epoch that is sealed, or a log that is closed,
  /// one copy may have been in time, and the refusal answers the other (R16).
  public var isDefinite: Bool {
    switch self {
    case .unreachable, .notAdmitted, .wrongEpoch(_, .behind), .wrongEpoch(_, .otherLayout): true
    case .timedOut, .wrongEpoch(_, .sealed), .log(_, .closed): false
    case .log(_, let error): error.isDefinite
    }
  }

  /// Whether nobody is there who could serve anything, whatever is asked.
  package var isAbsence: Bool {
    switch self {
    case .unreachable, .notAdmitted: true
    case .timedOut, .wrongEpoch, .log: false
    }
  }

  /// Whether another copy of the same request may have been answered otherwise before, on a network
  /// that delivers one twice: the node may have been started again between the two.
  package var isOfOneCopy: Bool {
    if case .notAdmitted = self { true } else { false }
  }

  /// Whether the replica has lost, or may have lost, what it had there.
  package var isDamage: Bool {
    if case .log(_, let error) = self { error.isDamage } else { false }
  }

  /// Who it was.
  public var unit: UnitName {
    switch self {
    case .unreachable(let unit), .timedOut(let unit), .notAdmitted(let unit),
      .wrongEpoch(let unit, _), .log(let unit, _):
      unit
    }
  }
}

/// Why a request of some epoch is not served (R3).
public enum EpochRefusal: Error, Hashable, Sendable {
  /// This epoch and all before it are closed: the server's mark, not the request's epoch. And this
  /// is the newest layout that the server knows, if it is a newer one.
  case sealed(Epoch, newest: Layout?)
  /// The server serves an older layout, this one, or none yet.
  case behind(installed: LayoutID?)
  /// The server serves another layout of the same epoch, which only a mistake can bring about.
  case otherLayout(LayoutID)
}

extension EpochRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .sealed(let epoch, nil): "epoch \(epoch) is sealed"
    case .sealed(let epoch, let newest?): "epoch \(epoch) is sealed, the newest is \(newest.epoch)"
    case .behind(nil): "no layout is installed here yet"
    case .behind(let installed?): "the server is still in \(installed)"
    case .otherLayout(let installed): "the server has another layout of \(installed)"
    }
  }
}

extension ReplicaError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreachable(let unit): "\(unit) cannot be reached"
    case .timedOut(let unit): "\(unit) did not answer in time"
    case .notAdmitted(let unit):
      "\(unit) was started again, and serves once most acceptors have vouched for its disk"
    case .wrongEpoch(let unit, let refusal): "\(unit): \(refusal)"
    case .log(let unit, let error): "\(unit): \(error)"
    }
  }
}
