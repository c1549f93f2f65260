internal import CorfuClient
internal import CorfuCopyCompaction
internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror

extension NodeReport {
  /// What is told of it, as metrics.
  ///
  /// - Parameter started: When the process began, in seconds since 1970.
  /// - Returns: A family for each metric that there is something to say of.
  func families(started: Double) -> [MetricFamily] {
    var sheet = MetricSheet()
    sheet.add("corfu_node_info", 1, [("cluster", cluster.text), ("node", "\(node)")])
    sheet.add("corfu_start_time_seconds", started)
    sheet.add("corfu_healthy", ailment == nil ? 1 : 0)
    sheet.add("corfu_ready", unreadiness == nil ? 1 : 0)
    if let certificateExpiry {
      sheet.add("corfu_certificate_expiry_seconds", certificateExpiry)
    }
    sheet.add("corfu_members", Double(membership?.members.count ?? 0))
    sheet.add("corfu_epoch", Double(layout?.epoch.number ?? 0))
    sheet.add("corfu_connections", Double(connections))
    sheet.add("corfu_requests_underway", Double(requests))
    sheet.add("corfu_held_bytes", Double(heldBytes))
    sheet.add("corfu_entries_written_total", Double(load.entries))
    sheet.add("corfu_holes_filled_total", Double(load.fills))
    sheet.add("corfu_positions_read_total", Double(load.reads))
    sheet.add("corfu_tokens_total", Double(load.tokens))
    addUnit(to: &sheet)
    addSequencer(to: &sheet)
    addMonitor(to: &sheet)
    return sheet.families
  }

  private func addUnit(to sheet: inout MetricSheet) {
    guard let unit = status.unit else { return }
    sheet.add("corfu_unit_epoch", Double(unit.installed?.epoch.number ?? 0))
    sheet.add("corfu_unit_sealed_epoch", Double(unit.sealed.number))
    sheet.add("corfu_unit_tail_position", Double(unit.tail.number))
    sheet.add("corfu_unit_boots_total", Double(unit.boots))
    sheet.add("corfu_unit_damaged_positions", Double(unit.damage.count))
    sheet.add("corfu_unit_segments", Double(segments))
    sheet.add("corfu_unit_full", unit.room == .full ? 1 : 0)
    if let freeBytes { sheet.add("corfu_disk_free_bytes", Double(freeBytes)) }
    if let space {
      sheet.add("corfu_unit_live_bytes", Double(space.liveBytes))
      sheet.add("corfu_unit_total_bytes", Double(space.totalBytes))
    }
    if let counters {
      sheet.add("corfu_unit_records_total", Double(counters.records))
      sheet.add("corfu_unit_record_bytes_total", Double(counters.recordBytes))
      sheet.add("corfu_unit_syncs_total", Double(counters.syncs))
      sheet.add("corfu_unit_conflicts_total", Double(counters.refusals))
      sheet.add("corfu_unit_repairs_total", Double(counters.repairs))
    }
    if let compaction {
      sheet.add("corfu_compaction_segments_total", Double(compaction.segments))
      sheet.add("corfu_compaction_copied_bytes_total", Double(compaction.copiedBytes))
      sheet.add("corfu_compaction_removed_bytes_total", Double(compaction.removedBytes))
      sheet.add("corfu_compaction_skipped_total", Double(compaction.skipped))
    }
  }

  private func addSequencer(to sheet: inout MetricSheet) {
    guard let sequencer = status.sequencer else { return }
    let appointed = layout?.sequencer
    let isAppointed = appointed?.node == node && appointed?.boot == sequencer.boot
    let serving = sequencer.serving?.epoch ?? .zero
    let isOver = sequencer.sealed.map { $0 >= serving } ?? false
    sheet.add("corfu_sequencer_appointed", isAppointed ? 1 : 0)
    sheet.add("corfu_sequencer_epoch", isOver ? 0 : Double(serving.number))
  }

  private func addMonitor(to sheet: inout MetricSheet) {
    guard let monitor else { return }
    sheet.add("corfu_monitor_suspects", Double(monitor.suspects.count))
    sheet.add("corfu_monitor_unheard", Double(monitor.unheard.count))
    sheet.add("corfu_monitor_reconfigurations_total", Double(monitor.reconfigurations))
    let isTroubled = monitor.trouble != nil || monitor.rebuildTrouble != nil
    sheet.add("corfu_monitor_trouble", isTroubled ? 1 : 0)
    sheet.add("corfu_monitor_rebuilding", monitor.rebuild == nil ? 0 : 1)
    guard let rebuild = monitor.rebuild else { return }
    let (begin, end) = (rebuild.task.begin.number, rebuild.task.end.number)
    let done = min(max(rebuild.next.number, begin), end) - begin
    let ratio = end > begin ? Double(done) / Double(end - begin) : 1
    sheet.add("corfu_monitor_rebuild_ratio", ratio)
  }
}
