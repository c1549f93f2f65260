// Repair: what a peer has takes the place of a record that rot took here (D6).

extension SegmentStore {
  /// Stages what a peer has for a position, unless something readable stands there.
  ///
  /// An empty position is written as by any writer. A damaged record stays where it is, and the new
  /// one is found before it. In the segment that is being written that could not be told: there the
  /// position waits until it is closed.
  ///
  /// - Parameter draft: What stands there on another replica, and so must have stood here.
  /// - Returns: What became of it; ``Staging/refused(_:)`` if there is nothing to repair.
  /// - Throws: ``LogError/corrupt(_:)`` where it must wait.
  func stageRepair(_ draft: RecordDraft) throws(LogError) -> Staging {
    try checkHealth()
    guard draft.payload.count <= limits.payloadBytesMax else {
      throw .entryTooLarge(bytes: draft.payload.count, bytesMax: limits.payloadBytesMax)
    }
    guard draft.position < .max else { throw .outOfSpace }
    if isUnderWay(draft.position) { return .busy }
    switch reader.find(draft.position) {
    case .empty, .doubtful, .lost: break
    case .trimmed: return .refused(.trimmed)
    case .open: return .refused(try reader.read(draft.position))
    case .closed:
      do throws(LogError) {
        let slot = try reader.read(draft.position)
        if slot.isTaken { return .refused(slot) }
      } catch {
        guard error == .corrupt(draft.position) || error == .unknown(draft.position) else {
          throw error
        }
      }
    }
    guard spare != nil else { throw .outOfSpace }
    let outcome = stage(draft, reserve: limits.reserveBytes)
    if outcome == .staged {
      counters.repairs += 1
      onEvent(.repaired(draft.position))
    }
    return outcome
  }
}
