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
}

extension StoreReader {
  /// How much the store holds.
  public var summary: StoreSummary {
    let index = snapshot()
    var summary = StoreSummary()
    for segment in index.closed.segments {
      summary.entries += segment.trailer.dataCount
      summary.junk += segment.trailer.junkCount
      summary.lost += segment.trailer.lostCount
      summary.recordBytes += segment.trailer.liveBytes
    }
    for open in index.open.values {
      switch open.entry.kind {
      case .data: summary.entries += 1
      case .junk: summary.junk += 1
      case .lost: summary.lost += 1
      case .trim, .prefixTrim, .doubt, .settled, .claim: break
      }
      summary.recordBytes += open.entry.byteCount
    }
    summary.trims = index.trims.count
    summary.closedSegments = index.closed.segments.count
    return summary
  }
}
