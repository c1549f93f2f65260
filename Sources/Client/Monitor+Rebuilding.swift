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

  /// Gives one newcomer all that it lacks, and lets it join.
  private func rebuildOne() async {
    let status = status
    guard need(status) != .change, !isHalfDone(status) else { return }
    let tasks = Kit.Rebuilds.tasks(in: status.layout, seeing: sight(status), goal: wishes().goal)
    guard let newcomer = tasks.first?.newcomer else {
      return state.withLock { $0.status.rebuildTrouble = nil }
    }
    if state.withLock({ now < $0.rebuildResting }) { return }
    if rank > 0 {
      // Somebody of a lower rank may be at it; whoever is there is much faster than this.
      await sleep(limits.silenceMax * (2 * rank))
      if layout.epoch != status.layout.epoch { return }
    }
    var joins: [SpanJoin] = []
    for task in tasks where task.newcomer == newcomer {
      onEvent(.rebuilding(task))
      do throws(RebuildError) {
        try await rebuilder.run(task) { next in
          state.withLock { $0.status.rebuild = RebuildProgress(task: task, next: next) }
        }
        joins.append(task.join)
        state.withLock { $0.status.rebuildTrouble = nil }
      } catch {
        if error != .cancelled { onEvent(.notRebuilt(error)) }
        state.withLock { $0.status.rebuildTrouble = error == .overtaken ? nil : "\(error)" }
        // What one range has lost keeps nobody from joining others.
        if case .lost = error { continue }
        break
      }
    }
    state.withLock { state in
      state.status.rebuild = nil
      if !joins.isEmpty {
        state.rebuildPause = limits.pauseMin
      } else {
        state.rebuildResting = now + state.rebuildPause
        state.rebuildPause = min(state.rebuildPause * 2, limits.pauseMax)
      }
    }
    if joins.isEmpty { return }
    if await change(joins: joins) { onEvent(.joined(joins.count)) }
  }
}
