internal import CorfuGlobalLog
internal import CorfuStripeMirror

/// A chain of a layout whose disks an operator has given up.
struct GivenUp: Equatable, Sendable {
  /// The place of its span.
  let span: Int
  /// Its place in the span.
  let stripe: Int
}

/// The steps by which a next layout is made: each looks at one part of it.
struct LayoutMaker<Planner: ChainPlanning> {
  private let layout: Layout
  private let sight: ClusterSight
  private let goal: ClusterGoal
  /// Units that can still be given work, in the order in which they are taken.
  private var free: [UnitName]
  /// Empty units that stand in for what was lost.
  private var substitutes: [UnitName] = []
  /// Chains that were given up: where their spans begin, and which of them.
  private(set) var given: [GivenUp] = []
  /// Why there are no more chains, if more were wanted.
  private(set) var shortage: PlanError?

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

  /// The chains of what is written: their survivors, in their order, and those who have caught up
  /// (R23).
  mutating func oldSpans(joining joins: [SpanJoin]) throws(PlanError) -> [Span] {
    var spans = layout.spans
    for index in spans.indices {
      for stripe in spans[index].stripes.indices {
        let chain = spans[index].stripes[stripe]
        let joining = newcomers(for: index, stripe, of: joins)
        var units = Planner.keepers(of: chain, joining: joining, seeing: sight, goal: goal)
        for unit in joining where units.contains(unit) {
          units.removeAll { $0 == unit }
          // Those that leave now were survivors as well.
          let isAlone = units.count == 1 && chain.replicas.count(where: isThere) == 1
          insert(unit, into: &units, stripe, of: spans[index].stripes.count, besidesOne: isAlone)
        }
        if units.isEmpty {
          units = [try substitute(for: chain, in: spans[index])]
          given.append(GivenUp(span: index, stripe: stripe))
        }
        spans[index].stripes[stripe] = Chain(units)
      }
    }
    return spans
  }

  /// The chains of what will be written: survivors, and spares where they are too few (R28); where
  /// there are no more of those, units that keep old positions only.
  mutating func newStripes(after last: Span?) -> [Chain] {
    guard let last else { return [] }
    let busy = Set(last.stripes.flatMap(\.replicas).map(\.node))
    var idle: [UnitName] = []
    for unit in layout.units where !busy.contains(unit.node) && isThere(unit) && !isLeaving(unit) {
      if !idle.contains(unit) { idle.append(unit) }
    }
    var stripes: [Chain] = []
    for chain in last.stripes {
      let units = Planner.writers(after: chain.replicas, free: free + idle, goal: goal)
      free.removeAll { units.contains($0) }
      idle.removeAll { units.contains($0) }
      stripes.append(Chain(units))
    }
    let more = (goal.stripes ?? stripes.count) - stripes.count
    if more > 0 {
      let wanted = more * goal.replicas
      guard free.count >= wanted else {
        shortage = .tooFewSpares(wanted: wanted, found: free.count)
        return stripes
      }
      for _ in 0..<more { stripes.append(Chain(take(goal.replicas))) }
    }
    return stripes
  }

  /// Who has caught up with a chain, as far as it lacks anybody.
  ///
  /// Two monitors may have copied to two newcomers: were both taken in, one chain would have too
  /// many, and another nobody left who could join it.
  private func newcomers(for index: Int, _ stripe: Int, of joins: [SpanJoin]) -> [UnitName] {
    let span = layout.spans[index]
    guard index + 1 < layout.spans.count else { return [] }
    let end = layout.spans[index + 1].begin
    let chain = span.stripes[stripe]
    let lacking = goal.replicas - chain.replicas.count { isThere($0) && !isLeaving($0) }
    // One part of each position's span per machine.
    let used = Set(span.stripes.flatMap(\.replicas).map(\.node))
    return joins.filter { join in
      join.begin == span.begin && join.end == end && join.stripe == stripe
        && join.stripes == span.stripes.count && !used.contains(join.unit.node)
        // Whoever was left out since it got its copy is emptied first (R29).
        && (layout.units + layout.spares).contains(join.unit)
    }.map(\.unit).prefix(max(0, lacking)).map(\.self)
  }

