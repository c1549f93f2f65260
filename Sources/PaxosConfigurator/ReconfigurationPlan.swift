public import CorfuGlobalLog
internal import CorfuSequencer
public import CorfuStripeMirror

/// The next layout, as it follows from the last one and from who is there.
///
/// Pure: two who see the same plan the same. Where the log ends is filled in later, since it is
/// known only once the epoch is sealed. (TOCS 2013, 3.1; rules R22–R24, R28, R30.)
public struct ReconfigurationPlan: Equatable, Sendable {
  /// The layout before.
  public let before: Layout
  /// The chains of what is written by now.
  private let spans: [Span]
  /// The chains of what will be written.
  private let stripes: [Chain]
  private let sequencer: SequencerName
  private let acceptors: [UnitName]
  private let spares: [UnitName]
  private let given: [GivenUp]

  /// Plans what comes after a layout.
  ///
  /// - Parameters:
  ///   - layout: The newest layout.
  ///   - sight: Who is there.
  ///   - goal: What the cluster should be like.
  ///   - joins: Units that were given all that the others of a chain have.
  ///   - planner: Says who is in a chain.
  /// - Throws: ``PlanError``, if there is no next layout without losing something.
  public init<Planner: ChainPlanning>(
    after layout: Layout,
    seeing sight: ClusterSight,
    goal: ClusterGoal,
    joins: [SpanJoin] = [],
    by planner: Planner.Type = ChainPlanner.self
  ) throws(PlanError) {
    before = layout
    var maker = LayoutMaker<Planner>(layout, sight, goal)
    var old = try maker.oldSpans(joining: joins)
    if planted(.reordersSurvivors) { old = old.map(\.reversed) }
    spans = old
    given = maker.given
    stripes = maker.newStripes(after: spans.last)
    sequencer = try maker.sequencer()
    spares = maker.spares(besides: spans, stripes)
    acceptors = maker.acceptors(beside: spans, stripes)
    // What is broken is mended, whatever else cannot be had.
    if let shortage = maker.shortage, !isNeeded { throw shortage }
  }

  /// Whether the next layout would say anything that the last one does not.
  public var isNeeded: Bool {
    let next = layout(firstTail: before.firstTail)
    return next.spans != before.spans || hasNewStripes || sequencer != before.sequencer
      || acceptors != before.acceptors || spares != before.spares
  }

  /// Units that go on: a layout may name them only if each was sealed before (R22).
  public var kept: Set<UnitName> {
    // All that may be named: who keeps old positions only is not in a layout that ends before them.
    Set((spans.flatMap(\.stripes) + stripes).flatMap(\.replicas)).intersection(before.units)
  }

  /// The next layout.
  ///
  /// - Parameters:
  ///   - firstTail: Where the log ends, as the sealed replicas tell (R11).
  ///   - isEndKnown: Whether the sequencer has told as well, who alone knows all that it gave out.
  ///   - trimMark: Every position before it is trimmed on every replica that goes on.
  ///   - openings: Which opening of each disk was sealed, as far as that is known (D12).
  /// - Returns: The layout.
  public func layout(
    firstTail: Position,
    isEndKnown: Bool = true,
    trimMark: Position = .zero,
    openings: [UnitName: DiskOpening] = [:]
  ) -> Layout {
    var layout = before.next(sequencer: sequencer, firstTail: firstTail)
    layout.spans = spans
    layout.acceptors = acceptors
    layout.spares = spares
    layout.losses = losses(before: layout.firstTail, besidesTrimmed: trimMark)
    if !isEndKnown, givesUpEnd { layout.cut() }
    // First: who only begins at the tail has not heard of any trim.
    layout = layout.forgetting(before: trimMark, knownTo: Set(before.units))
    if hasNewStripes { layout = layout.remapped(from: layout.firstTail, to: stripes) }
    // Of whoever was not sealed the last that is known stands: it is no later one.
    layout.openings = before.openings.merging(openings) { $1 }.filter { layout.names($0.key) }
    return layout.merged()
  }

