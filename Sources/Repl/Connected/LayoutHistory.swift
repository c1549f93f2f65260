import CorfuGlobalLog
import CorfuStripeMirror

/// Which layouts were in force, as far as anybody remembers them.
struct LayoutHistory {
  /// The layouts, one of each epoch, the newest last.
  let layouts: [Layout]
  /// The disks that an operator gave up.
  let declared: Set<UnitName>
  /// Who told nothing, and why.
  private let untold: [NodeID: String]
  /// Who does not answer at all.
  private let silent: Set<NodeID>

  /// What comes of what several tell.
  ///
  /// - Parameters:
  ///   - told: Layouts in any order, some of them several times.
  ///   - declared: The disks that an operator gave up.
  ///   - untold: Who was asked and told nothing, and why.
  ///   - silent: Who does not answer at all.
  init(
    of told: [Layout],
    declared: Set<UnitName>,
    untold: [NodeID: String] = [:],
    silent: Set<NodeID> = []
  ) {
    var known: [Epoch: Layout] = [:]
    for layout in told {
      // Of two of one epoch that which was decided by hand came after the other.
      if let other = known[layout.epoch], other.generation >= layout.generation { continue }
      known[layout.epoch] = layout
    }
    layouts = known.values.sorted { $0.epoch < $1.epoch }
    self.declared = declared
    self.untold = untold
    self.silent = silent
  }

  /// From which epoch on they are known, who told nothing, and what each changed.
  var answer: ClusterAnswer { .screen([reach] + silences, FactTable(of: "epoch", rows)) }

  private var reach: String {
    guard let first = layouts.first else { return "no node tells of any layout" }
    let isFromTheBeginning = first.epoch <= Epoch(1)
    if gaps.isEmpty {
      return isFromTheBeginning
        ? "all layouts are known since the log began"
        : "layouts are known from epoch \(first.epoch) on: no node tells of those before it"
    }
    let begin = isFromTheBeginning ? "since the log began" : "from epoch \(first.epoch) on"
    let others = gaps.count - Self.gapsMax
    let more = others > 0 ? ", and of \(others) more such gaps" : ""
    return "layouts are known \(begin), but for those between epochs "
      + gaps.prefix(Self.gapsMax).joined(separator: ", ") + more
      + ": no node tells of \(isFromTheBeginning ? "those" : "the others")"
  }

  /// The epochs around each gap.
  private var gaps: [String] {
    zip(layouts, layouts.dropFirst()).compactMap { before, layout in
      Self.follows(layout, before) ? nil : "\(before.epoch) and \(layout.epoch)"
    }
  }

  /// More gaps are counted only: their rows tell of them as well.
  private static var gapsMax: Int { 3 }

  /// Whether no layout was in force between two, by what they say themselves.
  ///
  /// The next has the next epoch, but for one whose acceptors were appointed by hand: it begins a
  /// generation, so many epochs above the newest that was known then (R24).
  private static func follows(_ layout: Layout, _ before: Layout) -> Bool {
    let step = layout.epoch.number - before.epoch.number
    if layout.generation == before.generation { return step == 1 }
    // Less far, if the one before was decided and not known to whoever appointed the acceptors.
    return layout.generation == before.generation &+ 1 && step <= Layout.epochsPerGeneration
  }

  private var silences: [String] {
    func names(_ nodes: [NodeID]) -> String {
      nodes.map(\.description).joined(separator: ", ")
    }
    let nodes = Dictionary(grouping: untold.keys.sorted()) { untold[$0, default: ""] }
    let refusals = nodes.sorted { $0.key < $1.key }.map { reason, nodes in
      "\(names(nodes)) told nothing: \(reason)"
    }
    if silent.isEmpty { return refusals }
    return refusals + ["\(names(silent.sorted())) \(silent.count == 1 ? "does" : "do") not answer"]
  }

  private var rows: [FactTable.Row] {
    let steps = HandoverSteps(in: layouts).steps
    return layouts.enumerated().map { index, layout in
      let wishes = steps[index].map { "\($0.node) hands over, step \($0.number)" }
      let begin = wishes.isEmpty ? "" : wishes.joined(separator: "; ") + ": "
      let change = change(to: layout, after: index > 0 ? layouts[index - 1] : nil)
      return FactTable.Row(
        "\(layout.epoch)",
        [Fact("from", .position(layout.firstTail)), Fact("what changed", .text(begin + change))]
      )
    }
  }

  private func change(to layout: Layout, after before: Layout?) -> String {
    guard let before else {
      return layout.epoch > Epoch(1) ? "the oldest that is remembered" : "the log begins"
    }
    let change = LayoutWords.changes(
      from: before,
      to: layout,
      declared: declared,
      by: "corfu cluster lost"
    )
    return Self.follows(layout, before) ? change : "since epoch \(before.epoch): \(change)"
  }
}
