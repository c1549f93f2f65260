/// Every metric that a node or a mirror has, and what it means: docs/metrics.md shows the same.
public enum MetricCatalogue {
  /// One of them.
  struct Entry: Sendable {
    let name: String
    let kind: MetricFamily.Kind
    let labels: String
    let about: String

    init(_ name: String, _ kind: MetricFamily.Kind, labels: String = "", _ about: String) {
      self.name = name
      self.kind = kind
      self.labels = labels
      self.about = about
    }
  }

  /// As rows of a table in Markdown: name, kind, labels, what it means.
  public static var rows: [String] {
    all.map { "| `\($0.name)` | \($0.kind.rawValue) | \($0.labels) | \($0.about) |" }
  }

  static func entry(named name: String) -> Entry? { byName[name] }

  private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

  static let all = node + mirror

  /// Those that a node has.
  static let node = process + requests + load + unit + upkeep + sequencer + monitor

  private static let process = [
    Entry("corfu_node_info", .gauge, labels: "`cluster`, `node`", "Always 1: which node this is."),
    Entry("corfu_start_time_seconds", .gauge, "When the process began, in seconds since 1970."),
    Entry("corfu_healthy", .gauge, "Whether `/health` says ok: 0 once the disk has failed."),
    Entry("corfu_ready", .gauge, "Whether `/ready` says ok."),
    Entry(
      "corfu_certificate_expiry_seconds",
      .gauge,
      "When the first of the node's certificates ends, its authority's included, in seconds since "
        + "1970; only with certificates."
    ),
    Entry("corfu_members", .gauge, "Nodes that the cluster consists of, as this one has heard."),
    Entry("corfu_epoch", .gauge, "The epoch of the newest layout that the node knows."),
    Entry("corfu_connections", .gauge, "Connections that the node serves."),
    Entry(
      "corfu_connections_closed_total",
      .counter,
      labels: "`reason`",
      "Connections that the node closed because of what the peer did or is: each one, where the "
        + "log tells of many together."
    ),
    Entry(
      "corfu_requests_underway",
      .gauge,
      "Requests that the node works on and has not answered: how long its queues are."
    ),
    Entry(
      "corfu_held_bytes",
      .gauge,
      "What those requests take, and answers that clients and nodes have not taken yet; beyond "
        + "half of `network.heldMax` the connections that hold most wait."
    ),
  ]

  private static let requests = [
    Entry("corfu_requests_total", .counter, labels: "`kind`", "Requests that were answered."),
    Entry(
      "corfu_refusals_total",
      .counter,
      labels: "`kind`",
      "Those of them that were refused as a whole: a closed epoch, a failed disk."
    ),
    Entry(
      "corfu_request_seconds",
      .histogram,
      labels: "`kind`, `le`",
      "How long they took; what is answered on the spot is not in it."
    ),
  ]

  private static let load = [
    Entry("corfu_entries_written_total", .counter, "Entries of clients that the unit has written."),
    Entry("corfu_holes_filled_total", .counter, "Holes that clients have closed on the unit."),
    Entry(
      "corfu_positions_read_total",
      .counter,
      "Positions of which the unit told clients what stands there."
    ),
    Entry("corfu_tokens_total", .counter, "Positions that the sequencer has handed out."),
  ]

