import CorfuGlobalLog
import CorfuRepl
import Synchronization

/// A model session whose log has damaged and lost positions, can be made to fail, and refuses long
/// chunks of nothing.
final class FaultySession: ReplSession, SharedLog {
  let model = ModelSession(stage: 5)
  let damaged: Set<Position>
  let lost: Set<Position>
  let appendsMax: Int
  /// Whether entries of a batch change places, as where one of them had to begin again.
  let reverses: Bool
  let chunks = Mutex<[Int]>([])
  private let appends = Mutex(0)

  init(
    damaged: Set<Position> = [],
    lost: Set<Position> = [],
    appendsMax: Int = Int.max,
    reverses: Bool = false
  ) {
    self.damaged = damaged
    self.lost = lost
    self.appendsMax = appendsMax
    self.reverses = reverses
  }

  var stage: Int { model.stage }
  var place: String { model.place }
  var isSimulated: Bool { false }
  var log: any SharedLog { self }

  func stats() async throws(ReplError) -> [Fact] { try await model.stats() }
  func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    VerifyReport(files: [
      .init(name: "00000000.seg", records: 3, bytes: 4096, state: "open"),
      .init(
        name: "00000001.seg",
        records: 2,
        bytes: 1000,
        state: "sealed",
        damage: ["record at 64: payload checksum", "record at 128: header checksum"]
      ),
    ])
  }
  func crash() async throws(ReplError) -> [Fact] {
    throw .refused("the power of real disks is not cut: start with --memory to try that")
  }
  func reopen() async throws(ReplError) -> [Fact] { [] }
  func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer] { [] }
  func close() async {}

  func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try await append(batch: [payload])[0]
  }

  func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    let isOver = appends.withLock { appends in
      appends += batch.count
      return appends > appendsMax
    }
    if isOver { throw .outOfSpace }
    if reverses { return try await model.append(batch: batch.reversed()).reversed() }
    return try await model.append(batch: batch)
  }

  func read(_ position: Position) async throws(LogError) -> Slot {
    if damaged.contains(position) { throw .corrupt(position) }
    if lost.contains(position) { throw .lost(position) }
    return try await model.read(position)
  }

  func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    chunks.withLock { $0.append(range.count) }
    if let position = range.first(where: { damaged.contains($0) }) { throw .corrupt(position) }
    if let position = range.first(where: { lost.contains($0) }) { throw .lost(position) }
    return try await model.read(range)
  }

  func fill(_ position: Position) async throws(LogError) -> Slot { try await model.fill(position) }
  func trim(_ position: Position) async throws(LogError) { try await model.trim(position) }
  func trimPrefix(before mark: Position) async throws(LogError) {
    try await model.trimPrefix(before: mark)
  }
  func tail() async throws(LogError) -> Position { try await model.tail() }
}
