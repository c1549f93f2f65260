public import CorfuGlobalLog
internal import CorfuStripeMirror
internal import Synchronization

// Where a unit's streams end, for whoever begins the next reign.

extension StorageUnit {
  /// Where the last entries of some streams stand (R4); told once an epoch is closed here.
  ///
  /// What is written in later epochs may be in it.
  ///
  /// - Parameters:
  ///   - epoch: The epoch that is over.
  ///   - last: The last stream of the page before; `nil` for the first page.
  ///   - countMax: How many streams are wanted; a page has ``StreamPage/endsMax`` at most.
  /// - Returns: A page.
  /// - Throws: ``UnitRefusal``, ``EpochRefusal/behind(installed:)`` where the epoch is not closed.
  public func streams(
    of epoch: Epoch,
    after last: StreamID?,
    countMax: Int
  ) async throws(UnitRefusal) -> StreamPage {
    let sealed = try await sealedEpoch(from: epoch)
    let known = state.withLock { state in
      state.listing.flatMap { $0.sealed == sealed && last != nil ? $0.streams : nil }
    }
    let all = known ?? store.reader.streamListing()
    let begin = last.map { all.index(behind: $0) } ?? 0
    let end = min(begin + max(1, min(countMax, StreamPage.endsMax)), all.count)
    // Kept for the pages to come, and no longer: there may be a million.
    state.withLock { $0.listing = end < all.count ? (sealed, all) : nil }
    return store.reader.streamPage(begin..<end, of: all)
  }

  /// The highest closed epoch, if it is not below one.
  private func sealedEpoch(from epoch: Epoch) async throws(UnitRefusal) -> Epoch {
    while true {
      let sealed: Epoch? = try state.withLock { (state) throws(UnitRefusal) in
        if let failure = state.failure { throw .log(failure) }
        // A seal that is not durable is not told of (R2).
        if state.isChanging { return nil }
        if state.gate.sealed < epoch { throw .epoch(.behind(installed: state.gate.installed)) }
        return state.gate.sealed
      }
      if let sealed { return sealed }
      await waitForChange()
    }
  }
}
