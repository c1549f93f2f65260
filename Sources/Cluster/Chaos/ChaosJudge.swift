public import CorfuGlobalLog

/// A promise that was broken.
public enum ChaosViolation: Hashable, Sendable {
  /// An entry that was acknowledged is not there.
  case lost(ChaosEntry, Position)
  /// An entry stands elsewhere than it was said to.
  case moved(ChaosEntry, said: Position, found: Position)
  /// An entry stands at two positions.
  case twice(ChaosEntry, Position, Position)
  /// An entry is there that was said not to be.
  case refused(ChaosEntry, Position)
  /// Something stands there that nobody wrote.
  case strange(Position)
  /// An append that was over before another began has the later position.
  case reordered(earlier: ChaosEntry, later: ChaosEntry)
  /// A position had another value before.
  case changed(Position)
}

extension ChaosViolation: CustomStringConvertible {
  public var description: String {
    switch self {
    case .lost(let entry, let position):
      "\(entry) was acknowledged at \(position), and is not there"
    case .moved(let entry, let said, let found):
      "\(entry) was acknowledged at \(said), and stands at \(found)"
    case .twice(let entry, let first, let second): "\(entry) stands at \(first) and at \(second)"
    case .refused(let entry, let position):
      "\(entry) was said to have failed, and stands at \(position)"
    case .strange(let position): "position \(position) has an entry that nobody wrote"
    case .reordered(let earlier, let later):
      "\(earlier) was appended before \(later) began, and stands behind it"
    case .changed(let position): "position \(position) has another value than a moment ago"
    }
  }
}

/// Holds what a log says against what its writers know.
public enum ChaosJudge {
  /// What is wrong with a stretch of the log.
  ///
  /// - Parameters:
  ///   - slots: What stands at the positions from `begin` on, when nobody writes any more.
  ///   - begin: The first of them.
  ///   - record: What those who wrote there know.
  /// - Returns: The broken promises.
  public static func violations(
    in slots: [Slot],
    from begin: Position,
    against record: ChaosRecord
  ) -> [ChaosViolation] {
    var violations: [ChaosViolation] = []
    var places: [ChaosEntry: Position] = [:]
    let said = Dictionary(record.acknowledged.map { ($0.entry, $0.position) }) { first, _ in first }
    for (index, slot) in slots.enumerated() {
      guard case .data(let data) = slot else { continue }
      let position = begin.advanced(by: index)
      guard let entry = ChaosEntry(payload: data.payload) else {
        violations.append(.strange(position))
        continue
      }
      if let other = places[entry] { violations.append(.twice(entry, other, position)) }
      places[entry] = position
      if record.refused.contains(entry) { violations.append(.refused(entry, position)) }
      let isKnown = said[entry] != nil || record.doubtful.contains(entry)
      if !isKnown, !record.refused.contains(entry) { violations.append(.strange(position)) }
    }
    for one in record.acknowledged {
      guard let found = places[one.entry] else {
        violations.append(.lost(one.entry, one.position))
        continue
      }
      if found != one.position {
        violations.append(.moved(one.entry, said: one.position, found: found))
      }
    }
    return violations + disorder(of: record.acknowledged)
  }

  /// Appends that were over before others began, and stand behind them.
  private static func disorder(
    of acknowledged: [ChaosRecord.Acknowledgement]
  ) -> [ChaosViolation] {
    var violations: [ChaosViolation] = []
    let ended = acknowledged.sorted { $0.time.upperBound < $1.time.upperBound }
    var over = ended[...]
    var last: ChaosRecord.Acknowledgement?
    for one in acknowledged.sorted(by: { $0.time.lowerBound < $1.time.lowerBound }) {
      while let next = over.first, next.time.upperBound < one.time.lowerBound {
        over.removeFirst()
        if last.map({ $0.position < next.position }) ?? true { last = next }
      }
      if let last, last.position > one.position {
        violations.append(.reordered(earlier: last.entry, later: one.entry))
      }
    }
    return violations
  }
}
