internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import Synchronization

// What a monitor does: tells who has missed something, changes the layout, and empties the disks of
// those who come back.

extension Monitor {
  /// How many changes in a row fail before those who answer too slowly are left behind.
  private static var failuresMax: Int { 3 }

  /// Does what is to be done, until its task is cancelled.
  func care() async {
    while !Task.isCancelled {
      if wishes().isAutomatic { await act() }
      await sleep(limits.interval)
    }
  }

  /// Has disks let in that were put to work again, until its task is cancelled (D12).
  ///
  /// Whether or not the monitors mend what breaks: no layout changes by it. And beside all else: a
  /// disk that hangs is waited for, and whoever dies meanwhile is not.
  func letIn() async {
    while !Task.isCancelled {
      let status = status
      let found = await Admission(network: network, patience: hand.patience * 4)
        .run(status.look, under: status.layout)
      for (disk, missed) in found.sorted(by: { $0.key < $1.key }) {
        onEvent(.outdated(disk, missed: missed))
      }
      await sleep(limits.interval)
    }
  }

  /// Does what is to be done, unless somebody of a lower rank is likely to.
  private func act() async {
    let status = status
    await bringForward(status)
    let need = need(status)
    let isNeeded = need == .change
    let isHalfDone = isHalfDone(status)
    let mayAct = state.withLock { state in
      state.halfDoneSince = isHalfDone ? state.halfDoneSince ?? now : nil
      state.neededSince = isNeeded ? state.neededSince ?? now : nil
      if !isNeeded && !isHalfDone {
        state.failures = 0
        if need == .nothing { state.status.trouble = nil }
      }
      let isBusy = state.status.look.isChanging(besides: host)
      state.busySince = isBusy ? state.busySince ?? now : nil
      // Whoever is at it has an end, or is silent; but one that goes on and on may be helpless.
      let mustWait = state.busySince.map { now - $0 < limits.changeMax } ?? false
      if state.isChanging || mustWait || now < state.resting { return false }
      let courtesy = limits.interval * (2 * place(status))
      if let since = state.neededSince, now - since >= courtesy { return true }
      // Most often somebody is at it, and done in a moment.
      guard let since = state.halfDoneSince else { return false }
      return now - since >= limits.patience * 2 + courtesy
    }
    if mayAct { await change() }
    await resetReturned(status)
  }

  /// How many go first of those that are there: the dead keep nobody waiting.
  func place(_ status: MonitorStatus) -> Int {
    // Whoever has no host knows of nobody else.
    guard let host else { return rank }
    return status.look.statuses.count { node, other in
      let isThere = node != host && !status.suspects.contains(node)
      return isThere && other.view.map { $0.rank < rank } ?? false
    }
  }

  /// Tells nodes what they have missed (R27).
  private func bringForward(_ status: MonitorStatus) async {
    let layout = status.layout
    let id = layout.id
    let install = Request.install(InstallRequest(layout: layout))
    for unit in layout.disks where status.look.unit(of: unit.node) == unit {
      let known = status.look.statuses[unit.node]?.unit?.installed
      if known?.epoch ?? .zero < layout.epoch { await tell(install, unit.node) }
    }
    if mayTellSequencer(id, status) {
      let streams = await hand.census(for: layout, after: nil)
      // Whoever does not hear it is told again.
      _ = try? await ReignCall(network: network, patience: hand.patience).run(layout, streams)
    }
  }

  /// Whether the sequencer waits to be told of its reign, and this monitor is to tell it.
  private func mayTellSequencer(_ id: LayoutID, _ status: MonitorStatus) -> Bool {
    let layout = status.layout
    let sequencer = status.look.statuses[layout.sequencer.node]?.sequencer
    let isUntold =
      sequencer?.boot == layout.sequencer.boot && sequencer?.serving != id
      && sequencer?.sealed ?? .zero < layout.epoch
    let courtesy = limits.interval * (2 * place(status))
    return state.withLock { state in
      state.untoldSince = isUntold ? state.untoldSince ?? now : nil
      guard let since = state.untoldSince else { return false }
      // Whoever changes the layout tells it as well; of a million streams that takes its time, and
      // longer if everybody asks the units for them.
      let isBusy = state.isChanging || status.look.isChanging(besides: host)
      return now - since >= (isBusy ? limits.changeMax : courtesy)
    }
  }

