public import CorfuClient
internal import CorfuGlobalLog
internal import CorfuNode
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
public import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Synchronization

// Who looks after the cluster. Up to three nodes have a monitor, which lives and dies with its
// node: first the sequencer that stands by, which has the most time, then units. One that stays
// away gives its monitor to another node.

extension Stage6 {
  private static var monitorsMax: Int { 3 }
  /// For how many intervals a node may be away and keep its monitor.
  private static var absenceMax: Int { 20 }

  /// What the monitors that run see and do, the first in rank first.
  public var monitors: [(host: NodeID, status: MonitorStatus)] {
    seated.map { ($0.host, $0.monitor.status) }
  }

  private var seated: [(host: NodeID, monitor: Watch)] {
    state.withLock { state in
      state.seats.sorted { $0.value.rank < $1.value.rank }.map { ($0.key, $0.value.monitor) }
    }
  }

  /// Which nodes have a monitor, whether they are up or not.
  public var monitorHosts: [NodeID] { state.withLock { $0.hosts } }

  /// Whether what breaks is mended without being asked.
  public var isAutomatic: Bool {
    get { wishes.value.isAutomatic }
    set { wishes.change { $0.isAutomatic = newValue } }
  }

  /// Whether nothing is left to do for the monitors, nor for those that grant people's wishes.
  public var isAtRest: Bool {
    let monitors = seated
    let isIdle = state.withLock { $0.roster.remaps.isEmpty }
    let leaving = wishes.value.goal.leaving.filter { cluster.node($0) != nil }
    if !isAutomatic { return monitors.allSatisfy(\.monitor.isAtRest) }
    return isIdle && leaving.isEmpty && monitors.allSatisfy(\.monitor.isAtRest)
      && Set(monitors.map(\.monitor.status.layout.epoch)).count <= 1
  }

  /// Lets time pass until nothing is left to do.
  ///
  /// - Parameters:
  ///   - timeout: How long at most.
  ///   - isPatient: Whether it takes all of that also where something is in the way, and is over
  ///     then to the moment.
  /// - Returns: Whether nothing is.
  public func settle(within timeout: Duration, isPatient: Bool = false) async -> Bool {
    let begin = clock.now
    // Everybody has looked since: whoever was asked before this began answers by then.
    await sleep(min(timeout, limits.interval * 2 + limits.patience * 2))
    var stuckSince: Duration?
    while !isAtRest {
      let passed = begin.duration(to: clock.now)
      let isStuck = monitors.contains { $0.status.trouble != nil }
      stuckSince = isStuck ? stuckSince ?? passed : nil
      let isHopeless = stuckSince.map { passed - $0 > limits.pauseMax } ?? false
      let isOver = isPatient ? passed >= timeout : passed > timeout || isHopeless
      if isOver || Task.isCancelled { return false }
      await sleep(isPatient ? min(limits.interval, timeout - passed) : limits.interval)
    }
    return true
  }

  /// Lets time pass until the monitors have asked everybody once more.
  public func lookAround() async { await sleep(limits.interval + limits.patience) }

  func sleep(_ duration: Duration) async {
    // Cancelled: whoever sleeps looks for that.
    try? await clock.sleep(for: duration)
  }

  /// Looks after the monitors, and after what people want, until the cluster is closed.
  func tend() async {
    await withDiscardingTaskGroup { group in
      var rounds = 0
      while !state.withLock({ $0.isClosed }), !Task.isCancelled {
        for (id, seat) in newSeats() { group.addTask { await self.occupy(seat, at: id) } }
        await grantWishes()
        if rounds % 10 == 0 { await considerRemapping() }
        rounds += 1
        // A cluster that has just been opened is to be looked after at once.
        await sleep(state.withLock { $0.isOpen } ? limits.interval : limits.interval / 20)
      }
    }
  }

  private func occupy(_ seat: Seat, at id: NodeID) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await seat.monitor.run() }
      group.addTask { await seat.stop.wait() }
      await group.next()
      group.cancelAll()
    }
  }

  /// Ends a node's monitor, as its process ends or stands still.
  func unseat(_ id: NodeID) {
    state.withLock { $0.seats.removeValue(forKey: id) }?.stop.open()
    cluster.node(id)?.monitorView = nil
  }

  /// Monitors that are to run and do not.
  private func newSeats() -> [(NodeID, Seat)] {
    guard let layout = cluster.layout, state.withLock({ $0.isOpen }) else { return [] }
    let members = cluster.members
    let candidates =
      [members.sequencers.last].compactMap(\.self) + members.units + members.sequencers
    let isWell = { (id: NodeID) in self.cluster.node(id).map { $0.unit?.hasFailed != true } ?? false
    }
    var random = state.withLock { state in
      for id in candidates {
        state.absences[id] = isWell(id) ? 0 : state.absences[id, default: 0] + 1
      }
      let present = candidates.filter { state.absences[$0, default: 0] < Self.absenceMax }
      state.hosts = Self.hosts(state.hosts, among: present)
      return state.random
    }
    let hosts = state.withLock { $0.hosts }
    // One whose disk failed may be up, and its monitor with it, though another has it now.
    for id in state.withLock({ $0.seats.keys.sorted() }) where !hosts.contains(id) { unseat(id) }
    var seats: [(NodeID, Seat)] = []
    for (rank, host) in hosts.enumerated() {
      let mustWait = state.withLock { $0.seats[host] != nil || $0.asleep.contains(host) }
      guard isWell(host), !mustWait else { continue }
      seats.append((host, Seat(rank: rank, monitor: monitor(of: host, rank, layout, &random))))
    }
    return state.withLock { [random] state in
      state.random = random
      if state.isClosed { return [] }
      for (host, seat) in seats { state.seats[host] = seat }
      return seats
    }
  }

  /// Who has a monitor: the same as before, and others for those who are no members any more.
  private static func hosts(_ hosts: [NodeID], among candidates: [NodeID]) -> [NodeID] {
    var hosts = hosts
    for index in hosts.indices where !candidates.contains(hosts[index]) {
      guard let next = candidates.first(where: { !hosts.contains($0) }) else { continue }
      hosts[index] = next
    }
    for next in candidates where hosts.count < monitorsMax && !hosts.contains(next) {
      hosts.append(next)
    }
    return hosts
  }

  private func monitor(
    of host: NodeID,
    _ rank: Int,
    _ layout: Layout,
    _ random: inout DrawnGenerator
  ) -> Watch {
    let wishes = wishes
    return Monitor(
      host: host,
      rank: rank,
      layout: layout,
      network: makeWay("m\(host.number)"),
      clock: clock,
      limits: limits,
      using: &random,
      wishes: { wishes.value },
      onView: { [weak self] view in
        guard let self, state.withLock({ $0.seats[host] != nil }) else { return }
        cluster.node(host)?.monitorView = view
      }
    ) { [weak self] event in self?.hear(event, from: host) }
  }

  private func hear(_ event: MonitorEvent, from host: NodeID) {
    if case .adopted = event {
      let layout = state.withLock { $0.seats[host]?.monitor.status.layout }
      if let layout { note(layout) }
    }
    onEvent(.monitor(host, event))
  }
}
