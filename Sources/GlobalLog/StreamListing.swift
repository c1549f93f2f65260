// What a store says of where its streams end: once, when an epoch is over, and page by page, so
// that nobody waits for a million streams.

extension StoreReader {
  /// The streams of which the store knows something, in the order of their numbers.
  package func streamNumbers() -> [StreamID] {
    // Sorted here, where no writer waits for it.
    var numbers = update { $0.streams.numbers }
    numbers.sort()
    return numbers.map { StreamID($0) }
  }

  /// Where some streams end.
  ///
  /// - Parameters:
  ///   - streams: In the order of their numbers, no more than a page has.
  ///   - hasMore: Whether there are others behind them.
  /// - Returns: Those of which there is anything to say. Whatever is trimmed does not count.
  package func streamPage(of streams: some Collection<StreamID>, hasMore: Bool) -> StreamPage {
    update { $0.streamPage(of: Array(streams), hasMore: hasMore) }
  }
}

extension StoreIndex {
  fileprivate func streamPage(of wanted: [StreamID], hasMore: Bool) -> StreamPage {
    // What was lost may have been of any stream.
    if isInDoubt { return StreamPage(ends: [], isComplete: false) }
    let isComplete = streams.isComplete(trimmedBefore: trimMark)
    var page = StreamPage(ends: [], isComplete: isComplete, last: hasMore ? wanted.last : nil)
    page.ends.reserveCapacity(wanted.count)
    for stream in wanted {
      let end = streams.end(of: stream, trimmedBefore: trimMark) { isTrimmed($0) }
      // Of a stream that is not named the same is said.
      let isSaid = isComplete ? end.isKnown && end.newest == nil : !end.isKnown
      if !isSaid { page.ends.append(end) }
    }
    return page
  }
}