  private static let unit = [
    Entry("corfu_unit_epoch", .gauge, "The epoch of the layout in force on the unit."),
    Entry("corfu_unit_sealed_epoch", .gauge, "The highest epoch that is closed on the unit."),
    Entry("corfu_unit_tail_position", .gauge, "One past the highest position in use on the unit."),
    Entry("corfu_unit_boots_total", .counter, "How often the unit's folder was opened."),
    Entry("corfu_unit_damaged_positions", .gauge, "Positions whose records are lost to damage."),
    Entry("corfu_unit_segments", .gauge, "Segment files that are closed."),
    Entry("corfu_unit_full", .gauge, "Whether entries are refused for want of room on the disk."),
    Entry(
      "corfu_disk_free_bytes",
      .gauge,
      "What the file system of the unit's folder has left; looked at every 10 s."
    ),
    Entry("corfu_unit_live_bytes", .gauge, "What the unit keeps that is not trimmed."),
    Entry("corfu_unit_total_bytes", .gauge, "What its segments take on the disk."),
    Entry("corfu_unit_records_total", .counter, "Records that became durable since the start."),
    Entry("corfu_unit_record_bytes_total", .counter, "What was written to the disk for them."),
    Entry(
      "corfu_unit_syncs_total",
      .counter,
      "Syncs of segments: records per sync tell the batch."
    ),
    Entry(
      "corfu_unit_sync_seconds",
      .histogram,
      labels: "`le`",
      "How long the disk took to make a file durable."
    ),
    Entry(
      "corfu_unit_conflicts_total",
      .counter,
      "Writes that were refused because the position was taken: a race that somebody lost."
    ),
    Entry("corfu_unit_repairs_total", .counter, "Damaged records that others gave back."),
    Entry("corfu_unit_events_total", .counter, labels: "`event`", "What happened in the unit."),
  ]

  private static let upkeep = [
    Entry("corfu_compaction_segments_total", .counter, "Segments that compaction emptied."),
    Entry("corfu_compaction_copied_bytes_total", .counter, "What it copied to keep it."),
    Entry("corfu_compaction_removed_bytes_total", .counter, "What the files took that it removed."),
    Entry("corfu_compaction_skipped_total", .counter, "Segments that damage keeps from going."),
  ]

  private static let sequencer = [
    Entry("corfu_sequencer_appointed", .gauge, "Whether the newest layout appoints this node."),
    Entry("corfu_sequencer_epoch", .gauge, "The epoch that it hands out positions in; 0 for none."),
    Entry(
      "corfu_transactions_refused_total",
      .counter,
      labels: "`reason`",
      "Transactions that the sequencer refused a position, each try by itself: `conflict`, "
        + "`new_sequencer` or `forgotten`."
    ),
  ]

  private static let monitor = [
    Entry("corfu_monitor_suspects", .gauge, "Nodes that the monitor takes for dead."),
    Entry("corfu_monitor_unheard", .gauge, "Nodes that were silent for so long that they may be."),
    Entry(
      "corfu_monitor_reconfigurations_total",
      .counter,
      "Layouts that this monitor brought into force."
    ),
    Entry("corfu_monitor_trouble", .gauge, "Whether something keeps the monitor from its work."),
    Entry("corfu_monitor_rebuilding", .gauge, "Whether it copies to a unit that joins a chain."),
    Entry("corfu_monitor_rebuild_ratio", .gauge, "How much of that is copied, from 0 to 1."),
  ]

  /// Those that a mirror has, besides when it began.
  static let mirror = [
    Entry(
      "corfu_mirror_copied_position",
      .gauge,
      "Before which position everything is in the copy."
    ),
    Entry("corfu_mirror_end_position", .gauge, "Where the log ended when it last said that."),
    Entry("corfu_mirror_lag_positions", .gauge, "Positions that are not in the copy yet."),
    Entry(
      "corfu_mirror_lag_seconds",
      .gauge,
      "How old the copy is: all that is older is in it. A lower bound, until it has had all once."
    ),
    Entry(
      "corfu_mirror_silence_seconds",
      .gauge,
      "For how long the log has not said where it ends."
    ),
    Entry(
      "corfu_mirror_too_far",
      .gauge,
      "Whether the copy is further behind than `--lag-max` or `--lag-seconds-max` say, for 5 s."
    ),
    Entry(
      "corfu_mirror_entries_total",
      .counter,
      "Entries that the mirror has written to the copy, or found there as they should be."
    ),
    Entry(
      "corfu_mirror_failures_total",
      .counter,
      labels: "`side`",
      "What had to be tried again: looks for the end of the `log`, and writes to the `copy`. What "
        + "cannot be done by trying again ends the mirror."
    ),
  ]
}
