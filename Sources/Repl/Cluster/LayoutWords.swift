import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSequencer
import CorfuStripeMirror

/// Puts layouts, and what is different between two, into words.
enum LayoutWords {
  /// What gives up a disk in a cluster of one process.
  static let lostCommand = "reconfigure lost"

  /// What a layout says that the one before it did not.
  ///
  /// - Parameters:
  ///   - before: The one before; `nil` for none.
  ///   - after: The layout.
  ///   - declared: The disks that an operator gave up.
  ///   - command: What gives up a disk there.
  /// - Returns: A sentence.
  static func changes(
    from before: Layout?,
    to after: Layout,
    declared: Set<UnitName> = [],
    by command: String = lostCommand
  ) -> String {
    guard let before else { return "the log begins" }
    var parts = losses(from: before, to: after, declared: declared, by: command)
    if after.generation != before.generation { parts.append("acceptors were appointed by hand") }
    let (old, new) = (Set(before.units), Set(after.units))
    for unit in before.units where !new.contains(unit) {
      let isBack = after.units.contains { $0.node == unit.node }
      parts.append(isBack ? "\(unit.node) has another disk" : "without \(unit.node)")
    }
    parts += stripes(from: before, to: after)
    for unit in after.units where old.contains(unit) {
      guard let first = begin(of: unit, in: after), let last = begin(of: unit, in: before),
        first < last
      else { continue }
      parts.append("\(unit.node) has a copy of what is before \(last), too")
    }
    parts += sequencer(from: before, to: after)
    let acceptors = Set(before.acceptors)
    let voters = after.acceptors.filter { !acceptors.contains($0) }.map(\.node.description)
    if !voters.isEmpty {
      let verb = voters.count == 1 ? "votes" : "vote"
      parts.append("\(voters.joined(separator: ", ")) \(verb) from now on")
    }
    parts += spares(from: before, to: after)
    // Every layout closes the epoch before it, or finds it closed.
    return parts.isEmpty
      ? "the same again, as the epoch before was closed" : parts.joined(separator: "; ")
  }

  /// What an operator gave up at this change: the disks, and what only they had.
  static func losses(
    from before: Layout,
    to after: Layout,
    declared: Set<UnitName>,
    by command: String = lostCommand
  ) -> [String] {
    let now = Set(after.units)
    // One that came back in time is used again.
    let gone = before.units.filter { declared.contains($0) && !now.contains($0) }
    if gone.isEmpty { return [] }
    var parts: [String] = []
    for (index, span) in before.spans.enumerated() {
      let next = index + 1 < before.spans.count ? before.spans[index + 1].begin : after.firstTail
      guard span.begin < next else { continue }
      let last = next.advanced(by: -1)
      let range = span.begin == last ? "\(last)" : "\(span.begin)...\(last)"
      for (stripe, chain) in span.stripes.enumerated()
      where chain.replicas.allSatisfy(gone.contains) {
        parts.append(span.stripes.count == 1 ? range : "stripe \(stripe) of \(range)")
      }
    }
    let names = gone.map(\.node.description).joined(separator: ", ")
    var what = parts.isEmpty ? [] : ["\(parts.joined(separator: ", ")) is lost"]
    if let cut = after.cuts.last(where: { !before.cuts.contains($0) }) {
      what.append("what they had from \(cut.position) on is gone, and others get those positions")
    }
    if what.isEmpty { what = ["others have all they had"] }
    return ["\(names) declared lost by hand ('\(command)'): \(what.joined(separator: "; "))"]
  }

  private static func stripes(from before: Layout, to after: Layout) -> [String] {
    let old = before.spans.last?.stripes ?? []
    let new = after.spans.last?.stripes ?? []
    let begin = after.spans.last?.begin ?? .zero
    return new.enumerated().compactMap { stripe, chain in
      if old.indices.contains(stripe) {
        // Whoever only left has been told of.
        let remaining = old[stripe].replicas.filter(chain.replicas.contains)
        if remaining == chain.replicas { return nil }
      }
      let units = chain.replicas.map(\.description).joined(separator: " -> ")
      return "stripe \(stripe) is \(units) from \(begin) on"
    }
  }

  private static func begin(of unit: UnitName, in layout: Layout) -> Position? {
    layout.spans.first { $0.stripes.contains { $0.replicas.contains(unit) } }?.begin
  }

  private static func sequencer(from before: Layout, to after: Layout) -> [String] {
    if after.sequencer == before.sequencer { return [] }
    let node = after.sequencer.node
    return node == before.sequencer.node
      ? ["\(node), started anew, is the sequencer again"]
      : ["\(node) is the sequencer"]
  }

  private static func spares(from before: Layout, to after: Layout) -> [String] {
    let (old, new) = (Set(before.spares), Set(after.spares))
    let used = Set(after.units)
    let gone = before.spares.filter { spare in
      !new.contains(spare) && !used.contains(spare)
        && !after.spares.contains { $0.node == spare.node }
    }
    return after.spares.filter { !old.contains($0) }.map { "\($0.node) stands by" }
      + gone.map { "\($0.node) no longer stands by" }
  }

  /// Which part of the log a copy is of.
  static func part(_ task: RebuildTask) -> String {
    part(task.begin..<task.end, task.stripe, of: task.stripes)
  }

  /// What was given up.
  static func part(_ loss: LostRange) -> String {
    part(loss.range, loss.stripe, of: loss.stripes)
  }

  private static func part(_ range: Range<Position>, _ stripe: Int, of stripes: Int) -> String {
    let last = range.upperBound.advanced(by: -1)
    let text = range.lowerBound == last ? "\(last)" : "\(range.lowerBound)...\(last)"
    return stripes == 1 ? text : "stripe \(stripe) of \(text)"
  }

  /// Which positions a span has, as people write them.
  static func range(of index: Int, in layout: Layout) -> String {
    let begin = layout.spans[index].begin
    guard index + 1 < layout.spans.count else { return "\(begin)..." }
    let last = layout.spans[index + 1].begin.advanced(by: -1)
    return last == begin ? "\(begin)" : "\(begin)...\(last)"
  }
}
