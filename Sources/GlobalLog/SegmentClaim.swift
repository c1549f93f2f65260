/// How many segments a store has, noted in its identity: a file that somebody removes is missed at
/// the next opening.
///
/// A segment is counted once its first record is durable, and before that record is acknowledged.
/// It is counted out before its file goes. So whatever a crash leaves, there are never fewer files
/// than were claimed, unless somebody else removed one.
struct SegmentClaim: Equatable, Sendable {
  /// How many segments there are; none claimed in folders that were written before there was this.
  var count: UInt32 = 0
  /// The highest of their numbers.
  ///
  /// A file with a higher one may have gone since, for good reason.
  var highest: UInt32 = 0

  /// No store gets so far by counting, and the next numbers must not overflow.
  static let highestMax: UInt32 = .max / 2

  /// Claims segments by their numbers.
  init(_ numbers: some Sequence<UInt32>) {
    for number in numbers {
      count += 1
      highest = max(highest, number)
    }
  }

  /// A claim as it stands in a file.
  init(count: UInt32, highest: UInt32) {
    self.count = count
    self.highest = highest
  }

  /// Claims what was found, but what is to be removed at once: blank files, and those whose records
  /// stand in another one.
  init(found files: [SegmentFile]) {
    self.init(Self.standing(files).filter { !$0.isBlank }.map(\.number))
  }

  /// How many of the claimed segments are not among those that were found.
  func missing(among files: [SegmentFile]) -> UInt32 {
    let found = Self.standing(files).count { file in
      // What stands for a claimed segment counts for it, whatever its own number. So does a blank
      // one: an opening claims what it finds, and that may stand in the page cache only, after a
      // sync that failed; the power goes, and the file is blank.
      file.header?.replaces.map { $0.lowerBound <= highest } ?? (file.number <= highest)
    }
    return count - min(count, UInt32(found))
  }

  /// The files whose records stand in no other one.
  private static func standing(_ files: [SegmentFile]) -> [SegmentFile] {
    let replaced = files.compactMap { $0.header?.replaces }
    return files.filter { file in !replaced.contains { $0.contains(file.number) } }
  }

  /// The same claim, and so many segments more that were never seen again.
  func adding(missing: UInt32, upTo other: SegmentClaim) -> SegmentClaim {
    guard missing > 0 else { return self }
    return SegmentClaim(count: count + missing, highest: max(highest, other.highest))
  }
}

extension SegmentStore {
  /// Counts the segments, and writes that down if it was not so before.
  ///
  /// - Parameter withActive: Whether the open segment's first records are durable by now.
  /// - Throws: ``LogError/failed(_:)``, and the store has ended.
  func noteSegments(withActive: Bool = false) async throws(LogError) {
    var numbers = reader.closedSegments.map(\.number)
    let hasRecords = active.builder.durable > SegmentHeader.recordsBegin
    if withActive || hasRecords { numbers.append(active.builder.number) }
    // Until the doubt is durable, nothing else tells what was missing.
    let claim = SegmentClaim(numbers).adding(missing: missing, upTo: identity.segments)
    guard claim != identity.segments, !planted(.countsNoSegments) else { return }
    identity.segments = claim
    do {
      try await device.rewrite(identity)
    } catch {
      throw fail(error)
    }
  }
}