  private func tell(_ request: Request, _ node: NodeID) async {
    // Whoever does not hear it is told again.
    _ = try? await network.call(request, to: node, patience: hand.patience)
  }

  /// - Returns: Whether another layout is in force now.
  @discardableResult
  func change(joins: [SpanJoin] = []) async -> Bool {
    // One at a time: two would make two epochs of what is one change.
    while !state.withLock({ state in
      defer { state.isChanging = true }
      return !state.isChanging
    }) {
      await sleep(limits.interval)
      if Task.isCancelled { return false }
    }
    publish()
    defer {
      state.withLock { $0.isChanging = false }
      publish()
    }
    // Of two monitors that act on different wishes each would undo what the other has done, until
    // both have heard the newer ones.
    await news(self.status.suspects)
    let status = status
    let wishes = wishes()
    var order = Reconfigurer<Network, Time, Kit>.Order(
      base: status.layout,
      goal: wishes.goal,
      peers: wishes.peers,
      shunned: status.suspects,
      joins: joins
    )
    order.barred = held(status)
    order.isFounded = { status.suspects.isSubset(of: self.status.suspects) }
    // Slow is not dead. But who is slow again and again is left behind in the end.
    let failures = state.withLock { $0.failures }
    if failures < Self.failuresMax {
      order.awaited = Set(status.layout.units.map(\.node)).subtracting(status.suspects)
    }
    order.isForced = isHalfDone(status) || !joins.isEmpty
    do throws(ReconfigurationError) {
      let layout = try await hand.run(order)
      let isNew = layout.epoch > status.layout.epoch
      adopt(layout)
      state.withLock { state in
        if isNew { state.status.reconfigurations += 1 }
        state.status.trouble = nil
        state.neededSince = nil
        state.halfDoneSince = nil
        state.pause = limits.pauseMin
        state.failures = 0
      }
      return isNew
    } catch {
      // What somebody does who is ended means nothing.
      if Task.isCancelled { return false }
      onEvent(.failed(error))
      let isDeaf = isDeaf(error)
      state.withLock { state in
        state.status.trouble = error
        if error != .unfounded && !isDeaf { state.failures += 1 }
        // Long enough for those that hear everybody to see that nobody is at it.
        let pause = isDeaf ? max(state.pause, limits.silenceMax) : state.pause
        state.resting = now + pause
        state.pause = min(state.pause * 2, limits.pauseMax)
      }
      return false
    }
  }

  /// Whether it failed because it does not hear somebody whom most of the others hear: then not the
  /// silent one is to be left behind, but the change to be left to others.
  private func isDeaf(_ error: ReconfigurationError) -> Bool {
    guard case .unheard(let nodes) = error, host != nil else { return false }
    let look = status.look
    return nodes.allSatisfy { node in
      let views = look.statuses.filter { $0.key != host && $0.key != node }.compactMap(\.value.view)
      let hearing = views.count { !$0.unheard.contains(node) }
      return hearing * 2 > views.count
    }
  }

  /// Empties disks that came back, and of which nobody knows whether what they hold is true (R29).
  private func resetReturned(_ status: MonitorStatus) async {
    let wishes = wishes()
    guard status.layout.epoch == layout.epoch else { return }
    let held = held(status).union(status.suspects)
    for unit in status.look.returned(to: status.layout) where wishes.peers.contains(unit.node) {
      if held.contains(unit.node) { continue }
      if wishes.goal.leaving.contains(unit.node), !wishes.returning.contains(unit.node) { continue }
      let request = ResetRequest(incarnation: unit.incarnation, layout: status.layout)
      let reply = try? await network.call(  // It is tried again if it has not heard.
        .reset(request),
        to: unit.node,
        patience: hand.patience * 4
      )
      guard case .reset(let incarnation)? = reply else { continue }
      onEvent(.reset(UnitName(node: unit.node, incarnation: incarnation)))
    }
  }
}

/// What a look says is to be done about a layout.
enum Need: Sendable {
  /// It is as it should be.
  case nothing
  /// Another one is to come.
  case change
  /// It is as good as it can be with the spares that there are.
  case spares
}

extension ClusterLook {
  /// Whether a monitor on another node is changing the layout.
  fileprivate func isChanging(besides host: NodeID?) -> Bool {
    statuses.contains { $0.key != host && $0.value.view?.isChanging == true }
  }
}
