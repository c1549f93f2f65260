internal import CorfuGlobalLog
internal import CorfuStripeMirror

/// The steps by which a next layout is made: each looks at one part of it.
struct LayoutMaker {
  private let layout: Layout
  private let sight: ClusterSight
  private let goal: ClusterGoal
  /// Units that can still be given work, in the order in which they are taken.
  private var free: [UnitName]

  init(_ layout: Layout, _ sight: ClusterSight, _ goal: ClusterGoal) {
    self.layout = layout
    self.sight = sight
    self.goal = goal
    free = (layout.spares + sight.fresh).filter { unit in
      sight.units.contains(unit) && !goal.leaving.contains(unit.node)
    }
  }

  private func isThere(_ unit: UnitName) -> Bool { sight.units.contains(unit) }

  private func isLeaving(_ unit: UnitName) -> Bool { goal.leaving.contains(unit.node) }

  // exercise 6.3: survivors go on in their order, newcomers stand behind them
  /// The chains of what is written: their survivors, in their order, and those who have caught up
  /// (R23).
  mutating func oldSpans(joining joins: [SpanJoin]) throws(PlanError) -> [Span] {
    var spans = layout.spans
    for index in spans.indices {
      for stripe in spans[index].stripes.indices {
        let chain = spans[index].stripes[stripe]
        var units = chain.replicas.filter(isThere)
        units += newcomers(for: index, stripe, of: joins).filter { !units.contains($0) }
        let staying = units.filter { !isLeaving($0) }
        // Who leaves has to wait until as many others have what it has.
        if staying.count >= goal.replicas { units = staying }
        if units.isEmpty {
          units = [try substitute(for: chain, in: spans[index])]
        }
        spans[index].stripes[stripe] = Chain(units)
      }
    }
    return spans
  }

  /// The chains of what will be written: survivors, and spares where they are too few (R28).
  mutating func newStripes(after last: Span?) throws(PlanError) -> [Chain] {
    guard let last else { return [] }
    var stripes: [Chain] = []
    for chain in last.stripes {
      let survivors = chain.replicas
      var missing = goal.replicas - survivors.count { !isLeaving($0) }
      let newcomers = take(missing)
      missing -= newcomers.count
      // Better to write on somebody who leaves than on too few.
      var kept: [UnitName] = []
      for unit in survivors {
        if isLeaving(unit) {
          if missing <= 0 { continue }
          missing -= 1
        }
        kept.append(unit)
      }
      stripes.append(Chain(kept + newcomers))
    }
    let more = (goal.stripes ?? stripes.count) - stripes.count
    if more > 0 {
      let wanted = more * goal.replicas
      guard free.count >= wanted else { throw .tooFewSpares(wanted: wanted, found: free.count) }
      for _ in 0..<more { stripes.append(Chain(take(goal.replicas))) }
    }
    return stripes
  }
  // end 6.3

  private func newcomers(for index: Int, _ stripe: Int, of joins: [SpanJoin]) -> [UnitName] {
    let span = layout.spans[index]
    guard index + 1 < layout.spans.count else { return [] }
    let end = layout.spans[index + 1].begin
    return joins.filter { join in
      join.begin == span.begin && join.end == end && join.stripe == stripe
        && join.stripes == span.stripes.count && isThere(join.unit)
    }.map(\.unit)
  }

  /// Somebody empty, in place of a chain that an operator has given up (R24).
  private mutating func substitute(for chain: Chain, in span: Span) throws(PlanError) -> UnitName {
    let isGivenUp = chain.replicas.allSatisfy { goal.lost.contains($0) }
    guard isGivenUp, let unit = take(1).first else {
      throw .noSurvivor(chain, begin: span.begin)
    }
    return unit
  }

  private mutating func take(_ count: Int) -> [UnitName] {
    let taken = Array(free.prefix(max(0, count)))
    free.removeFirst(taken.count)
    return taken
  }

  /// Who hands out positions: the same process, if it is there.
  func sequencer() throws(PlanError) -> SequencerName {
    let staying = sight.sequencers.filter { !goal.leaving.contains($0.node) }
    if staying.contains(layout.sequencer) { return layout.sequencer }
    guard let next = staying.first ?? sight.sequencers.first else { throw .noSequencer }
    return next
  }

  /// Who decides what comes next.
  ///
  /// A silent one is replaced if there is somebody; never dropped, or fewer and fewer would decide.
  func acceptors(among stripes: [Chain]) -> [UnitName] {
    let isGood = { (unit: UnitName) in isThere(unit) && !isLeaving(unit) }
    let count = max(goal.acceptors, 1)
    var acceptors = layout.acceptors.filter(isGood)
    let others = (stripes.flatMap(\.replicas) + layout.units + layout.spares + sight.fresh)
      .filter(isGood)
    for unit in others where acceptors.count < count {
      // One voice per machine.
      if !acceptors.contains(where: { $0.node == unit.node }) { acceptors.append(unit) }
    }
    // Who leaves is kept only where nobody else is: it could not go, nor come back as new.
    let wanted = min(count, layout.acceptors.count)
    for unit in layout.acceptors where acceptors.count < wanted {
      if isLeaving(unit) && !acceptors.isEmpty { continue }
      if !acceptors.contains(where: { $0.node == unit.node }) { acceptors.append(unit) }
    }
    // In their old order, where they are old: a layout that says the same should read the same.
    let kept = layout.acceptors.filter { acceptors.contains($0) }
    return kept + acceptors.filter { !kept.contains($0) }
  }

  /// Who stands by.
  func spares(besides spans: [Span], _ stripes: [Chain]) -> [UnitName] {
    let used = Set(spans.flatMap(\.stripes).flatMap(\.replicas) + stripes.flatMap(\.replicas))
    return free.filter { !used.contains($0) }
  }
}
