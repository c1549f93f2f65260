internal import CorfuGlobalLog

/// Opens a folder that holds many entries in closed segments.
struct ReopenWorkload: Sendable {
  let folder: BenchFolder
  let entries: Int
  let clock = ContinuousClock()

  /// What one opening took.
  struct Opening: Sendable {
    var measurement: Measurement
    /// What the process held while the log was open.
    var residentBytes: Int
  }

  /// Opens the log once and closes it again; only the opening is measured.
  func run() async throws -> Opening {
    var random = BenchRandom(seed: 2)
    let begin = clock.now
    let store = try await SegmentStore.open(FileDevice(path: folder.path), using: &random)
    let duration = begin.duration(to: clock.now)
    guard store.reader.tail == Position(UInt64(entries)) else {
      throw BenchError.wrongAnswer("reopened, the log ends at \(store.reader.tail)")
    }
    let residentBytes = ResidentMemory.current()
    try await store.close()
    return Opening(
      measurement: Measurement(operations: 1, bytes: 0, duration: duration),
      residentBytes: residentBytes
    )
  }
}
