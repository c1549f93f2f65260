import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuSequencer
public import CorfuStripeMirror
import Synchronization

// How a unit that missed something gets it, and joins its chain again (R28, R29).

/// What came of starting a unit of stage 4.
public enum UnitReturn: Hashable, Sendable {
  /// It was in the layout all the time, and missed nothing.
  case serves
  /// It got what it had missed, and is in its chain again.
  ///
  /// - Parameters:
  ///   - values: How many positions were copied, or compared.
  ///   - isReset: Whether what it had was removed first, because it did not fit.
  case joined(values: Int, isReset: Bool)
}

extension Stage4 {
  private typealias Copy = RangeCopy<
    ChainSource<Storage, Parts>, UnitTarget<Storage>, Parts.Trims
  >

  /// Starts a unit again; one that was taken out gets what it missed, and joins its chain.
  ///
  /// Most is copied while the others work. For the rest no positions are handed out, and what is
  /// under way is waited for; then the next epoch begins with the unit. Positions that nobody wrote
  /// until then are filled: whoever comes late takes another.
  ///
  /// - Parameters:
  ///   - node: Which. One that is up and out of date may be named, too.
  ///   - random: Draws the identity of a unit that begins anew.
  /// - Returns: What came of it.
  /// - Throws: ``MirrorError``; the unit may be up, and out of the layout.
  public func restart(
    _ node: NodeID,
    using random: inout some RandomNumberGenerator
  ) async throws(MirrorError) -> UnitReturn {
    if try await start(node, using: &random) { return .serves }
    do {
      return .joined(values: try await join(node), isReset: false)
    } catch {
      guard case .notCopied(_, let reason) = error, reason.blamesTarget else { throw error }
    }
    // What it has is not what its chain has: it begins anew (R29).
    try await mirrors.kill(node)
    try await reset(node)
    try await mirrors.restart(node, using: &random)
    return .joined(values: try await join(node), isReset: true)
  }

  /// Starts a unit, with an empty folder if what is there cannot be opened and is not needed.
  ///
  /// - Returns: Whether it serves.
  private func start(
    _ node: NodeID,
    using random: inout some RandomNumberGenerator
  ) async throws(MirrorError) -> Bool {
    do {
      return try await mirrors.restart(node, using: &random)
    } catch {
      switch error {
      case .alreadyUp where !isInLayout(node): return false
      case .notOpened(_, .identityLost) where !isInLayout(node): break
      default: throw error
      }
    }
    try await reset(node)
    return try await mirrors.restart(node, using: &random)
  }

  private func isInLayout(_ node: NodeID) -> Bool {
    mirrors.layout.units.contains { $0.node == node }
  }

  private func reset(_ node: NodeID) async throws(MirrorError) {
    do {
      try await mirrors.makeDevice(node).removeStore()
    } catch {
      throw .notOpened(node, .device(error))
    }
  }

  // MARK: - Copying

  /// Copies what a unit missed, and brings a layout with it into force.
  ///
  /// - Returns: How many positions were copied or compared.
  private func join(_ node: NodeID) async throws(MirrorError) -> Int {
    let unit = try running(node)
    var copied = try await copy(to: unit, before: mirrors.tail, from: .zero, isOpen: true)
    let roster = mirrors.roster
    await roster.beginChange()
    await roster.drain()
    let old = roster.view
    do throws(MirrorError) {
      _ = try running(node)
      if isInLayout(node) { throw .alreadyUp(node) }
    } catch {
      roster.endChange(old)
      throw error
    }
    do throws(MirrorError) {
      let end = old.sequencer.seal() ?? old.layout.firstTail
      let rest = try await copy(to: unit, before: end, from: copied.next, isOpen: false)
      copied.values += rest.values
      try await bringIntoForce(unit.name)
    } catch {
      // The sequencer's reign is over in any case: the same units go on in the next epoch.
      do {
        try await mirrors.bringIntoForce(mirrors.state.withLock { $0.file })
      } catch {
        roster.endChange(old)
      }
      throw error
    }
    return copied.values
  }

  private func running(_ node: NodeID) throws(MirrorError) -> Mirrors.Unit {
    guard let running = try mirrors.known(node), running.unit.isAlive else { throw .notUp(node) }
    return running.unit
  }

