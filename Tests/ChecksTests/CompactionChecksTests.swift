// Goal: chapter 4's checks pass what is right and catch what is wrong, each by the promise that it
// breaks. Method: the reference, and parts that are wrong in the ways people are.
import CorfuChecks
import CorfuCopyCompaction
import CorfuGlobalLog
import Testing

struct CompactionChecksTests {
  private static let seeds: Range<UInt64> = 0..<60

  /// The checks that fail.
  private static func failing(_ checks: [Check]) -> [String] {
    checks.filter { check in
      do throws(SeedFailure) {
        try check.run(seeds: seeds)
        return false
      } catch {
        return true
      }
    }.map(\.id)
  }

  @Test func theReferencePasses() {
    #expect(Self.failing(TrimSetChecks<PositionSet>().checks) == [])
    #expect(Self.failing(CompactionPolicyChecks<CompactionPlan>().checks) == [])
    #expect(Self.failing(SegmentMovingChecks<SegmentMove>().checks) == [])
    #expect(Self.failing(MoveBreakingChecks<MoveBreaker>().checks) == [])
  }

  @Test func wrongSetsAreCaught() {
    #expect(Self.failing(TrimSetChecks<ListOfRanges>().checks) == ["4.1.3"])
    #expect(Self.failing(TrimSetChecks<OneRange>().checks) == ["4.1.2"])
    #expect(Self.failing(TrimSetChecks<LastRange>().checks) == ["4.1.1"])
  }

  @Test func wrongPoliciesAreCaught() {
    #expect(Self.failing(CompactionPolicyChecks<Lazy>().checks) == ["4.2.1"])
    #expect(Self.failing(CompactionPolicyChecks<Greedy>().checks).contains("4.2.2"))
    #expect(Self.failing(CompactionPolicyChecks<Restless>().checks).contains("4.2.3"))
    #expect(Self.failing(CompactionPolicyChecks<FirstOfTheList>().checks).contains("4.2.4"))
  }

  @Test func wrongMovesAreCaught() {
    #expect(Self.failing(SegmentMovingChecks<RemovesFirst>().checks).contains("4.3.1"))
    #expect(Self.failing(SegmentMovingChecks<SyncsTooEarly>().checks) == ["4.3.2"])
    #expect(Self.failing(SegmentMovingChecks<NeverRemoves>().checks) == ["4.3.3"])
    #expect(Self.failing(SegmentMovingChecks<HearsNothing>().checks) == ["4.3.3"])
    #expect(Self.failing(SegmentMovingChecks<SyncsOften>().checks) == ["4.3.4"])
    #expect(Self.failing(SegmentMovingChecks<Dauntless>().checks) == ["4.3.5"])
    #expect(Self.failing(SegmentMovingChecks<Endless>().checks).contains("4.3.1"))
  }

  @Test("All pages are right, and over the budget; too few are wrong")
  func wrongPagesAreCaught() {
    #expect(Self.failing(PageTouchingChecks<TouchedPages>().checks) == [])
    #expect(Self.failing(PageTouchingChecks<AllPages>().checks) == ["4.5.2"])
    #expect(Self.failing(PageTouchingChecks<FirstPage>().checks) == ["4.5.1", "4.5.2"])
  }

  @Test("What a count cost is told, and is the budget with our own pages; a seed repeats")
  func costsAreTold() throws {
    let check = try #require(PageTouchingChecks<TouchedPages>().checks.last)
    var costs: [Cost] = []
    try check.run(seeds: 1..<31, onCost: { costs.append($0) })
    #expect(costs.count == 30)
    #expect(costs.allSatisfy { $0.count == $0.budget && $0.isWithinBudget })
    #expect(try check.run(seed: 7) == check.run(seed: 7))
  }

  @Test func accidentsWithoutHarmAreCaught() {
    #expect(Self.failing(MoveBreakingChecks<Early>().checks) == ["4.4.1"])
    #expect(Self.failing(MoveBreakingChecks<Confused>().checks) == ["4.4.1", "4.4.2"])
  }
}

/// The power goes while the segment is still there.
private enum Early: MoveBreaking {
  static var live: [Position] { [] }
  static var trimmed: [Position] { [Position(5)] }
  static var callsBeforeCrash: Int { 2 }
}

/// Says of a position that it is live and trimmed.
private enum Confused: MoveBreaking {
  static var live: [Position] { [Position(5)] }
  static var trimmed: [Position] { [Position(5)] }
  static var callsBeforeCrash: Int { 3 }
}

// MARK: Sets

