import CorfuCopyCompaction
import CorfuStages
import CorfuStripeMirror

/// What compaction did, unit by unit.
struct CompactionTable {
  private var rows: [FactTable.Row] = []
  private var total = CompactionCounters()

  /// Takes notice of a unit's compaction.
  mutating func add(
    _ node: NodeID,
    _ done: CompactionCounters,
    from before: StoreSpace?,
    to after: StoreSpace?
  ) {
    total.segments += done.segments
    total.skipped += done.skipped
    let freed = max(0, (before?.diskBytes ?? 0) - (after?.diskBytes ?? 0))
    rows.append(
      FactTable.Row(
        "\(node)",
        [
          Fact("segments retired", .count(done.segments)), Fact("copied", .bytes(done.copiedBytes)),
          Fact("freed", .bytes(freed)),
        ] + Fact.facts(of: after)
      )
    )
  }

  /// What to tell of it.
  var answer: ClusterAnswer {
    if total.skipped > 0 {
      return .told(
        "damage keeps \(total.skipped) segments from being emptied: 'verify' tells what it is",
        [Fact("skipped", .count(total.skipped)), Fact("segments retired", .count(total.segments))]
      )
    }
    if total.segments > 0 { return .table(FactTable(of: "unit", rows)) }
    return .told(
      "there is no full segment of which enough is trimmed; what is written last waits until its "
        + "segment is full",
      [Fact("segments retired", .count(0))]
    )
  }
}

extension Fact {
  /// How much room a unit takes.
  static func facts(of space: StoreSpace?) -> [Fact] {
    [
      Fact("live", space.map { .bytes($0.liveBytes) } ?? .text("")),
      Fact("on disk", space.map { .bytes($0.diskBytes) } ?? .text("")),
    ]
  }
}
