internal import CorfuGlobalLog
internal import CorfuStripeMirror
internal import Synchronization

/// The layouts that anybody was told of in a run, and the judge of their course: one epoch has one
/// layout, and nobody but an operator goes against the rules (R24, R27).
///
/// An operator may do so where disks are gone for good, and the run says when they are: the layout
/// that is in force then is the last one that is decided by the rules. If most of its acceptors are
/// gone, nobody can decide what follows it, so a new generation has to begin behind it and behind
/// nothing else, and no layout of the old one may come any more: or there would be two histories,
/// and some would follow the one and some the other.
final class LayoutCourse: Sendable {
  /// What a layout brings that was not heard of before.
  struct News: Equatable, Sendable {
    /// What must not be; `nil` if all is well.
    var violation: String?
    /// What is given up with it, and nobody was told before.
    var losses: [LostRange] = []
    /// Of chains that were given up, what stood behind its first tail.
    var beyond: [LostRange] = []
    /// Whether the layout says that there may have been any.
    var isCut = false
    /// What others have kept as well as chains that were given up.
    var witnessed: [Range<Position>] = []
    /// Whether a generation begins with it.
    var isAppointed = false
  }

  fileprivate struct State: Sendable {
    var layouts: [Epoch: (id: LayoutID, layout: Layout)] = [:]
    /// The layout that was in force when disks were lost for good.
    var base: Layout?
    /// Whether most of its acceptors were among them.
    var isQuorumLost = false
    /// Disks that an operator has declared lost, ever.
    var declared: Set<UnitName> = []
    /// What was given up.
    var losses: [LostRange] = []
    /// Whether a layout was heard of that gave something up, told or not.
    var hasGivenUp = false
    /// The epoch with which the new generation began.
    var appointed: Epoch?
  }

  private let state = Mutex(State())

  /// Disks are lost for good.
  ///
  /// - Parameters:
  ///   - base: The layout that is in force, and that nothing can have been decided after.
  ///   - isQuorumLost: Whether most of its acceptors are among them.
  func lose(under base: Layout, isQuorumLost: Bool) {
    state.withLock { state in
      state.layouts[base.epoch] = state.layouts[base.epoch] ?? (base.id, base)
      state.base = base
      state.isQuorumLost = isQuorumLost
    }
  }

  /// An operator declares disks lost.
  func declare(_ disks: Set<UnitName>) {
    state.withLock { $0.declared.formUnion(disks) }
  }

  /// The layout before another one, as far as anybody was told of one.
  func layout(before epoch: Epoch) -> Layout? {
    state.withLock { state in
      state.layouts.filter { $0.key < epoch }.max { $0.key < $1.key }?.value.layout
    }
  }

  /// Somebody is told of a layout.
  ///
  /// - Returns: What it brings; `nil` if it was heard of before.
  func hear(_ layout: Layout) -> News? {
    let id = layout.id
    return state.withLock { $0.hear(layout, id) }
  }
}

extension LayoutCourse.State {
  fileprivate mutating func hear(_ layout: Layout, _ id: LayoutID) -> LayoutCourse.News? {
    if let known = layouts[id.epoch] {
      if known.id == id { return nil }
      return LayoutCourse.News(
        violation: "R27: \(id.epoch) was decided twice, and differently"
      )
    }
    layouts[id.epoch] = (id, layout)
    var news = LayoutCourse.News(violation: secondHistory(layout) ?? falseLoss(layout))
    if news.violation != nil { return news }
    if layout.generation > 0, appointed == nil {
      appointed = layout.epoch
      news.isAppointed = true
    }
    if !hasGivenUp, !layout.losses.isEmpty || !layout.cuts.isEmpty {
      hasGivenUp = true
      losses = layout.losses
      news.losses = losses
      news.isCut = !layout.cuts.isEmpty
      news.beyond = beyond(layout)
      news.witnessed = witnessed
    }
    return news
  }

  /// Why a layout is none of the one history that there is.
  private func secondHistory(_ layout: Layout) -> String? {
    let what = "epoch \(layout.epoch) of generation \(layout.generation)"
    guard let base, isQuorumLost else {
      return layout.generation == 0 ? nil : "R24: \(what) began, and most acceptors were there"
    }
    if layout.generation <= base.generation {
      if layout.epoch <= base.epoch { return nil }
      return "R24: \(what) came after \(base.epoch), most of whose acceptors are gone"
    }
    let first = Epoch(base.epoch.number + Layout.epochsPerGeneration)
    let isFirst = appointed == nil
    if layout.generation == base.generation + 1, layout.epoch == first || !isFirst { return nil }
    return "R24: \(what) began, and \(base.epoch) of generation \(base.generation) was in force"
  }

  /// What a layout gives up, and nobody has declared lost.
  private func falseLoss(_ layout: Layout) -> String? {
    for loss in layout.losses where !isKnown(loss) && !isDeclared(loss, before: layout.epoch) {
      return "R24: epoch \(layout.epoch) gives up positions of \(loss.range), stripe "
        + "\(loss.stripe) of \(loss.stripes), whose disks nobody has declared lost"
    }
    return nil
  }

  private func isKnown(_ loss: LostRange) -> Bool {
    losses.contains { known in
      known.stripes == loss.stripes && known.stripe == loss.stripe
        && known.range.lowerBound <= loss.range.lowerBound
        && loss.range.upperBound <= known.range.upperBound
    }
  }

  /// Whether all disks that kept some positions were declared lost, in a layout since then.
  private func isDeclared(_ loss: LostRange, before epoch: Epoch) -> Bool {
    guard let base, !hasGivenUp else { return false }
    return layouts.values.contains { _, layout in
      base.epoch <= layout.epoch && layout.epoch < epoch && isDeclared(loss, in: layout)
    }
  }

  private func isDeclared(_ loss: LostRange, in layout: Layout) -> Bool {
    let ends = layout.spans.dropFirst().map(\.begin) + [Position.max]
    return zip(layout.spans, ends).allSatisfy { span, end in
      if end <= loss.range.lowerBound || loss.range.upperBound <= span.begin { return true }
      return span.stripes.count == loss.stripes && isDeclared(span.stripes[loss.stripe])
    }
  }

  private func isDeclared(_ chain: Chain) -> Bool { chain.replicas.allSatisfy(declared.contains) }

  /// Positions that a chain has kept as well that was not declared lost.
  private var witnessed: [Range<Position>] {
    guard let base else { return [] }
    let ends = base.spans.dropFirst().map(\.begin) + [Position.max]
    return zip(base.spans, ends).filter { span, _ in
      !span.stripes.allSatisfy { isDeclared($0) }
    }.map { $0.begin..<$1 }
  }

  /// Positions of chains that a layout gives up, from its first tail on.
  private func beyond(_ layout: Layout) -> [LostRange] {
    guard let last = base?.spans.last else { return [] }
    return last.stripes.indices.filter { isDeclared(last.stripes[$0]) }.map { stripe in
      LostRange(
        range: max(last.begin, layout.firstTail)..<Position.max,
        stripes: last.stripes.count,
        stripe: stripe
      )
    }
  }
}
