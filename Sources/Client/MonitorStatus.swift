public import CorfuGlobalLog
public import CorfuPaxosConfigurator
public import CorfuProtocol
public import CorfuStripeMirror

/// How a monitor works.
public struct MonitorLimits: Equatable, Sendable {
  /// How often it asks everybody how they are.
  public var interval = Duration.milliseconds(100)
  /// How long to wait for an answer.
  public var patience = Duration.milliseconds(200)
  /// The longest to wait for an answer where the network is slow.
  public var patienceMax: Duration { patience * 32 }
  /// How long somebody who answers fast may be silent before it is suspected.
  public var silenceMax = Duration.milliseconds(800)
  /// How long to rest after a change that failed; it doubles from one to the next.
  public var pauseMin = Duration.milliseconds(50)
  /// The longest rest.
  public var pauseMax = Duration.seconds(2)
  /// How long it leaves a change to another who is at it.
  public var changeMax: Duration { patienceMax * 10 }
  /// How long it rests before it tries again to bring back what a unit has lost, and no other had.
  public var repairPause: Duration { silenceMax * 10 }
  /// How hard to copy.
  public var rebuild = RebuildLimits()

  /// The defaults.
  public init() {}
}

/// What people want of a cluster, known to all of its monitors.
public struct ClusterWishes: Equatable, Sendable {
  /// What the cluster should be like.
  public var goal: ClusterGoal
  /// Every node that may be part of it.
  public var peers: Set<NodeID>
  /// Nodes among those that leave that are to come back as spares, emptied.
  public var returning: Set<NodeID>
  /// Whether what breaks is mended without being asked.
  public var isAutomatic = true

  /// Wishes.
  public init(goal: ClusterGoal, peers: Set<NodeID>, returning: Set<NodeID> = []) {
    self.goal = goal
    self.peers = peers
    self.returning = returning
  }
}

extension Membership {
  /// What people want of the cluster, as monitors are told it.
  public var wishes: ClusterWishes {
    var wishes = ClusterWishes(
      goal: ClusterGoal(
        replicas: replicas,
        acceptors: acceptors,
        stripes: stripes,
        leaving: leaving,
        lost: lost
      ),
      peers: Set(members.keys),
      returning: returning
    )
    wishes.isAutomatic = isAutomatic
    return wishes
  }
}

/// What a monitor sees and does.
public struct MonitorStatus: Equatable, Sendable {
  /// The newest layout that it knows.
  public var layout: Layout
  /// What the nodes said when they were last asked.
  public var look = ClusterLook()
  /// Whom it takes for dead, as most monitors do that it hears of.
  public var suspects: Set<NodeID> = []
  /// Whom it has not heard for so long that they may be dead; others may hear them.
  public var unheard: Set<NodeID> = []
  /// What is being copied.
  public var rebuild: RebuildProgress?
  /// What kept it from doing what it should; `nil` if all is well.
  public var trouble: ReconfigurationError?
  /// What kept it from copying what it should; `nil` if nothing did.
  public var rebuildTrouble: String?
  /// How many layouts it brought into force.
  public var reconfigurations = 0

  init(layout: Layout) {
    self.layout = layout
  }
}

/// A copy under way.
public struct RebuildProgress: Equatable, Sendable {
  /// What is copied.
  public var task: RebuildTask
  /// Before which position everything is.
  public var next: Position

  /// What other monitors are told of it.
  public var news: CopyUnderWay {
    CopyUnderWay(newcomer: task.newcomer, begin: task.begin, end: task.end, next: next)
  }
}

/// What a monitor does, seldom enough to be told one by one.
public enum MonitorEvent: Hashable, Sendable {
  /// A node was silent for too long.
  case suspected(NodeID)
  /// A newer layout is in force.
  case adopted(Epoch)
  /// A change of the layout failed.
  case failed(ReconfigurationError)
  /// A copy began.
  case rebuilding(RebuildTask)
  /// Units have joined their chains.
  case joined(Int)
  /// A copy failed.
  case notRebuilt(RebuildError)
  /// A disk was emptied, and has another incarnation now.
  case reset(UnitName)
  /// A disk is an older image: it has missed an opening of itself (D12).
  case outdated(UnitName, missed: DiskOpening)
}
