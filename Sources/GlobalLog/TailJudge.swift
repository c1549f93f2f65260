/// Tells what was torn from what is rotten: the part that exercise 1.2 builds.
public protocol TailJudging: Sendable {
  /// Weighs what lies between the landmarks of a segment: lost where it was durable, torn where it
  /// was not.
  ///
  /// - Parameters:
  ///   - landmarks: All that can be read, in order.
  ///   - durable: Up to where the segment is known to have been durable.
  ///   - byteCount: The size of the file.
  /// - Returns: What is lost, and where the records end.
  static func judge(_ landmarks: [SegmentLandmark], durable: Int, byteCount: Int) -> TailVerdict
}

/// What is to be thought of a segment's bytes.
public struct TailVerdict: Equatable, Sendable {
  /// What was durable and is gone.
  public var losses: [SegmentScan.Loss] = []
  /// Up to where the segment is accounted for: the next record goes there.
  public var end = SegmentHeader.recordsBegin
  /// Whether what stands behind `end` is to be forgotten: a write that the crash tore.
  public var isTorn = false

  /// The verdict on a segment without records.
  public init() {}

  /// Notes that records before a landmark are lost; of the last of them the landmark tells what it
  /// was.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - landmark: The first thing behind them that can be read.
  public mutating func lose(_ count: Int, before landmark: SegmentLandmark) {
    guard count > 0 else { return }
    for _ in 1..<count { losses.append(SegmentScan.Loss(record: nil)) }
    let record = landmark.before.map { (kind: $0, position: landmark.previous) }
    losses.append(SegmentScan.Loss(record: record))
  }
}

/// What was promised is missed, and what was not is forgotten.
public enum TailJudge: TailJudging {
  // exercise 1.2: say what was promised and is lost, and where begins what nobody was promised
  public static func judge(
    _ landmarks: [SegmentLandmark],
    durable: Int,
    byteCount: Int
  ) -> TailVerdict {
    var verdict = TailVerdict()
    var expected = 0
    for landmark in landmarks {
      // A claim that later records left standing says nothing new.
      if landmark.records == 0 && landmark.ordinal < expected { continue }
      let isGap = landmark.offset > verdict.end
      let isWhole = !isGap && landmark.damaged == nil
      if landmark.records > 0 && verdict.end >= durable && !isWhole {
        verdict.isTorn = true
        return verdict
      }
      if isGap {
        // No more can have stood in the gap than have room there.
        let countMax = (landmark.offset - verdict.end) / RecordHeader.byteCount
        verdict.lose(min(landmark.ordinal - expected, countMax), before: landmark)
      }
      if let damaged = landmark.damaged {
        verdict.losses.append(SegmentScan.Loss(record: damaged))
      }
      expected = landmark.ordinal + landmark.records
      verdict.end = max(verdict.end, landmark.end)
    }
    if verdict.end < durable {
      // Bytes that were durable end in nothing readable: nobody knows what they held.
      verdict.losses.append(SegmentScan.Loss(record: nil))
      verdict.end = min(durable, byteCount)
    }
    return verdict
  }
  // end 1.2
}
