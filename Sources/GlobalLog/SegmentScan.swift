/// What a segment's bytes hold: the records that can be trusted, and what is missing.
///
/// Pure: bytes in, findings out. It never stops at the first damage, because what stands behind it
/// tells whether the damage is a torn tail, which nobody was promised, or rot, which must not go
/// unnoticed (D6).
public struct SegmentScan: Equatable, Sendable {
  /// A record that is whole, and where it stands.
  public struct Found: Equatable, Sendable {
    /// Where it stands.
    public var offset: Int
    /// Its header.
    public var header: RecordHeader
  }

  /// A record that was durable and cannot be read any more.
  public struct Loss: Equatable, Sendable {
    /// What it was, and of which position; `nil` if nothing tells.
    public var record: (kind: RecordKind, position: Position)?

    /// Whether nobody can tell of which positions it spoke.
    var isNameless: Bool { record == nil || record?.kind == .trims }

    public static func == (left: Loss, right: Loss) -> Bool {
      left.record?.kind == right.record?.kind && left.record?.position == right.record?.position
    }
  }

  /// The whole records, in the order they were written.
  public private(set) var found: [Found] = []
  /// What was durable and is gone.
  public private(set) var losses: [Loss] = []
  /// The footer's first trailer, if the segment was closed.
  public private(set) var trailer: SegmentTrailer?
  /// Up to where the segment is known to have been durable.
  public private(set) var durable: Int
  /// Where the next record would begin.
  public private(set) var end = SegmentHeader.recordsBegin
  /// Bytes beyond what was durable that make no record: a write that the crash tore.
  public private(set) var tornBytes = 0

  private let unit: UInt64
  private let segment: UInt32
  private var landmarks: [Landmark] = []

  /// Something readable that tells how many records stand before it, and what the last of them was.
  private struct Landmark: Equatable {
    var offset: Int
    var end: Int
    var ordinal: Int
    var before: RecordKind?
    var previous: Position
    /// The record's own kind and position where its body is damaged.
    var damaged: (kind: RecordKind, position: Position)?
    /// 1 if a record stands here, 0 for a claim or a trailer.
    var records: Int

    static func == (left: Landmark, right: Landmark) -> Bool { left.offset == right.offset }
  }

  /// Scans a segment.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - unit: The store whose records count; others' are taken for damage.
  ///   - segment: The segment's number.
  ///   - durable: Up to where the header says that records were durable.
  public init(_ bytes: RawSpan, unit: UInt64, segment: UInt32, durable: Int) {
    self.unit = unit
    self.segment = segment
    self.durable = durable
    var offset = SegmentHeader.recordsBegin
    while offset < bytes.byteCount {
      // Most of a fresh segment is room that nobody wrote to.
      if bytes.byteCount - offset >= 8, bytes.number(at: offset, as: UInt64.self) == 0 {
        offset += RecordHeader.alignment
        continue
      }
      let next = step(bytes, at: offset)
      if planted(.stopsAtFirstDamage) && (landmarks.last?.offset != offset || isDamaged) { return }
      offset = next
    }
    judge(bytes.byteCount)
  }

  private var isDamaged: Bool { landmarks.last?.damaged != nil }

  // exercise 1.2: take what stands at an offset, and say where to look next
  private mutating func step(_ bytes: RawSpan, at offset: Int) -> Int {
    if let header = RecordHeader(bytes, at: offset), isOurs(header, at: offset) {
      durable = max(durable, header.durable)
      var landmark = Landmark(
        offset: offset,
        end: offset + header.recordBytes,
        ordinal: header.ordinal,
        before: header.before,
        previous: header.previous,
        records: 1
      )
      if header.kind == .claim {
        landmark.end = header.durable
        landmark.records = 0
      } else if header.bodyIsIntact(in: bytes, at: offset) {
        found.append(Found(offset: offset, header: header))
      } else {
        landmark.damaged = (header.kind, header.position)
      }
      landmarks.append(landmark)
      return offset + header.recordBytes
    }
    if let trailer = SegmentTrailer(bytes, at: offset), trailer.unit == unit,
      trailer.segment == segment, trailer.begin == offset
    {
      self.trailer = trailer
      durable = max(durable, offset)
      landmarks.append(
        Landmark(
          offset: offset,
          end: offset,
          ordinal: trailer.records,
          before: trailer.lastKind,
          previous: trailer.last,
          records: 0
        )
      )
      return bytes.byteCount
    }
    return offset + RecordHeader.alignment
  }
  // end 1.2

  private func isOurs(_ header: RecordHeader, at offset: Int) -> Bool {
    header.unit == unit && header.segment == segment && header.offset == offset
      && header.durable <= offset
      && header.ordinal <= (offset - SegmentHeader.recordsBegin) / RecordHeader.byteCount
  }

  /// Weighs what lies between the landmarks: lost where it was durable, torn where it was not.
  private mutating func judge(_ byteCount: Int) {
    var expected = 0
    for landmark in landmarks {
      // A claim that later records left standing says nothing new.
      if landmark.records == 0 && landmark.ordinal < expected { continue }
      let isGap = landmark.offset > end
      if landmark.records > 0 && end >= durable && (isGap || landmark.damaged != nil) {
        return tear()
      }
      if isGap {
        // No more can have stood in the gap than have room there.
        let countMax = (landmark.offset - end) / RecordHeader.byteCount
        lose(min(landmark.ordinal - expected, countMax), before: landmark)
      }
      if let damaged = landmark.damaged { losses.append(Loss(record: damaged)) }
      expected = landmark.ordinal + landmark.records
      end = max(end, landmark.end)
    }
    if end < durable {
      // Bytes that were durable end in nothing readable: nobody knows what they held.
      losses.append(Loss(record: nil))
      end = min(durable, byteCount)
    }
  }

  /// Drops everything from here on: a write that the crash tore.
  ///
  /// Parts of it may be whole, but to keep those would leave holes between them that nobody ever
  /// made.
  private mutating func tear() {
    tornBytes = (landmarks.last?.end ?? end) - end
    let cut = end
    found.removeAll { $0.offset >= cut }
  }

  private mutating func lose(_ count: Int, before landmark: Landmark) {
    guard count > 0 else { return }
    for _ in 1..<count { losses.append(Loss(record: nil)) }
    let record = landmark.before.map { (kind: $0, position: landmark.previous) }
    losses.append(Loss(record: record))
  }
}
