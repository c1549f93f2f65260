internal import CorfuGlobalLog
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// What a unit says of its streams, held against all that it has: after every opening, whatever
// crashes, copies and rot came before.

extension ClusterNodes {
  /// Every list that a unit vouches for names the last entries of the stream, and leaves none out
  /// (R4, R12).
  func proveStreams<Gate>(of unit: StorageUnit<SimulatedDevice, Gate>, on id: NodeID) {
    let reader = unit.store.reader
    var entries: [StreamID: [Position]] = [:]
    var unreadable: Set<Position> = []
    for position in Position.zero..<reader.tail {
      do {
        guard case .data(let entry) = try reader.read(position) else { continue }
        for link in entry.streams { entries[link.stream, default: []].append(position) }
      } catch {
        unreadable.insert(position)
      }
    }
    let page = reader.allStreams()
    for end in page.ends {
      guard let said = end.positions else { continue }
      let isFull = said.count == StreamLink.backpointersMax
      let begin = isFull ? said.last ?? .zero : .zero
      let readable = Set(entries[end.stream] ?? []).filter { $0 >= begin }
      let named = Set(said).subtracting(unreadable)
      if readable != named {
        history.fail(
          "R4: \(id) says that stream \(end.stream) ends at \(said), and has \(readable.sorted())"
        )
      }
    }
    let silent = Set(entries.keys).subtracting(page.ends.map(\.stream))
    if page.isComplete, let stream = silent.min() {
      history.fail("R12: \(id) says that there is no stream \(stream), and has entries of it")
    }
  }
}