  private func bringIntoForce(_ unit: UnitName) async throws(MirrorError) {
    var file = mirrors.state.withLock { $0.file }
    let order = file.members.map(\.node)
    guard let index = order.firstIndex(of: unit.node),
      let layout = file.layout.with(unit, inStripe: index / mirrors.shape.replicas, order: order)
    else { throw .noSuchUnit(unit.node, last: order.last ?? unit.node) }
    // Another disk may be in the place of the one that the log was made with.
    file.members[index] = unit
    file.layout = layout
    try await mirrors.bringIntoForce(file)
  }

  /// Copies positions of a unit's chain.
  ///
  /// - Parameters:
  ///   - unit: Who is to have them.
  ///   - end: The first position that was not handed out.
  ///   - next: Everything before it is copied.
  ///   - isOpen: Whether clients are at work: then it goes as far as the first hole, and leaves the
  ///     rest for later. Otherwise holes are filled.
  /// - Returns: How many positions were copied or compared, and where to go on.
  /// - Throws: ``MirrorError/notCopied(_:_:)``.
  private func copy(
    to unit: Mirrors.Unit,
    before end: Position,
    from next: Position,
    isOpen: Bool
  ) async throws(MirrorError) -> (values: Int, next: Position) {
    let node = unit.name.node
    let (source, stripe) = try source(for: unit)
    let target = UnitTarget(unit: unit)
    let mark = min(source.trimMark, end)
    do throws(RangeCopyError) {
      try await prepare(target, source, mark, end)
      var copy = Copy(
        of: CopyRange(mark..<end, stripe: stripe, of: mirrors.shape.stripes),
        from: source,
        to: target,
        gatheringIn: Parts.Trims.self,
        next: max(mark, next)
      )
      while true {
        do throws(RangeCopyError) {
          while try await copy.step() {}
          break
        } catch {
          guard case .hole(let position) = error else { throw error }
          if isOpen { return (copy.values, copy.next) }
          try await fill(position, on: source.chain)
        }
      }
      // Trims may come until the end, and are copied then.
      if isOpen { return (copy.values, copy.next) }
      try await copyTrims(&copy, source, before: end)
      return (copy.values, copy.next)
    } catch {
      throw .notCopied(node, error)
    }
  }

  /// The chain that a unit belongs to, and its place among the stripes.
  private func source(
    for unit: Mirrors.Unit
  ) throws(MirrorError) -> (ChainSource<Storage, Parts>, stripe: Int) {
    let view = mirrors.roster.view
    let members = mirrors.state.withLock { $0.file.members.map(\.node) }
    let stripe = (members.firstIndex(of: unit.name.node) ?? 0) / mirrors.shape.replicas
    guard let chain = view.layout.spans.last?.stripes[stripe] else {
      throw .noSuchUnit(unit.name.node, last: members.last ?? unit.name.node)
    }
    do {
      return (ChainSource(chain: try view.replicas(of: chain)), stripe)
    } catch {
      throw .notCopied(unit.name.node, .source(LogError(error)))
    }
  }

  /// Makes sure that a unit has nothing that its chain lacks, and trims what is forgotten there.
  private func prepare(
    _ target: UnitTarget<Storage>,
    _ source: ChainSource<Storage, Parts>,
    _ mark: Position,
    _ end: Position
  ) async throws(RangeCopyError) {
    do throws(LogError) {
      if try await target.hasMore(than: source, end: end) { throw .inconsistent(end) }
      if target.unit.store.reader.trimMark < mark {
        try await target.unit.store.trimPrefix(before: mark)
      }
    } catch {
      if case .inconsistent(let position) = error { throw .conflict(position) }
      throw .target(error)
    }
  }

  private func copyTrims(
    _ copy: inout Copy,
    _ source: ChainSource<Storage, Parts>,
    before end: Position
  ) async throws(RangeCopyError) {
    do {
      try await source.finishTrims(before: end)
    } catch {
      throw .source(error)
    }
    try await copy.copyLateTrims()
  }

  /// Fills a hole: a late write would make the replicas differ.
  private func fill(
    _ position: Position,
    on chain: [Mirrors.Unit]
  ) async throws(RangeCopyError) {
    let junk = PlacedValue(.junk, at: position)
    switch await Parts.Writer().write([junk], to: chain).first {
    case .complete, .lost, .trimmed: return
    case .failed(let error, _): throw .source(LogError(error))
    case .inconsistent, nil: throw .source(.inconsistent(position))
    }
  }
}

extension RangeCopyError {
  /// Whether the target is the one that is not as it should be, so that it may begin anew.
  fileprivate var blamesTarget: Bool {
    switch self {
    case .conflict, .notCopied, .target(.corrupt), .target(.unknown): true
    case .unreadable, .hole, .source, .target: false
    }
  }
}
