/// The segment that is being written.
struct ActiveSegment<Storage: Device> {
  /// `nil` on a disk that has no room for a segment: nothing fits, and reading goes on.
  let file: Storage.File?
  var builder: SegmentBuilder
  /// Up to where the file holds bytes that were written at least once, records or zeros.
  var touchedEnd: Int

  init(file: Storage.File, builder: SegmentBuilder) {
    self.file = file
    self.builder = builder
    touchedEnd = builder.offset
  }

  /// No segment, and the number of the one that there is no room for.
  init(none number: UInt32, unit: UInt64) {
    file = nil
    builder = SegmentBuilder(unit: unit, number: number, capacity: 0, streamsMax: 0)
    touchedEnd = 0
  }

  /// Appends zeros to a small batch that would otherwise be the first to touch its blocks.
  ///
  /// Where batches are large the zeros would cost more than they save, so there are none.
  mutating func zeroAhead(_ bytes: inout [UInt8], end: Int, limits: StoreLimits) {
    guard end > touchedEnd else { return }
    touchedEnd = end
    guard bytes.count < limits.zeroAheadBytes / 2 else { return }
    touchedEnd = min(end + limits.zeroAheadBytes, builder.capacity)
    bytes.append(contentsOf: repeatElement(0, count: touchedEnd - end))
  }
}

/// An empty segment, ready to be the next.
struct SpareSegment<Storage: Device> {
  let number: UInt32
  let file: Storage.File
  let capacity: Int
}