  /// Puts a unit that has caught up where it stands in the newest span, so that the two can become
  /// one; but not before several survivors: trims begin at the head, and it was given the tail's.
  private func insert(
    _ unit: UnitName,
    into units: inout [UnitName],
    _ stripe: Int,
    of count: Int,
    besidesOne isAlone: Bool
  ) {
    let newest = layout.spans.last?.stripes ?? []
    let order = newest.count == count ? newest[stripe].replicas : []
    let places = isAlone ? units.indices : units.indices.dropFirst()
    let place = order.firstIndex(of: unit).flatMap { own in
      places.first { order.firstIndex(of: units[$0]) ?? own > own }
    }
    units.insert(unit, at: place ?? units.endIndex)
  }

  /// Somebody empty, in place of a chain that an operator has given up (R24).
  private mutating func substitute(for chain: Chain, in span: Span) throws(PlanError) -> UnitName {
    let isGivenUp =
      planted(.givesUpTheSilent) || chain.replicas.allSatisfy { goal.lost.contains($0) }
    // One for all the spans of a long history.
    let used = Set(span.stripes.flatMap(\.replicas))
    let known = substitutes.first { !used.contains($0) }
    guard isGivenUp, let unit = known ?? take(1).first else {
      throw .noSurvivor(chain, begin: span.begin)
    }
    if known == nil { substitutes.append(unit) }
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
  /// One that came back and has no other part, or has forgotten something, is dropped, for as long
  /// as it takes: a disk that the layout names cannot be emptied, and so could never take part
  /// again (R29). One at a time, and only while there are as many as there can be. Nor does one
  /// stay that is to leave, once it has no other part: it could not go. But never so many go that
  /// those left could decide nothing.
  func acceptors(beside spans: [Span], _ stripes: [Chain]) -> [UnitName] {
    let isGood = { (unit: UnitName) in isThere(unit) && !isLeaving(unit) }
    let count = max(goal.acceptors, 1)
    // Of one chain after the other: most of a chain may die at once, and most acceptors must not.
    let working = stripes.inTurns + spans.flatMap(\.stripes).inTurns
    let others = (working + layout.spares + sight.fresh).filter(isGood)
    var acceptors = layout.acceptors.filter { others.contains($0) }
    // One voice per machine.
    let add = { (unit: UnitName) in
      if !acceptors.contains(where: { $0.node == unit.node }) { acceptors.append(unit) }
    }
    for unit in others where acceptors.count < count { add(unit) }
    let isForgetful = { (unit: UnitName) in sight.forgetful.contains(unit) }
    // Who waits to be let in may turn out to have forgotten something, and is no voice until then.
    let isSilent = { (unit: UnitName) in !isThere(unit) || sight.waiting.contains(unit) }
    // Whoever has forgotten something goes first: it does not vote.
    let idle =
      layout.acceptors.filter(isForgetful)
      + layout.acceptors.filter { isGood($0) && !isSilent($0) && !others.contains($0) }
    // A disk that is gone, on a node that is to leave and has another one, be it an older image: it
    // will never be heard again, and the node could not go as long as it is named.
    let present = sight.units.union(sight.forgetful)
    let isGone = { (unit: UnitName) in
      isLeaving(unit) && !present.contains(unit) && present.contains { $0.node == unit.node }
    }
    let silent = layout.acceptors.filter { unit in
      isSilent(unit) && !isForgetful(unit) && (acceptors.isEmpty || !isGone(unit))
    }
    let staying = sight.units.count { !isLeaving($0) }
    let isWhole = silent.isEmpty && layout.acceptors.count >= min(count, staying)
    // Those that leave decide as long as they work.
    let leavers = layout.acceptors.filter { isLeaving($0) && isThere($0) && working.contains($0) }
    let isLast = acceptors.isEmpty && leavers.isEmpty && idle.count == 1
    let voices = isWhole && !isLast ? idle.dropFirst() : idle[...]
    let wanted = min(count, layout.acceptors.count)
    for unit in voices + silent where acceptors.count < wanted { add(unit) }
    for unit in layout.acceptors where isLeaving(unit) && isThere(unit) {
      // Without its voice those that are left might be too few to decide anything, ever.
      let able = acceptors.count { isThere($0) && !isSilent($0) && !isForgetful($0) }
      let isVital = able * 2 <= acceptors.count
      let most = isVital ? layout.acceptors.count : wanted
      if isVital || working.contains(unit), acceptors.count < most { add(unit) }
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
