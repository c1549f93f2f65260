public import CorfuGlobalLog
public import CorfuSequencer

/// What is wrong with a layout.
public enum LayoutError: Error, Hashable, Sendable {
  /// There is no span, or the first does not begin at position 0.
  case doesNotBeginAtZero
  /// A span begins before, or where, the one before it does.
  case spansOutOfOrder(Position)
  /// A span has no chain, or a chain no replica.
  case emptyChain(Position)
  /// A unit is twice in the chains of a span.
  case unitTwice(UnitName, span: Position)
  /// A unit is both in use and a spare, or twice a spare.
  case spareInUse(UnitName)
  /// There is no acceptor, or one is named twice.
  case badAcceptors
  /// One node goes by two incarnations.
  case twoIncarnations(NodeID)
  /// What was given up is not among what was written.
  case badLoss(LostRange)
  /// The log cannot have been cut like that, or not there.
  case badCut(Snapshot)
  /// An opening of a disk that has no part in the layout, or one that there never was.
  case badOpening(UnitName)
  /// A position is beyond what a log may use.
  case positionTooLarge(Position)
  /// The bytes are no layout.
  case malformed
}

extension LayoutError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .doesNotBeginAtZero: "the first span of a layout must begin at position 0"
    case .spansOutOfOrder(let begin): "the span from position \(begin) is out of order"
    case .emptyChain(let begin): "the span from position \(begin) has a chain without units"
    case .unitTwice(let unit, let begin): "\(unit) is twice in the span from position \(begin)"
    case .spareInUse(let unit): "\(unit) is a spare and something else besides"
    case .badAcceptors: "a layout needs acceptors, each of them once"
    case .twoIncarnations(let node): "\(node) appears with two disks"
    case .badLoss(let loss): "what was given up from \(loss.range.lowerBound) on makes no sense"
    case .badCut(let cut): "a cut at position \(cut) makes no sense"
    case .badOpening(let unit): "what is said of the opening of \(unit) makes no sense"
    case .positionTooLarge(let position): "position \(position) is beyond the end of every log"
    case .malformed: "these bytes are no layout"
    }
  }
}

extension Layout {
  /// Checks that a layout makes sense by itself.
  public func validate() throws(LayoutError) {
    try validateSpans()
    let used = units
    var spareSet = Set(used)
    for spare in spares {
      guard spareSet.insert(spare).inserted else { throw .spareInUse(spare) }
    }
    guard !acceptors.isEmpty, Set(acceptors.map(\.node)).count == acceptors.count else {
      throw .badAcceptors
    }
    var lives: [NodeID: Incarnation] = [:]
    for unit in used + spares {
      let known = lives.updateValue(unit.incarnation, forKey: unit.node)
      if let known, known != unit.incarnation { throw .twoIncarnations(unit.node) }
    }
    if firstTail > .max { throw .positionTooLarge(firstTail) }
    for loss in losses {
      guard !loss.range.isEmpty, loss.range.upperBound <= firstTail,
        (0..<loss.stripes).contains(loss.stripe)
      else { throw .badLoss(loss) }
    }
    try validateCuts()
    let named = Set(used + spares + acceptors)
    for (unit, opening) in openings where opening.count == 0 || !named.contains(unit) {
      throw .badOpening(unit)
    }
  }

  private func validateCuts() throws(LayoutError) {
    var previous: Snapshot?
    for cut in cuts {
      let isBehind = previous.map { $0.epoch < cut.epoch && $0.position < cut.position } ?? true
      guard isBehind, cut.epoch <= epoch, cut.position <= firstTail else { throw .badCut(cut) }
      previous = cut
    }
  }

  private func validateSpans() throws(LayoutError) {
    guard let first = spans.first, first.begin == .zero else { throw .doesNotBeginAtZero }
    var previous: Position?
    for span in spans {
      if let previous, span.begin <= previous { throw .spansOutOfOrder(span.begin) }
      if span.begin > .max { throw .positionTooLarge(span.begin) }
      previous = span.begin
      if span.stripes.isEmpty || span.stripes.contains(where: \.replicas.isEmpty) {
        throw .emptyChain(span.begin)
      }
      var seen: Set<NodeID> = []
      for unit in span.stripes.flatMap(\.replicas) {
        guard seen.insert(unit.node).inserted else {
          throw .unitTwice(unit, span: span.begin)
        }
      }
    }
  }
}
