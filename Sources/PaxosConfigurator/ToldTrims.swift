public import CorfuGlobalLog
public import CorfuStripeMirror

/// What units say is trimmed, in a layout in which an operator has given up a chain.
///
/// Whoever stands in for the chain has heard of no trim. But a prefix trim is a trim of every
/// position before its mark, on all chains, and others have heard of it: whatever a unit calls
/// trimmed, somebody has allowed to be forgotten, for ever. So where the units together call a
/// beginning of the log trimmed, that trim may be finished on every chain, by anybody, in any later
/// epoch. (Rules R20, R24.)
public struct ToldTrims: Equatable, Sendable {
  /// Up to where all was allowed to be forgotten; never behind the last loss.
  public let mark: Position
  /// The chains that have not finished that trim, or did not say so, in the order in which to
  /// finish it.
  public let unfinished: [OpenTrim]
  /// Whether no trim can have been missed.
  ///
  /// Of every span one unit was heard that is in no chain which was given up: it has heard of every
  /// trim that was ever finished. If all chains of a span were given up, there is nobody to ask.
  public let isConclusive: Bool

  /// Puts together what units say.
  ///
  /// - Parameters:
  ///   - layout: The layout that they are asked in.
  ///   - told: What each that answered calls trimmed, of all that is before `layout.lossEnd`.
  public init(in layout: Layout, told: [UnitName: [Range<Position>]]) {
    let sets = told.mapValues { PositionSet($0) }
    let end = layout.lossEnd
    var all = PositionSet()
    for unit in layout.units { all.insert(contentsOf: sets[unit]?.ranges ?? []) }
    var mark = Position.zero
    if let first = all.ranges.first, first.lowerBound == .zero { mark = min(first.upperBound, end) }
    var unfinished: [OpenTrim] = []
    var isConclusive = true
    // Span by span: a mark holds for all that a unit keeps, and may not run ahead of the order of
    // a chain that the unit is in elsewhere.
    for (index, span) in layout.spans.enumerated() where span.begin < end {
      let next = index + 1 < layout.spans.count ? layout.spans[index + 1].begin : end
      let range = span.begin..<min(next, end)
      let whole = span.stripes.indices.filter { !layout.hasLost($0, of: span, in: range) }
      let isHeard = whole.contains { stripe in
        span.stripes[stripe].replicas.contains { sets[$0] != nil }
      }
      if !isHeard && !whole.isEmpty { isConclusive = false }
      guard span.begin < mark else { continue }
      let part = span.begin..<min(range.upperBound, mark)
      for chain in span.stripes
      where !chain.replicas.allSatisfy({ sets[$0]?.contains(part) ?? false }) {
        unfinished.append(OpenTrim(mark: part.upperBound, chain: chain))
      }
    }
    self.mark = mark
    self.unfinished = unfinished
    self.isConclusive = isConclusive
  }
}

/// A prefix trim that a chain has not finished.
public struct OpenTrim: Hashable, Sendable {
  /// Every position before it is to be trimmed.
  public let mark: Position
  /// Where.
  public let chain: Chain

  /// A trim.
  public init(mark: Position, chain: Chain) {
    self.mark = mark
    self.chain = chain
  }
}

extension Layout {
  /// Whether some of what a chain of a span has in a range was given up.
  fileprivate func hasLost(_ stripe: Int, of span: Span, in range: Range<Position>) -> Bool {
    losses.contains { loss in
      loss.stripes == span.stripes.count && loss.stripe == stripe && loss.range.overlaps(range)
    }
  }
}
