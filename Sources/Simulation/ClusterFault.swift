/// A thing that goes wrong in a simulated cluster.
public enum ClusterFault: String, SimulatedFault {
  /// A message was lost on its way.
  case lostMessage
  /// A request arrived twice.
  case repeatedMessage
  /// Client and node could not hear each other for a while.
  case cut
  /// One of them could not hear the other.
  case oneWayCut
  /// A node stood still.
  case pause
  /// A unit's process was killed.
  case kill
  /// A unit lost its power.
  case powerCut
  /// All units lost their power at once.
  case powerCutOfAll
  /// A call to a disk failed.
  case diskError
  /// A sync took far longer than usual.
  case stall
  /// A disk was full.
  case outOfSpace
  /// Bits of a unit's disk were not what they had been.
  case rot
  /// A unit moved what was live in a segment elsewhere, and removed it.
  case compaction
  /// A client died in the middle of what it was doing.
  case clientDeath
  /// A position was handed out to somebody who never wrote it.
  case hole
  /// The sequencer's process was killed; another life of it was appointed later.
  case sequencerRestart
  /// The epoch was closed by hand, and the next begun.
  case seal
  /// Two hands did so at once.
  case twoHands
  /// A client came with a layout that was over.
  case staleClient
  /// The sequencer handed out what it should not.
  case lie
  /// A node was gone for long, so that the others went on without it.
  case longDeath
  /// All nodes but one of a chain, or of each chain, died at once.
  case chainDeath
  /// A node stood still for so long that the others went on without it.
  case longPause
  /// A disk was lost, and an empty one came in its place.
  case lostDisk
  /// An older image of a disk came in its place.
  case oldDisk
  /// A monitor died; another came.
  case monitorDeath
  /// An operator had a spare take over from a unit, which was emptied and stood by then.
  case takeover
  /// An operator removed a unit once a spare had taken over, and added it again later.
  case removal
  /// An operator had positions rotate over one chain more.
  case growth
  /// Clients, monitors and nodes fell into two camps that could not hear each other.
  case split
  /// All disks of a chain were lost for good, and an operator declared them lost.
  case lostChain
  /// The disks of most acceptors were lost for good, and an operator appointed others.
  case lostAcceptors

  /// Those that something besides the network and the disks brings about, again and again.
  static func troubles(of stage: Int) -> [ClusterFault] {
    let all: [ClusterFault] = [
      .cut, .oneWayCut, .pause, .kill, .powerCut, .powerCutOfAll, .hole, .sequencerRestart, .seal,
      .twoHands, .rot, .longDeath, .chainDeath, .longPause, .lostDisk, .oldDisk, .monitorDeath,
      .takeover, .removal, .growth, .split,
    ]
    return all.filter { $0.isPart(of: stage) }
  }

  /// All that goes wrong in a stage so often that many seeds must show it.
  ///
  /// What an operator has to decide against the rules is no everyday matter (``OverridePlan``).
  public static func faults(of stage: Int) -> [ClusterFault] {
    allCases.filter { $0.isPart(of: stage) && $0 != .lostChain && $0 != .lostAcceptors }
  }

  private func isPart(of stage: Int) -> Bool {
    switch self {
    case .longDeath, .chainDeath, .longPause, .lostDisk, .oldDisk, .monitorDeath, .takeover,
      .removal, .growth, .split, .lostChain, .lostAcceptors:
      stage >= 6
    // Where a chain may go on with one replica, that one must be intact (the fault model).
    case .rot: stage < 6
    // A sequencer that transactions depend on is believed.
    case .lie: stage < 7
    default: true
    }
  }
}
