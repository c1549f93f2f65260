internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Synchronization

// How a monitor has copied what stands on too few units.

extension Monitor {
  /// Has copied what is to be copied, until its task is cancelled.
  func rebuild() async {
    while !Task.isCancelled {
      await sleep(limits.interval)
      guard wishes().isAutomatic else { continue }
      await repairDamage()
      await finishTrims()
      await rebuildOne()
    }
  }

  /// Positions that units have lost and that nobody has tried to bring back of late.
  func openDamage(_ status: MonitorStatus) -> [Position] {
    var damage: Set<Position> = []
    for unit in Set(status.layout.units) where status.look.unit(of: unit.node) == unit {
      damage.formUnion(status.look.statuses[unit.node]?.unit?.damage ?? [])
    }
    if damage.isEmpty { return [] }
    return state.withLock { state in
      damage.filter { position in
        state.repairs[position].map { now - $0 > limits.repairPause } ?? true
      }
    }.sorted()
  }

  /// Brings back what units have lost, from their peers (D6).
  private func repairDamage() async {
    for position in openDamage(status) {
      if Task.isCancelled { return }
      // If no peer has it, or none answers, it is tried again later.
      _ = try? await client.mend(position)
      state.withLock { state in
        state.repairs = state.repairs.filter { now - $0.value <= limits.repairPause }
        state.repairs[position] = now
      }
    }
  }

  /// Finishes the trims that those have not heard of who stand in for what was given up (R24).
  ///
  /// Before anything is copied: what is trimmed is copied as one range.
  private func finishTrims() async {
    let known = client.layouts.current
    if client.hasFinishedTrims(in: known) { return }
    // Whoever is silent, or in another epoch, is asked again the next time.
    try? await client.finishTrims(in: known)
  }

  /// Gives one newcomer all that it lacks, and lets it join.
  ///
  /// One monitor at a time, as far as they hear of each other: a copy that two make is made once,
  /// and costs the disks twice.
  private func rebuildOne() async {
    let status = status
    guard need(status) != .change, !isHalfDone(status) else { return }
    let tasks = Kit.Rebuilds.tasks(in: status.layout, seeing: sight(status), goal: wishes().goal)
    if tasks.isEmpty { return state.withLock { $0.status.rebuildTrouble = nil } }
    // What one newcomer cannot be given, because it is lost, is in nobody else's way.
    guard let newcomer = tasks.first(where: { !isGivenUp($0) })?.newcomer else { return }
    if state.withLock({ now < $0.rebuildResting || othersCopy($0) }) { return }
    let courtesy = courtesy(status)
    if courtesy > .zero {
      // Somebody of a lower rank may be about to; whoever is there says so much sooner than this.
      await sleep(courtesy)
      if layout.epoch != status.layout.epoch || state.withLock({ othersCopy($0) }) { return }
    }
    let joins = await copy(tasks.filter { $0.newcomer == newcomer && !isGivenUp($0) })
    let isJoined = joins.isEmpty ? false : await change(joins: joins)
    if isJoined { onEvent(.joined(joins.count)) }
    state.withLock { state in
      // Only now: before the join the others would begin anew.
      state.status.rebuild = nil
      if isJoined {
        state.rebuildPause = limits.pauseMin
      } else {
        // Who can copy and not change the layout, or neither, lets others try.
        state.rebuildResting = now + state.rebuildPause
        state.rebuildPause = min(state.rebuildPause * 2, limits.pauseMax)
      }
    }
    publish()
  }

  /// How long it leaves a copy to those that go first: the dead keep nobody waiting.
  private func courtesy(_ status: MonitorStatus) -> Duration {
    // Whoever has no host hears nothing of others, and is surely late after this.
    if host == nil { return limits.silenceMax * (2 * rank) }
    return limits.interval * (3 * place(status))
  }

  /// Whether some of what a task names was lost when it was last tried, a moment ago.
  private func isGivenUp(_ task: RebuildTask) -> Bool {
    state.withLock { state in
      state.lostTasks[task].map { now - $0 < limits.repairPause } ?? false
    }
  }

  /// - Returns: What the newcomer has all of.
  private func copy(_ tasks: [RebuildTask]) async -> [SpanJoin] {
    var joins: [SpanJoin] = []
    for task in tasks {
      onEvent(.rebuilding(task))
      tell(RebuildProgress(task: task, next: task.begin))
      publish()
      do throws(RebuildError) {
        try await rebuilder.run(task) { tell(RebuildProgress(task: task, next: $0)) }
        joins.append(task.join)
        state.withLock { $0.status.rebuildTrouble = nil }
      } catch {
        let isOver = error == .overtaken || !isWanted(task)
        if error != .cancelled { onEvent(.notRebuilt(isOver ? .overtaken : error)) }
        state.withLock { $0.status.rebuildTrouble = isOver ? nil : "\(error)" }
        // What one range has lost keeps nobody from joining others.
        if case .lost = error {
          state.withLock { state in
            state.lostTasks = state.lostTasks.filter { now - $0.value < limits.repairPause }
            state.lostTasks[task] = now
          }
          continue
        }
        break
      }
    }
    return joins
  }

  private func tell(_ progress: RebuildProgress) {
    state.withLock { $0.status.rebuild = progress }
  }

  /// Whether the newest layout lacks a copy still: another monitor may have made it meanwhile.
  private func isWanted(_ task: RebuildTask) -> Bool {
    let status = status
    return Kit.Rebuilds.tasks(in: status.layout, seeing: sight(status), goal: wishes().goal)
      .contains { $0.begin == task.begin && $0.newcomer == task.newcomer }
  }

  // MARK: - Those of others

  /// Takes in how far the copies of others are.
  func noteCopies(_ state: inout State) {
    var copies: [NodeID: CopySeen] = [:]
    for (node, status) in state.status.look.statuses where node != host {
      guard let copy = status.view?.copy else { continue }
      let seen = state.copies[node]
      let isSame = seen?.copy.newcomer == copy.newcomer && seen?.copy.begin == copy.begin
      // One that begins again and again gets no further.
      if let seen, isSame, copy.next <= seen.copy.next {
        copies[node] = seen
      } else {
        copies[node] = CopySeen(copy: copy, since: now)
      }
    }
    state.copies = copies
  }

  /// Whether another monitor is copying, and gets on with it: one that does not may be helpless.
  private func othersCopy(_ state: State) -> Bool {
    state.copies.values.contains { now - $0.since < limits.changeMax }
  }
}

/// How far another monitor's copy is, and since when.
struct CopySeen: Sendable {
  let copy: CopyUnderWay
  let since: Duration
}
