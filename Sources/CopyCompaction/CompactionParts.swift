/// The parts of compaction that chapter 4 builds, in one bundle.
///
/// Stages are generic over it, so a learner's part runs in the reference's place.
public protocol CompactionParts: Sendable {
  /// Says which segment comes next (exercise 4.2).
  associatedtype Policy: CompactionPolicy = CompactionPlan
  /// Empties a segment (exercise 4.3).
  associatedtype Mover: SegmentMoving = SegmentMove
}
