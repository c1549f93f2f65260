internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuStripeMirror
internal import CorfuWriteOnce
internal import Logging

// What a node's process logs: changes of state, and what somebody should know. Never each request.

/// Tells of something that happened in a unit.
func tell(_ event: UnitEvent, _ logger: Logger) {
  switch event {
  case .gateChanged(let sealed, let installed):
    logger.info(
      "epoch changed",
      metadata: [
        "sealed": "\(sealed)", "installed": "\(installed.map { "\($0.epoch)" } ?? "none")",
      ]
    )
  case .store(let event): tell(event, logger)
  }
}

private func tell(_ event: StoreEvent, _ logger: Logger) {
  switch event {
  case .opened(let segments, let tail):
    logger.info("opened", metadata: ["segments": "\(segments)", "tail": "\(tail)"])
  case .failed(let error): logger.critical("the disk failed: \(error)")
  case .lossFound(let segment, let records, let nameless):
    logger.error(
      "records were lost to damage",
      metadata: [
        "segment": "\(segment)", "records": "\(records)", "nameless": "\(nameless)",
      ]
    )
  case .segmentsMissing(let count):
    logger.error("files of segments are gone", metadata: ["count": "\(count)"])
  case .rotFound(let segment, let position):
    logger.warning(
      "damage found",
      metadata: [
        "segment": "\(segment)", "position": "\(position.map(\.description) ?? "unknown")",
      ]
    )
  case .copyDamaged(let file):
    logger.warning(
      "a header or footer was damaged; nothing is lost by it",
      metadata: ["file": "\(file)"]
    )
  case .repaired(let position):
    logger.notice("damage repaired", metadata: ["position": "\(position)"])
  case .spaceShort: logger.warning("the disk is full: entries are refused until there is room")
  case .spaceBack: logger.notice("there is room on the disk again")
  case .givenUp(let file):
    logger.warning("a damaged segment was removed for its room", metadata: ["file": "\(file)"])
  case .tornTail, .carried, .kept, .closed, .dropped, .retired, .rewritten, .scrubbed:
    logger.debug("\(event)")
  }
}

/// Tells of something that a monitor did.
func tell(_ event: MonitorEvent, _ logger: Logger) {
  switch event {
  case .suspected(let node): logger.warning("a node is silent", metadata: ["peer": "\(node)"])
  case .adopted(let epoch): logger.notice("a new layout", metadata: ["epoch": "\(epoch)"])
  case .failed(let error): logger.warning("the layout could not be changed: \(error)")
  case .rebuilding(let task):
    logger.notice(
      "copying",
      metadata: [
        "to": "\(task.newcomer.node)", "from": "\(task.chain)",
        "positions": "\(task.begin)..<\(task.end)", "stripe": "\(task.stripe) of \(task.stripes)",
      ]
    )
  case .joined(let count):
    logger.notice("copies are complete", metadata: ["units": "\(count)"])
  case .notRebuilt(let error): logger.warning("a copy failed: \(error)")
  case .reset(let unit): logger.notice("a disk was emptied", metadata: ["unit": "\(unit)"])
  case .outdated(let unit, let missed):
    logger.warning(
      "a disk is an older image of itself",
      metadata: ["unit": "\(unit)", "missed": "\(missed)"]
    )
  }
}

/// Tells of connections that were closed, as few as a log can take.
func tell(_ event: ServerEvent, _ logger: Logger) {
  switch event {
  case .closed: break  // It is counted, and told with others.
  case .complained(let complaint):
    logger.info("\(complaint)", metadata: ["peer": "\(complaint.peer)"])
  case .waiting(let reason): logger.warning("connections have to wait: \(reason)")
  }
}
