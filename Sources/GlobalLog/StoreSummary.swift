/// How much a store holds, from its index alone.
public struct StoreSummary: Equatable, Sendable {
  /// Positions that hold an entry, trimmed ones included until their segment goes.
  public var entries = 0
  /// Positions that hold junk.
  public var junk = 0
  /// Positions whose record was damaged.
  public var lost = 0
  /// Positions trimmed one by one, above the trim mark.
  public var trims = 0
  /// Segment files with a footer.
  public var closedSegments = 0
  /// What all records take, in bytes.
  public var recordBytes = 0
  /// What those of the open segment take that are not trimmed, in bytes.
  public var openLiveBytes = 0
}

extension StoreReader {
  /// How much the store holds.
  public var summary: StoreSummary {
    update { StoreSummary($0) }
  }
}

extension StoreSummary {
  init(_ index: StoreIndex) {
    for segment in index.closed.segments {
      entries += segment.trailer.dataCount
      junk += segment.trailer.junkCount
      lost += segment.trailer.lostCount
      recordBytes += segment.trailer.liveBytes
    }
    for open in index.open.values {
      switch open.entry.kind {
      case .data: entries += 1
      case .junk: junk += 1
      case .lost: lost += 1
      case .trim, .trims, .prefixTrim, .doubt, .settled, .claim: break
      }
      recordBytes += open.entry.byteCount
      if !index.isTrimmed(open.entry.position) { openLiveBytes += open.entry.byteCount }
    }
    trims = index.trims.count
    closedSegments = index.closed.segments.count
  }
}
