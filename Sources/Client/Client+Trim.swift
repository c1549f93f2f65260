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
      for chain in known.layout.chains { try await self.trimPrefix(before: mark, on: chain, known) }
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
