internal import CorfuClient
internal import CorfuCopyCompaction
internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

/// How a node's process is, at a moment.
struct NodeReport: Sendable {
  let cluster: ClusterName
  let node: NodeID
  let roles: Set<NodeRole>
  /// What the node says of itself.
  var status: NodeStatus
  /// The newest layout that it knows.
  var layout: Layout?
  /// Who there is, as it has heard.
  var membership: Membership?
  /// What its entries take; `nil` without a unit, or where that was not asked for.
  var space: UnitSpace?
  /// What its unit has done since it was opened.
  var counters: StoreCounters?
  /// How many bytes its file system has left; `nil` without a unit, or where nobody tells.
  var freeBytes: Int?
  /// How many of its segments are closed.
  var segments = 0
  /// What compaction has done.
  var compaction: CompactionCounters?
  /// What its monitor sees.
  var monitor: MonitorStatus?
  /// What it has done for clients.
  var load = LoadMeters.Counts()
  /// How many connections it serves.
  var connections = 0
  /// How many requests it works on.
  var requests = 0
  /// How many bytes those have, and answers that wait for their peers.
  var heldBytes = 0
  /// When the first of its certificates ends, in seconds since 1970; `nil` without any.
  var certificateExpiry: Double?
  /// Whether it asked the others for the newest layout.
  var hasCaughtUp = false
  /// Whether its disk does not do as it is told.
  var hasDiskFailed = false
  /// Whether it was told to end.
  var isEnding = false
}

extension NodeProcess {
  /// How the process is.
  ///
  /// - Parameter isMeasured: Whether to find out as well what the unit's entries take, which is
  ///   some work.
  /// - Returns: The report.
  func report(isMeasured: Bool = false) async -> NodeReport {
    let (monitor, hasCaughtUp) = state.withLock { ($0.monitor, $0.hasCaughtUp) }
    let (isEnding, hasDiskFailed) = state.withLock { ($0.isEnding, $0.hasDiskFailed) }
    var report = NodeReport(
      cluster: settings.cluster,
      node: settings.node,
      roles: settings.roles,
      status: NodeStatus(),
      layout: node.newestLayout,
      membership: keeper.newest
    )
    if case .status(let status)? = node.answerAtOnce(.status) { report.status = status }
    if let room, let unit = report.status.unit {
      report.status.unit?.room = room.refined(unit.room)
      report.freeBytes = room.bytes
    }
    report.monitor = monitor?.status
    report.load = load.counts
    report.connections = server.connectionCount
    report.requests = server.requestCount
    report.heldBytes = server.heldBytes
    report.certificateExpiry = credentials?.expiry
    report.hasCaughtUp = hasCaughtUp
    report.isEnding = isEnding
    // A unit that was closed has ended as well, and not failed.
    report.hasDiskFailed = hasDiskFailed || (report.status.unit?.hasFailed == true && !isEnding)
    guard isMeasured, let store = node.unit?.store else { return report }
    report.counters = store.counters
    report.segments = store.reader.segments.count
    report.compaction = node.upkeep?.counters
    if case .space(let space) = await node.handle(.space) { report.space = space }
    return report
  }
}

extension NodeReport {
  /// What is wrong, in a line; `nil` if all is well.
  var ailment: String? {
    hasDiskFailed ? "the disk has failed: what it kept is with other nodes" : nil
  }

  /// What a node says whose disk is of a cluster of which it does not know who is in it.
  static let membersAreUnknown =
    "the disk is of a cluster, and the file 'membership' is gone: nodes that have theirs tell this "
    + "one; if none has, 'corfu cluster init --again' writes it anew"

  /// What somebody should know, though the node does what it can: a restart would not help, and
  /// reads and trims go on; `nil` if there is nothing.
  var remark: String? { status.unit?.room.trouble.map { "the disk is \($0)" } }

  /// Why the node should be sent no requests; `nil` if it serves, or stands by to.
  var unreadiness: String? {
    if let ailment { return ailment }
    if isEnding { return "ending: what came before is finished" }
    guard let membership else {
      if layout != nil { return Self.membersAreUnknown }
      return "no cluster yet: 'corfu cluster init' makes one"
    }
    guard membership.members[node] != nil else {
      return "not a member of the cluster: 'corfu cluster add' makes it one"
    }
    guard hasCaughtUp, let layout else { return "asking the others for the newest layout" }
    // Who keeps nothing has nothing to wait for: it is appointed, or stands by.
    guard let unit = status.unit else { return nil }
    let name = UnitName(node: node, incarnation: unit.incarnation)
    guard layout.names(name) else {
      return "the layout of \(layout.epoch.words) does not name this node's disk"
    }
    guard unit.installed?.epoch == layout.epoch else {
      return "the layout of \(layout.epoch.words) is not in force here yet"
    }
    if unit.sealed >= layout.epoch {
      return "\(layout.epoch.words) is over, and the next has not begun here"
    }
    return nil
  }
}

extension Epoch {
  fileprivate var words: String { "epoch \(number)" }
}
