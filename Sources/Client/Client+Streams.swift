public import CorfuGlobalLog
internal import CorfuProtocol
public import CorfuSequencer
internal import CorfuStripeMirror

// What streams ask of a client.

extension Client: StreamingLog {
  public func ends(of streams: [StreamID]) async throws(LogError) -> StreamEnds {
    try await persist { (known) throws(Obstacle) in
      let request = Request.streamTails(StreamTailsRequest(layout: known.id, streams: streams))
      guard case .streamTails(let tail, let links) = try await self.askSequencer(request, in: known)
      else { throw .silent("the sequencer answers something else") }
      // Afterwards: a sequencer that was deposed does not know it.
      try await self.confirm(known)
      return StreamEnds(
        snapshot: Snapshot(epoch: known.id.epoch, position: tail),
        begin: known.layout.spans.first?.begin ?? .zero,
        lossEnd: known.layout.lossEnd,
        cuts: known.layout.cuts,
        links: links
      )
    }
  }

  public func read(_ positions: [Position]) async throws(LogError) -> [Slot] {
    try await persist { (known) throws(Obstacle) in try await self.readOnce(positions, in: known) }
  }

  public func settle(before moment: Snapshot) async throws(LogError) -> Bool {
    if moment.position == .zero { return true }
    do {
      _ = try await settle(moment.position.advanced(by: -1))
    } catch {
      switch error {
      case .beyondTail: return false
      // Whatever stood there, nothing else will.
      case .lost: break
      default: throw error
      }
    }
    // Epochs only go up: whoever is still in the moment's has settled it there.
    return layouts.current.id.epoch == moment.epoch || planted(.trustsOldEnds)
  }

  public var knownEpoch: Epoch { layouts.current.id.epoch }

  public func rest(for time: Duration) async {
    let mixed = (id.low ^ UInt64(truncatingIfNeeded: counters.appends)) &* 0x9e37_79b9_7f4a_7c15
    do {
      try await clock.sleep(for: time / 2 + time * Int(mixed >> 54) / 1024)
    } catch {
      return  // Cancelled: whoever waits for it looks at that.
    }
  }
}
