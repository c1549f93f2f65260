internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer

// Playing the log as it stands. A walk along pointers begins at the end of a stream, so that its
// entries are read twice: once to find where it begins, and again from there on. Whoever comes late
// to a log that is mostly its own reads it once, and applies a part of it while the next is read.

extension Runtime {
  /// Of how many positions one at least must be wanted for reading all of them.
  private static var sparseMax: Int { 8 }

  /// Plays from where the first walk begins, position by position, for as long as that is worth it.
  ///
  /// What is found is what walks find. It ends where something is trimmed: whose that was only
  /// pointers tell.
  ///
  /// - Parameters:
  ///   - walks: What is wanted.
  ///   - epoch: The reign that told where the walks end.
  ///   - newcomer: An object that is not among the others yet.
  /// - Returns: How far everything is played; zero if nothing was.
  /// - Throws: ``ObjectError``.
  func scan(
    _ walks: [Walk],
    in epoch: Epoch,
    besides newcomer: (any PlayedObject)?
  ) async throws(ObjectError) -> Position {
    guard let begin = walks.map(\.range.lowerBound).min(),
      let end = walks.map(\.range.upperBound).max(),
      begin.distance(to: end) >= limits.scanMin,
      // Those who wait for what comes first: others' walks are short.
      isDense(walks.filter { $0.range.lowerBound == begin }, before: end)
    else { return .zero }
    let begins = walks.map { ($0.link.stream, $0.range.lowerBound) }
    let wanted = Dictionary(begins, uniquingKeysWith: min)
    var stretch = await stretch(from: begin, to: end)
    while true {
      let (items, next) = (try stretch.items.get(), stretch.end)
      if isOver(epoch) { return stretch.range.lowerBound }
      async let following = self.stretch(from: next, to: end)
      apply(items, to: Snapshot(epoch: epoch, position: next), besides: newcomer)
      let hits = items.count { item in
        item.entry.streams.contains { item.position >= wanted[$0.stream] ?? .max }
      }
      let isSparse = hits * Self.sparseMax < stretch.range.count
      if next == end || isSparse || next < stretch.range.upperBound { return next }
      stretch = await following
    }
  }

  /// Whether most of what was written last belongs to some walks.
  private func isDense(_ walks: [Walk], before end: Position) -> Bool {
    let last = Set(walks.flatMap { $0.link.previous ?? [] })
    guard let oldest = last.sorted().suffix(StreamLink.backpointersMax).first else { return false }
    return oldest.distance(to: end) <= StreamLink.backpointersMax * Self.sparseMax
  }

  /// Reads the next positions.
  private func stretch(from begin: Position, to end: Position) async -> LogStretch {
    let range = begin..<min(end, begin.advanced(by: limits.chunkMax))
    var stretch = LogStretch(range: range, end: begin, items: .success([]))
    if range.isEmpty { return stretch }
    var items: [LogItem] = []
    items.reserveCapacity(range.count)
    do throws(LogError) {
      // Not as a range, which must not hold what was given up: those who need it were told.
      var slots = try await log.read(Array(range))
      // Only what was handed out for sure is waited for.
      let holes = slots.indices.filter { slots[$0] == .empty }
      for (hole, slot) in try await log.settled(holes.map { begin.advanced(by: $0) }) {
        slots[begin.distance(to: hole)] = slot
      }
      for (position, slot) in zip(range.lowerBound..., slots) {
        if slot == .trimmed { break }
        if case .data(let entry) = slot { items.append(LogItem(position: position, entry: entry)) }
        stretch.end = position.advanced(by: 1)
      }
      stretch.items = .success(items)
    } catch {
      stretch.items = .failure(.log(error))
    }
    return stretch
  }
}

/// Positions that were read at once.
private struct LogStretch: Sendable {
  /// Which.
  let range: Range<Position>
  /// Up to where; it is the end of the range unless something there was trimmed.
  var end: Position
  /// The entries before ``end``.
  var items: Result<[LogItem], ObjectError>
}
