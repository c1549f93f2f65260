// What a store says of where its streams end: once, when an epoch is over, and page by page, so
// that nobody waits for a million streams.

/// The streams of a store as they were at one moment, in the order of their numbers.
///
/// Whatever was known then stays true, but for trims; and those are looked up page by page.
package struct StreamListing: Sendable {
  fileprivate let streams: [(stream: StreamID, places: Places)]

  /// The index of the first stream behind another; of the first of all, if that is `nil`.
  fileprivate func begin(behind stream: StreamID?) -> Int {
    guard let stream else { return 0 }
    var low = 0
    var high = streams.count
    while low < high {
      let middle = (low + high) / 2
      if streams[middle].stream <= stream { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension StoreReader {
  /// Lists the streams of which the store knows something.
  package func streamListing() -> StreamListing {
    // Sorted here, where no writer waits for it.
    var streams = update { $0.streams.streams }
    streams.sort { $0.stream < $1.stream }
    return StreamListing(streams: streams)
  }

  /// Where some streams of a listing end; whatever is trimmed does not count.
  ///
  /// - Parameters:
  ///   - listing: The listing.
  ///   - last: The last stream of the page before; `nil` for the first page.
  ///   - countMax: How many streams to look at, at most.
  /// - Returns: Those of which there is anything to say.
  package func streamPage(
    of listing: StreamListing,
    behind last: StreamID? = nil,
    countMax: Int = .max
  ) -> StreamPage {
    let begin = listing.begin(behind: last)
    let end = begin + min(max(1, countMax), listing.streams.count - begin)
    let wanted = listing.streams[begin..<end]
    let hasMore = end < listing.streams.count
    return update { $0.streamPage(of: wanted, last: hasMore ? wanted.last?.stream : nil) }
  }
}

extension StoreIndex {
  fileprivate func streamPage(
    of wanted: ArraySlice<(stream: StreamID, places: Places)>,
    last: StreamID?
  ) -> StreamPage {
    // What was lost may have been of any stream.
    if isInDoubt { return StreamPage(ends: [], isComplete: false) }
    let isComplete = streams.isComplete(trimmedBefore: trimMark)
    var page = StreamPage(ends: [], isComplete: isComplete, last: last)
    page.ends.reserveCapacity(wanted.count)
    for (stream, places) in wanted {
      let end = streams.end(of: stream, at: places, trimmedBefore: trimMark) { isTrimmed($0) }
      // Of a stream that is not named the same is said.
      let isSaid = isComplete ? end.isKnown && end.newest == nil : !end.isKnown
      if !isSaid { page.ends.append(end) }
    }
    return page
  }
}
