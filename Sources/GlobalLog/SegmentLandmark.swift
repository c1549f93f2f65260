/// Something readable in a segment: it tells how many records stand before it, and what the last of
/// them was.
///
/// A landmark is a record, a claim, or the summary at the end of a segment that is full.
public struct SegmentLandmark: Equatable, Sendable {
  /// Where it begins.
  public var offset: Int
  /// Where what follows would begin; for a claim, where the records end of which it speaks.
  public var end: Int
  /// How many records of the segment stand before it.
  public var ordinal: Int
  /// The kind of the last record before it; `nil` if it is the first.
  public var before: RecordKind?
  /// The position of the last record before it.
  public var previous: Position
  /// The record's own kind and position where its body is damaged.
  public var damaged: (kind: RecordKind, position: Position)?
  /// 1 if a record stands here, 0 for a claim or a summary.
  public var records: Int

  // Two landmarks of a segment do not stand in the same place.
  public static func == (left: SegmentLandmark, right: SegmentLandmark) -> Bool {
    left.offset == right.offset
  }
}
