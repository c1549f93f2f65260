internal import CorfuCopyCompaction
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// What is asked of a node's unit besides reading and writing.

extension Node {
  /// What is asked of a unit to mend, to copy and to compact it, and when an epoch is over.
  func care(_ request: Request) async throws(Refusal) -> Reply {
    switch request {
    case .unitStreams(let request): return .unitStreams(try await streams(request))
    case .repair(let request):
      return .written(
        try await ask { (unit) throws(UnitRefusal) in
          try await unit.repair(request.values, as: request.layout)
        }
      )
    case .trims(let request):
      return .trims(
        try await ask { (unit) throws(UnitRefusal) in
          try await unit.trims(in: request.range, as: request.layout)
        }
      )
    case .trimRanges(let request):
      try await ask { (unit) throws(UnitRefusal) in
        try await unit.trim(request.ranges, as: request.layout)
      }
      return .trimmed
    case .reset(let request): return .reset(try await reset(request))
    case .admit(let request):
      guard let disk else { throw .noSuchRole }
      try await disk.hear(request)
      return .admitted
    case .space:
      guard let unit else { throw .noSuchRole }
      do throws(LogError) {
        return .space(try await UnitSpace(of: unit.store))
      } catch {
        throw .log(error)
      }
    default: throw .noSuchRole
    }
  }

  /// Tells where streams end, on the disk that is meant.
  private func streams(_ request: UnitStreamsRequest) async throws(Refusal) -> StreamPage {
    guard let disk else { throw .noSuchRole }
    let unit = try disk.admittedUnit()
    guard request.incarnation == unit.incarnation else { throw .notNamed(unit.incarnation) }
    return try await ask(unit) { (unit) throws(UnitRefusal) in
      try await unit.streams(
        of: request.epoch,
        after: request.after,
        countMax: request.countMax
      )
    }
  }
}

extension UnitSpace {
  /// Asks a store.
  init<Storage: Device>(of store: GroupCommit<Storage>) async throws(LogError) {
    let open = store.reader.summary.openLiveBytes
    self.init(liveBytes: open, totalBytes: open)
    for segment in try await store.usage() {
      liveBytes += segment.liveBytes
      totalBytes += segment.fileBytes
    }
  }
}
