public import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror

// Forgetting: a trim goes down the chain like a write, so no reader sees a value again that an
// earlier one found trimmed (R20).

extension Client {
  public func trim(_ position: Position) async throws(LogError) {
    try await persist { (known) throws(Obstacle) in
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
    try await persist { (known) throws(Obstacle) in
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

  private func trimPrefix(
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
}
