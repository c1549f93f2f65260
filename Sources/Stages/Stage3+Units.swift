public import CorfuGlobalLog
internal import CorfuSequencer
public import CorfuStripeMirror
internal import Synchronization

// The units of stage 3 one by one: how they are, and what a learner may do to them.

/// How a unit is.
public enum MirrorCondition: Hashable, Sendable {
  /// It is in the layout, and answers.
  case up
  /// It is in the layout, and does not answer: nobody could take its place.
  case down
  /// It was taken out of the layout, and runs; it has missed entries, and is not asked.
  case out
  /// It was taken out of the layout, and does not run.
  case gone
}

extension Stage3 {
  /// A unit and how it is.
  public struct Status: Sendable {
    /// Which.
    public let name: UnitName
    /// How it is.
    public let condition: MirrorCondition
    /// The store's counters, while it runs.
    public let counters: StoreCounters?
    /// One past its highest position, while it runs.
    public let tail: Position?
    /// Every position before it is trimmed, while it runs.
    public let trimMark: Position?
  }

  /// The layout in force.
  public var layout: Layout { roster.view.layout }

  /// All units that the log was made with, in order.
  public var units: [Status] {
    let (members, running) = state.withLock { ($0.file.members, $0.running) }
    let used = Set(layout.units)
    return members.map { name in
      let unit = running[name.node]?.unit
      let isUp = unit?.isAlive ?? false
      let condition: MirrorCondition =
        used.contains(name) ? (isUp ? .up : .down) : (isUp ? .out : .gone)
      return Status(
        name: name,
        condition: condition,
        counters: unit?.store.counters,
        tail: unit?.store.tail(),
        trimMark: unit?.store.reader.trimMark
      )
    }
  }

  /// A unit that runs.
  public func unit(_ node: NodeID) -> Unit? {
    state.withLock { $0.running[node]?.unit }
  }

  /// Where the sequencer's next token begins.
  public var tail: Position {
    do {
      return try roster.view.sequencer.tail()
    } catch {
      // A log that is being closed hands nothing out any more.
      return layout.firstTail
    }
  }

  /// Ends a unit at once, as `kill -9` does, and takes it out of its chains, if others are left
  /// there (R23).
  ///
  /// If it was the tail, what the head has counts as written; if it was the head, only what had
  /// come to the others exists. Without others it stays in the layout, and its chain waits for it
  /// (R24).
  ///
  /// - Returns: Whether it was taken out.
  /// - Throws: ``MirrorError``, if there is no such unit, or the new layout cannot be written down.
  @discardableResult
  public func kill(_ node: NodeID) async throws(MirrorError) -> Bool {
    await roster.beginChange()
    let old = roster.view
    do throws(MirrorError) {
      guard let running = try known(node) else { throw .notUp(node) }
      await running.unit.kill()
      running.device.unlock()
      let file = state.withLock { state in
        state.running[node] = nil
        return state.file
      }
      let name = running.unit.name
      guard file.layout.units.contains(name), let layout = file.layout.without(name) else {
        roster.endChange(old)
        return false
      }
      try await bringIntoForce(layout)
      return true
    } catch {
      roster.endChange(old)
      throw error
    }
  }

  /// Starts a unit again.
  ///
  /// One that is still in the layout serves at once: nothing was written to its chain without it.
  /// One that was taken out has missed entries, and stays out until they were copied (chapter 4).
  ///
  /// - Returns: Whether it serves.
  /// - Throws: ``MirrorError``, if it cannot be opened.
  @discardableResult
  public func restart(
    _ node: NodeID,
    using random: inout some RandomNumberGenerator
  ) async throws(MirrorError) -> Bool {
    await roster.beginChange()
    let old = roster.view
    do throws(MirrorError) {
      if let running = try known(node) {
        if running.unit.isAlive { throw .alreadyUp(node) }
        running.device.unlock()
      }
      let device = makeDevice(node)
      let file = state.withLock { $0.file }
      // One that is out of the layout gets all that its chain has (chapter 4), from whatever state.
      if let name = file.layout.units.first(where: { $0.node == node }),
        case .outdated(let missing) = try file.presence(of: name, on: device)
      {
        throw .outdated(node, boots: missing)
      }
      let running = try await Running(
        node,
        on: device,
        limits: limits,
        epoch: layout.epoch,
        using: &random,
        onEvent: onEvent
      )
      let start = state.withLock { state in
        state.running[node] = running
        return state.start
      }
      start.yield(running)
      guard layout.units.contains(running.unit.name) else {
        roster.endChange(old)
        return false
      }
      try await bringIntoForce(layout)
      return true
    } catch {
      roster.endChange(old)
      throw error
    }
  }

  /// Ends the reign of the sequencer, and begins the next epoch with a layout.
  ///
  /// If the layout cannot be written down, no more positions are handed out.
  private func bringIntoForce(_ layout: Layout) async throws(MirrorError) {
    var file = state.withLock { $0.file }
    file.layout = layout
    try await bringIntoForce(file)
  }

  /// The same with other members.
  func bringIntoForce(_ next: MirrorFile) async throws(MirrorError) {
    var file = next
    // No position may be handed out twice: the new reign begins where the old one ends.
    let end = roster.view.sequencer.seal() ?? file.layout.firstTail
    file.layout = file.layout.next(sequencer: file.layout.sequencer, firstTail: end)
    file.note(state.withLock { $0.running })
    do {
      try await folder.replace(MirrorFile.name, with: file.encoded())
    } catch {
      throw .folder(error)
    }
    let running = state.withLock { [file] state in
      state.file = file
      return state.running
    }
    await file.tell(running)
    roster.endChange(.make(file.layout, running.mapValues(\.unit)))
  }

  func known(_ node: NodeID) throws(MirrorError) -> Running? {
    let (members, running, isClosed) = state.withLock { state in
      (state.file.members, state.running[node], state.isClosed)
    }
    if isClosed { throw .closed }
    guard members.contains(where: { $0.node == node }) else {
      throw .noSuchUnit(node, last: members.last?.node ?? node)
    }
    return running
  }
}
