public import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// Forgetting: a trim goes down the chain like a write, so no reader sees a value again that an
// earlier one found trimmed (R20).

extension Client {
  public func trim(_ position: Position) async throws(LogError) {
    let asked = Snapshot(epoch: layouts.current.id.epoch, position: position.advanced(by: 1))
    try await persist { (known) throws(Obstacle) in
      try Self.proveUncut(asked, in: known)
      let tail = try await self.nextPosition(in: known)
      if position >= tail {
        try await self.confirm(known)
        throw .final(.beyondTail(position, tail: tail))
      }
      for replica in self.chain(of: position, in: known) {
        do throws(ReplicaError) {
          try await replica.trim([position])
        } catch {
          throw Obstacle(error)
        }
        if planted(.trimsHeadOnly) { break }
      }
    }
  }

  public func trimPrefix(before mark: Position) async throws(LogError) {
    let asked = Snapshot(epoch: layouts.current.id.epoch, position: mark)
    try await persist { (known) throws(Obstacle) in
      try Self.proveUncut(asked, in: known)
      let tail = try await self.nextPosition(in: known)
      if mark > tail {
        try await self.confirm(known)
        throw .final(.beyondTail(mark, tail: tail))
      }
      // Span by span: a mark holds for all that a unit keeps, and whoever comes second in a chain
      // of one span may be the tail of another in the next, whose head has not heard of it.
      let spans = known.layout.spans
      for (index, span) in spans.enumerated() where span.begin < mark {
        let end = index + 1 < spans.count ? min(mark, spans[index + 1].begin) : mark
        for chain in span.stripes { try await self.trimPrefix(before: end, on: chain, known) }
      }
    }
  }

  /// Sees to it that what somebody wants to be forgotten was not handed out again since (R24).
  private static func proveUncut(
    _ asked: Snapshot,
    in known: KnownLayout
  ) throws(Obstacle) {
    if let cut = asked.cut(in: known.layout.cuts) { throw .final(.cut(cut.position)) }
  }

  func trimPrefix(
    before mark: Position,
    on chain: Chain,
    _ known: KnownLayout
  ) async throws(Obstacle) {
    for replica in replicas(of: chain, in: known) {
      do throws(ReplicaError) {
        try await replica.trimPrefix(before: mark)
      } catch {
        throw Obstacle(error)
      }
    }
  }

  /// Up to where all is trimmed from a position on, as the trim marks of the units tell: what was
  /// trimmed by itself does not count.
  ///
  /// - Parameter begin: Where to begin: all before it is known to be trimmed, or of no interest.
  /// - Returns: The first position that is not before a mark.
  /// - Throws: `LogError.unavailable` where units stay silent.
  public func trimMark(from begin: Position) async throws(LogError) -> Position {
    try await persist { (known) throws(Obstacle) in
      let spans = known.layout.spans
      var mark = begin
      for (index, span) in spans.enumerated() {
        let end = index + 1 < spans.count ? spans[index + 1].begin : nil
        if let end, end <= mark { continue }
        var reached = end
        for chain in span.stripes {
          guard let tail = chain.replicas.last else { continue }
          let told = try await self.trimMark(of: tail)
          reached = min(reached ?? told, told)
        }
        mark = max(mark, reached ?? mark)
        if mark != end { break }
      }
      return mark
    }
  }

  /// Everything that a unit keeps is trimmed before this.
  func trimMark(of unit: UnitName) async throws(Obstacle) -> Position {
    // Epoch 0 was over before anything began. To close it changes nothing and costs no sync, and
    // whoever closes an epoch is told the mark.
    let request = Request.sealUnit(SealRequest(epoch: .zero, incarnation: unit.incarnation))
    let reply: Reply
    do {
      reply = try await network.call(request, to: unit.node, patience: limits.callPatience)
    } catch {
      throw .silent("the unit \(unit.node) does not answer")
    }
    guard case .unitSealed(let seal) = reply else {
      throw .silent("the unit \(unit.node) does not tell its trim mark")
    }
    return seal.trimMark
  }
}