  /// What is given up, now and before.
  ///
  /// What was trimmed of it is no exception: whoever stands in for it has heard of no trim, and is
  /// told of trims once a layout names it (``ToldTrims``).
  private func losses(before tail: Position, besidesTrimmed mark: Position) -> [LostRange] {
    var losses = before.losses.filter { $0.range.upperBound > mark }
    for part in given {
      let span = before.spans[part.span]
      let isLast = part.span + 1 == before.spans.count
      let end = isLast ? tail : before.spans[part.span + 1].begin
      guard span.begin < end else { continue }
      let range = span.begin..<end
      var loss = LostRange(range: range, stripes: span.stripes.count, stripe: part.stripe)
      // A long history of spans, or the loss of a substitute: one loss all the same.
      for known in losses {
        guard let both = loss.joined(with: known) else { continue }
        loss = both
        losses.removeAll { $0 == known }
      }
      losses.append(loss)
    }
    return losses
  }

  /// Whether it gives up a chain that was written to until now: that may have gone further than all
  /// others.
  private var givesUpEnd: Bool { given.contains { $0.span + 1 == before.spans.count } }

  private var hasNewStripes: Bool { spans.last?.stripes != stripes }
}

/// A unit that has all that a chain has in a span, and is to be part of it (R28).
public struct SpanJoin: Hashable, Sendable {
  /// Where the span begins.
  public let begin: Position
  /// Where it ends.
  public let end: Position
  /// How many chains it has.
  public let stripes: Int
  /// Which of them.
  public let stripe: Int
  /// Who joins.
  public let unit: UnitName

  /// A join.
  public init(begin: Position, end: Position, stripes: Int, stripe: Int, unit: UnitName) {
    self.begin = begin
    self.end = end
    self.stripes = stripes
    self.stripe = stripe
    self.unit = unit
  }
}

/// Why there is no next layout.
public enum PlanError: Error, Hashable, Sendable {
  /// All replicas of a chain are gone, and with them what only they have (R24).
  case noSurvivor(Chain, begin: Position)
  /// Nobody is there to hand out positions.
  case noSequencer
  /// More chains are wanted than there are spares for.
  case tooFewSpares(wanted: Int, found: Int)
}

extension PlanError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noSurvivor(let chain, let begin):
      "no unit of the chain \(chain) answers with the disk that it had last, and it keeps "
        + "positions from \(begin) on: restart one of them; if those disks are lost for good, "
        + "declare them lost"
    case .noSequencer: "no node is up that could hand out positions: restart one"
    case .tooFewSpares(let wanted, let found):
      "\(wanted) spares are needed for that, and there are \(found): add some first"
    }
  }
}

extension Span {
  /// Its chains from tail to head.
  fileprivate var reversed: Span {
    Span(begin: begin, stripes: stripes.map { Chain($0.replicas.reversed()) })
  }
}

extension Layout {
  /// Says that the log may have been longer before, and goes on from the first tail.
  fileprivate mutating func cut() {
    cuts.removeAll { $0.position >= firstTail }
    cuts.append(Snapshot(epoch: epoch, position: firstTail))
  }

  /// The layout without the spans of which nothing is left.
  ///
  /// The positions of a span that is gone are those of the next one: its units must know that
  /// they are trimmed. Who joins it from outside was told of the trims of one span only.
  ///
  /// - Parameters:
  ///   - mark: Every position before it is trimmed.
  ///   - units: Those that know.
  /// - Returns: The layout.
  func forgetting(before mark: Position, knownTo units: Set<UnitName>) -> Layout {
    var layout = self
    while layout.spans.count > 1, layout.spans[1].begin <= mark,
      layout.spans[1].stripes.allSatisfy({ $0.replicas.allSatisfy(units.contains) })
    {
      layout.spans.removeFirst()
      layout.spans[0].begin = .zero
    }
    return layout
  }
}
