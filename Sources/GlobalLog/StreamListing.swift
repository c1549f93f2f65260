// What a store says of where its streams end: once, when an epoch is over, and page by page, so
// that nobody waits for a million streams.

/// The streams of a store, in the order of their numbers, each with its last places as they were
/// when it was made.
///
/// A copy: where a million streams end is told in one go, and looking each of them up again costs
/// more than all the rest.
package struct StreamListing: Sendable {
  private let entries: [Entry]

  fileprivate struct Entry: BitwiseCopyable, Sendable {
    var number: UInt64
    var places: Places
  }

  fileprivate init(_ unordered: [Entry]) {
    var order = unordered.indices.map { NumberedPlace(number: unordered[$0].number, place: $0) }
    order.sortByNumber()
    entries = order.map { unordered[$0.place] }
  }

  /// How many streams there are.
  package var count: Int { entries.count }

  /// The index of the first stream that is behind another.
  package func index(behind stream: StreamID) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].number <= stream.number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  fileprivate func forEach(in range: Range<Int>, _ body: (StreamID, Places) -> Void) {
    for index in range { body(StreamID(entries[index].number), entries[index].places) }
  }
}

/// Where something with a number stands in another list.
private struct NumberedPlace: BitwiseCopyable {
  var number: UInt64
  var place: Int
}

extension [NumberedPlace] {
  /// Puts them in the order of their numbers, byte by byte from the lowest: in proportion to their
  /// count, where comparing takes twenty times that for a million.
  fileprivate mutating func sortByNumber() {
    var other = self
    let (ones, zeros) = reduce((UInt64.min, UInt64.max)) { ($0.0 | $1.number, $0.1 & $1.number) }
    for shift in stride(from: 0, to: UInt64.bitWidth, by: 8) {
      // They all have the same byte there.
      if (ones ^ zeros) >> shift & 0xff == 0 { continue }
      var begins = [Int](repeating: 0, count: 257)
      for entry in self { begins[Int(entry.number >> shift & 0xff) + 1] += 1 }
      for byte in 1...256 { begins[byte] += begins[byte - 1] }
      for entry in self {
        let byte = Int(entry.number >> shift & 0xff)
        other[begins[byte]] = entry
        begins[byte] += 1
      }
      swap(&self, &other)
    }
  }
}

extension StoreReader {
  /// The streams of which the store knows something now.
  package func streamListing() -> StreamListing {
    let entries = update { index in
      var entries: [StreamListing.Entry] = []
      entries.reserveCapacity(index.streams.count)
      index.streams.forEach { entries.append(StreamListing.Entry(number: $0.number, places: $1)) }
      return entries
    }
    // Put in order here, where no writer waits for it.
    return StreamListing(entries)
  }

  /// All that the store says of its streams, however many there are.
  package func allStreams() -> StreamPage {
    let listing = streamListing()
    return streamPage(0..<listing.count, of: listing)
  }

  /// Where some streams of a listing end.
  ///
  /// - Parameters:
  ///   - range: Which of them, no more than a page has.
  ///   - listing: A listing of this store.
  /// - Returns: Those of which there is anything to say. Whatever is trimmed by now does not count.
  package func streamPage(_ range: Range<Int>, of listing: StreamListing) -> StreamPage {
    update { $0.streamPage(range, of: listing) }
  }
}

extension StoreIndex {
  fileprivate func streamPage(_ range: Range<Int>, of listing: StreamListing) -> StreamPage {
    // What was lost may have been of any stream.
    if isInDoubt { return StreamPage(ends: [], isComplete: false) }
    let isComplete = streams.isComplete(trimmedBefore: trimMark)
    var page = StreamPage(ends: [], isComplete: isComplete)
    page.ends.reserveCapacity(range.count)
    listing.forEach(in: range) { stream, places in
      let end = streams.end(of: stream, places, trimmedBefore: trimMark) { isTrimmed($0) }
      // Of a stream that is not named the same is said.
      let isSaid = isComplete ? end.isKnown && end.newest == nil : !end.isKnown
      if !isSaid { page.ends.append(end) }
      if range.upperBound < listing.count { page.last = stream }
    }
    return page
  }
}
