internal import CorfuGlobalLog

// What nodes have counted, on the wire. Nothing of it is ever below zero.

extension WireCursor {
  /// Takes how much there is of something.
  mutating func amount(_ bytes: RawSpan) throws(FrameError) -> Int {
    let amount = try Int.decode(bytes, &self)
    guard amount >= 0 else { throw .malformed }
    return amount
  }

  /// The same, where it may be unknown.
  mutating func amountIfKnown(_ bytes: RawSpan) throws(FrameError) -> Int? {
    let amount = try Int?.decode(bytes, &self)
    guard amount ?? 0 >= 0 else { throw .malformed }
    return amount
  }
}

extension DurationBucket: WireValue {
  func encode(into bytes: inout [UInt8]) {
    nanosecondsMax.encode(into: &bytes)
    count.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> DurationBucket {
    let bound = try cursor.amountIfKnown(bytes)
    return DurationBucket(nanosecondsMax: bound, count: try cursor.amount(bytes))
  }
}

extension NodeMeters: WireValue {
  func encode(into bytes: inout [UInt8]) {
    entries.encode(into: &bytes)
    fills.encode(into: &bytes)
    reads.encode(into: &bytes)
    tokens.encode(into: &bytes)
    requests.encode(into: &bytes)
    syncs.encode(into: &bytes)
    writes.encode(into: &bytes)
    space.encode(into: &bytes)
    freeBytes.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> NodeMeters {
    NodeMeters(
      entries: try cursor.amount(bytes),
      fills: try cursor.amount(bytes),
      reads: try cursor.amount(bytes),
      tokens: try cursor.amount(bytes),
      requests: try cursor.amount(bytes),
      syncs: try [DurationBucket].decode(bytes, &cursor),
      writes: try [DurationBucket].decode(bytes, &cursor),
      space: try UnitSpace?.decode(bytes, &cursor),
      freeBytes: try cursor.amountIfKnown(bytes)
    )
  }
}