/// Keeps every range as it came.
private struct ListOfRanges: TrimSet {
  var ranges: [Range<Position>] = []
  func contains(_ position: Position) -> Bool { ranges.contains { $0.contains(position) } }
  mutating func insert(_ range: Range<Position>) { ranges.append(range) }
}

/// Closes the gaps.
private struct OneRange: TrimSet {
  var ranges: [Range<Position>] = []
  func contains(_ position: Position) -> Bool { ranges.contains { $0.contains(position) } }
  mutating func insert(_ range: Range<Position>) {
    guard !range.isEmpty else { return }
    let whole = ranges.first ?? range
    ranges = [
      min(whole.lowerBound, range.lowerBound)..<max(whole.upperBound, range.upperBound)
    ]
  }
}

/// Knows the last range only.
private struct LastRange: TrimSet {
  var ranges: [Range<Position>] = []
  func contains(_ position: Position) -> Bool { ranges.contains { $0.contains(position) } }
  mutating func insert(_ range: Range<Position>) { if !range.isEmpty { ranges = [range] } }
}

// MARK: Pages

/// Forgets that a range may go on beyond a page.
private struct FirstPage: PageTouching {
  func pages(
    touchedBy range: Range<Position>,
    fences: [Position],
    upTo highest: Position
  ) -> Range<Int> {
    let touched = TouchedPages().pages(touchedBy: range, fences: fences, upTo: highest)
    return touched.lowerBound..<min(touched.upperBound, touched.lowerBound + 1)
  }
}

// MARK: Policies

private struct Lazy: CompactionPolicy {
  func next(of usage: [SegmentUsage]) -> SegmentUsage? { nil }
}

/// The largest gain, whatever it costs.
private struct Greedy: CompactionPolicy {
  func next(of usage: [SegmentUsage]) -> SegmentUsage? {
    guard CompactionPlan().next(of: usage) != nil else { return nil }
    return usage.max { ($0.gainBytes, $1.number) < ($1.gainBytes, $0.number) }
  }
}

private struct Restless: CompactionPolicy {
  func next(of usage: [SegmentUsage]) -> SegmentUsage? { usage.min { $0.number < $1.number } }
}

private struct FirstOfTheList: CompactionPolicy {
  func next(of usage: [SegmentUsage]) -> SegmentUsage? {
    CompactionPlan().next(of: usage) == nil ? nil : usage.first
  }
}

// MARK: Procedures

extension MovableSegment {
  fileprivate func copyAll() async throws(CompactionError) {
    var next: Position? = .zero
    while let position = next { next = try await copy(from: position).next }
  }
}

private struct RemovesFirst: SegmentMoving {
  func empty(_ segment: some MovableSegment) async throws(CompactionError) -> Bool {
    let isGone = try await segment.remove()
    try await segment.copyAll()
    try await segment.restate()
    try await segment.sync()
    return isGone
  }
}

private struct SyncsTooEarly: SegmentMoving {
  func empty(_ segment: some MovableSegment) async throws(CompactionError) -> Bool {
    try await segment.copyAll()
    try await segment.sync()
    try await segment.restate()
    return try await segment.remove()
  }
}

private struct NeverRemoves: SegmentMoving {
  func empty(_ segment: some MovableSegment) async throws(CompactionError) -> Bool {
    try await segment.copyAll()
    try await segment.restate()
    try await segment.sync()
    return true
  }
}

/// Does not hear that the store kept the segment.
private struct HearsNothing: SegmentMoving {
  func empty(_ segment: some MovableSegment) async throws(CompactionError) -> Bool {
    _ = try await SegmentMove().empty(segment)
    return true
  }
}

private struct SyncsOften: SegmentMoving {
  func empty(_ segment: some MovableSegment) async throws(CompactionError) -> Bool {
    var next: Position? = .zero
    while let position = next {
      next = try await segment.copy(from: position).next
      try await segment.sync()
    }
    try await segment.restate()
    try await segment.sync()
    return try await segment.remove()
  }
}

/// Does not hear that the store refused.
private struct Dauntless: SegmentMoving {
  func empty(_ segment: some MovableSegment) async throws(CompactionError) -> Bool {
    var next: Position? = .zero
    while let position = next { next = try await segment.copy(from: position).next }
    do {
      try await segment.restate()
      try await segment.sync()
    } catch {
      return try await segment.remove()
    }
    return try await segment.remove()
  }
}

private struct Endless: SegmentMoving {
  func empty(_ segment: some MovableSegment) async throws(CompactionError) -> Bool {
    while true { _ = try await segment.copy(from: .zero) }
  }
}
