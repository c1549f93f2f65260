public import CorfuGlobalLog
public import CorfuStripeMirror
internal import Synchronization

// How a unit's gate changes: shut it, let those out who are in, write it down, open it. A layout is
// kept in the same file; where that is all, the gate stays open.

extension StorageUnit {
  /// Closes an epoch: nothing of it, or of one before, has any effect here from now on.
  ///
  /// The answer follows the writes that were under way, and is durable (R4).
  ///
  /// - Parameters:
  ///   - epoch: The epoch.
  ///   - layout: A layout to keep besides, if it is newer than the one that is kept.
  /// - Returns: Where the unit ends.
  /// - Throws: ``UnitRefusal/log(_:)``, if the unit has ended.
  public func seal(
    _ epoch: Epoch,
    keeping layout: Layout? = nil
  ) async throws(UnitRefusal) -> UnitSeal {
    try await change { gate in
      gate.seal(epoch)
      return layout
    }
    return UnitSeal(sealed: sealed, tail: store.tail(), trimMark: store.reader.trimMark)
  }

  /// Puts a layout into force, which must have been decided, and closes the epochs before it.
  ///
  /// An older one than the one in force changes nothing.
  ///
  /// - Parameters:
  ///   - id: The layout's name.
  ///   - layout: The layout, to be kept if it is newer than the one that is kept: one sync does for
  ///     both.
  /// - Returns: The layout in force now.
  /// - Throws: ``UnitRefusal``, if another layout of that epoch is in force, or the unit has ended.
  public func install(
    _ id: LayoutID,
    keeping layout: Layout? = nil
  ) async throws(UnitRefusal) -> LayoutID? {
    var refusal: EpochRefusal?
    try await change { gate in
      refusal = gate.install(id)
      return refusal == nil ? layout : nil
    }
    if let refusal { throw .epoch(refusal) }
    return installed
  }

  /// Keeps a layout that was decided, if it is newer than the one that is kept; durable on return.
  ///
  /// Without room on the disk it is not kept.
  public func keep(_ layout: Layout) async throws(UnitRefusal) {
    try await change { _ in layout }
  }

  /// What is wrong with a layout, were it to be put into force now; `nil` if nothing is.
  public func objection(to layout: LayoutID) -> EpochRefusal? {
    var gate = state.withLock { $0.gate }
    return gate.install(layout)
  }

  /// Changes the gate once nothing is in flight, and writes it down with the layout that `body`
  /// returns.
  private func change(_ body: (inout Gate) -> Layout?) async throws(UnitRefusal) {
    guard let (gate, layout) = try await beginChange(body) else { return }
    var (before, file) = state.withLock { ($0.gate, $0.file) }
    if gate != before, !planted(.sealsOverWrites) { await waitForWrites() }
    do {
      let contents = EpochFile<Storage>.Contents(sealed: gate.sealed, installed: gate.installed)
      try await file.write(contents, keeping: layout)
    } catch {
      end(.failed(error))
      throw .log(.failed(error))
    }
    let waiting = state.withLock { state in
      state.gate = gate
      state.file = file
      state.isChanging = false
      state.isShut = false
      return state.takeWaiting()
    }
    if gate != before {
      onEvent(.gateChanged(sealed: gate.sealed, installed: gate.installed))
    }
    for continuation in waiting { continuation.resume() }
  }

  /// What a wish for a change comes to.
  private enum Step {
    /// Another change is under way.
    case wait
    /// All is as wanted.
    case none
    /// This has to be written down, and if the gate is another one, nobody is let in until then.
    case change(Gate, keeping: Layout?)
  }

  /// Waits for the change before, and shuts the gate if it is to be another one.
  ///
  /// - Returns: What is wanted; `nil` if it is so.
  private func beginChange(
    _ body: (inout Gate) -> Layout?
  ) async throws(UnitRefusal) -> (gate: Gate, layout: Layout?)? {
    while true {
      let step: Step = try state.withLock { (state) throws(UnitRefusal) in
        if let failure = state.failure { throw .log(failure) }
        if state.isChanging { return .wait }
        var gate = state.gate
        let layout = body(&gate)
        state.isShut = gate != state.gate
        state.isChanging = state.isShut || layout.map(state.file.lacks) ?? false
        return state.isChanging ? .change(gate, keeping: layout) : .none
      }
      switch step {
      case .wait: await waitForChange()
      case .none: return nil
      case .change(let gate, let layout): return (gate, layout)
      }
    }
  }

  /// Waits for the change under way.
  func waitForChange() async {
    await withUnsafeContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.isChanging || state.failure != nil { return true }
        state.waiting.append(continuation)
        return false
      }
      if isOver { continuation.resume() }
    }
  }

  private func waitForWrites() async {
    await withUnsafeContinuation { continuation in
      let isQuiet = state.withLock { state in
        if state.inFlight == 0 { return true }
        state.drain = continuation
        return false
      }
      if isQuiet { continuation.resume() }
    }
  }
}
