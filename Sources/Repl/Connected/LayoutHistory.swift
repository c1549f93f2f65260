import CorfuGlobalLog
import CorfuStripeMirror

/// Which layouts were in force, as far as anybody remembers them.
struct LayoutHistory {
  /// The layouts, one of each epoch, the newest last.
  let layouts: [Layout]
  /// The disks that an operator gave up.
  let declared: Set<UnitName>

  /// What comes of what several tell.
  ///
  /// - Parameters:
  ///   - told: Layouts in any order, some of them several times.
  ///   - declared: The disks that an operator gave up.
  init(of told: [Layout], declared: Set<UnitName>) {
    var known: [Epoch: Layout] = [:]
    for layout in told {
      // Of two of one epoch that which was decided by hand came after the other.
      if let other = known[layout.epoch], other.generation >= layout.generation { continue }
      known[layout.epoch] = layout
    }
    layouts = known.values.sorted { $0.epoch < $1.epoch }
    self.declared = declared
  }

  /// From which epoch on they are known, and what each changed.
  var answer: ClusterAnswer { .screen([reach], FactTable(of: "epoch", rows)) }

  private var reach: String {
    guard let first = layouts.first else { return "no node tells of any layout" }
    return first.epoch > Epoch(1)
      ? "layouts are known from epoch \(first.epoch) on: no node remembers those before it"
      : "all layouts are known since the log began"
  }

  private var rows: [FactTable.Row] {
    layouts.enumerated().map { index, layout in
      let change = change(to: layout, after: index > 0 ? layouts[index - 1] : nil)
      return FactTable.Row(
        "\(layout.epoch)",
        [Fact("from", .position(layout.firstTail)), Fact("what changed", .text(change))]
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
    let isNext = layout.epoch.number == before.epoch.number + 1
    return isNext ? change : "since epoch \(before.epoch): \(change)"
  }
}
