public import CorfuStripeMirror

/// Who is there, as somebody sees it at one moment.
///
/// It may be wrong about the living: who is slow looks dead. That costs a replica, never an entry.
public struct ClusterSight: Equatable, Sendable {
  /// Units that answered, each as the disk that it has now.
  public var units: Set<UnitName>
  /// Units among them that no layout names yet and that hold nothing: they can be spares.
  public var fresh: [UnitName]
  /// Processes that could hand out positions, the preferred ones first.
  public var sequencers: [SequencerName]
  /// Disks that answered and are not among the units: each has forgotten something, and is to be
  /// emptied before it is used again.
  public var forgetful: Set<UnitName>
  /// Those among the units that wait to be let in: nobody knows yet what they have forgotten.
  public var waiting: Set<UnitName>

  /// What was seen.
  public init(
    units: Set<UnitName> = [],
    fresh: [UnitName] = [],
    sequencers: [SequencerName] = [],
    forgetful: Set<UnitName> = [],
    waiting: Set<UnitName> = []
  ) {
    self.units = units
    self.fresh = fresh
    self.sequencers = sequencers
    self.forgetful = forgetful
    self.waiting = waiting
  }
}

/// What a cluster should be like, whoever is there.
public struct ClusterGoal: Equatable, Sendable {
  /// How many units a chain should have.
  public var replicas: Int
  /// How many acceptors there should be: an odd number.
  public var acceptors: Int
  /// Over how many chains new positions should rotate; `nil` for as many as now.
  public var stripes: Int?
  /// Nodes that are to go, once others have what they have.
  public var leaving: Set<NodeID>
  /// Disks that an operator has declared lost, with all that only they had (R24).
  public var lost: Set<UnitName>

  /// A goal.
  public init(
    replicas: Int,
    acceptors: Int = 3,
    stripes: Int? = nil,
    leaving: Set<NodeID> = [],
    lost: Set<UnitName> = []
  ) {
    self.replicas = replicas
    self.acceptors = acceptors
    self.stripes = stripes
    self.leaving = leaving
    self.lost = lost
  }
}
