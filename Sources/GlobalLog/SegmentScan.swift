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

    /// A loss.
    public init(record: (kind: RecordKind, position: Position)?) {
      self.record = record
    }

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
  private var landmarks: [SegmentLandmark] = []

  /// Scans a segment.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - unit: The store whose records count; others' are taken for damage.
  ///   - segment: The segment's number.
  ///   - durable: Up to where the header says that records were durable.
  public init(_ bytes: RawSpan, unit: UInt64, segment: UInt32, durable: Int) {
    self.init(
      bytes,
      unit: unit,
      segment: segment,
      durable: durable,
      RecordCodec.self,
      TailJudge.self
    )
  }

  /// Scans a segment with these parts.
  public init<Codec: RecordCoding, Judge: TailJudging>(
    _ bytes: RawSpan,
    unit: UInt64,
    segment: UInt32,
    durable: Int,
    _: Codec.Type,
    _: Judge.Type
  ) {
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
      let next = step(bytes, at: offset, Codec.self)
      if planted(.stopsAtFirstDamage) && (landmarks.last?.offset != offset || isDamaged) { return }
      offset = next
    }
    take(Judge.judge(landmarks, durable: self.durable, byteCount: bytes.byteCount))
  }

  private var isDamaged: Bool { landmarks.last?.damaged != nil }

  /// Takes what stands at an offset, and says where to look next.
  private mutating func step<Codec: RecordCoding>(
    _ bytes: RawSpan,
    at offset: Int,
    _: Codec.Type
  ) -> Int {
    if let header = Codec.decode(bytes, at: offset), isOurs(header, at: offset) {
      durable = max(durable, header.durable)
      var landmark = SegmentLandmark(
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
        SegmentLandmark(
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

  private func isOurs(_ header: RecordHeader, at offset: Int) -> Bool {
    header.unit == unit && header.segment == segment && header.offset == offset
      && header.durable <= offset
      && header.ordinal <= (offset - SegmentHeader.recordsBegin) / RecordHeader.byteCount
  }

  /// Goes by what was judged.
  ///
  /// Parts of what was torn may be whole, but to keep those would leave holes between them that
  /// nobody ever made.
  private mutating func take(_ verdict: TailVerdict) {
    losses = verdict.losses
    end = verdict.end
    guard verdict.isTorn else { return }
    // Not of the last landmark: a claim that was left standing tells of an older end.
    tornBytes = (landmarks.map(\.end).max() ?? end) - end
    found.removeAll { $0.offset >= verdict.end }
  }
}
