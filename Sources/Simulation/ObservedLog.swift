internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuStripeMirror

/// A client as objects see it, which keeps for the judge what is about to be trimmed.
struct ObservedLog: StreamingLog {
  let log: SimulatedClient
  let history: ObjectHistory
  let cluster: ClusterHistory

  var id: ClientID { log.id }
  var knownEpoch: Epoch { log.knownEpoch }

  func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try await log.append(payload)
  }

  func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    try await log.append(batch: batch)
  }

  func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> Position {
    try await log.append(payload, writing: writes, since: epoch)
  }

  func append(
    batch: [[UInt8]],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> [Position] {
    try await log.append(batch: batch, writing: writes, since: epoch)
  }

  func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    if condition: CommitCondition
  ) async throws(CommitError) -> Position {
    try await log.append(payload, writing: writes, if: condition)
  }

  func ends(of streams: [StreamID]) async throws(LogError) -> StreamEnds {
    try await log.ends(of: streams)
  }

  func read(_ position: Position) async throws(LogError) -> Slot { try await log.read(position) }

  func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try await log.read(range)
  }

  func read(_ positions: [Position]) async throws(LogError) -> [Slot] {
    try await log.read(positions)
  }

  func settle(_ position: Position) async throws(LogError) -> Slot {
    try await log.settle(position)
  }

  func settle(before moment: Snapshot) async throws(LogError) -> Bool {
    try await log.settle(before: moment)
  }

  func fill(_ position: Position) async throws(LogError) -> Slot { try await log.fill(position) }

  func trim(_ position: Position) async throws(LogError) { try await log.trim(position) }

  func trimPrefix(before mark: Position) async throws(LogError) {
    let epoch = log.knownEpoch
    try await archive(before: mark)
    // Whoever knows of that lets the other log alone.
    if history.isCut(since: epoch) { throw .unavailable("the log has begun anew") }
    history.beginTrim(before: mark)
    let number = cluster.begin(trimOf: .zero..<mark, from: epoch)
    try await log.trimPrefix(before: mark)
    cluster.end(trim: number, in: log.layout.epoch)
  }

  func tail() async throws(LogError) -> Position { try await log.tail() }

  func rest(for time: Duration) async { await log.rest(for: time) }

  private func archive(before mark: Position) async throws(LogError) {
    while history.archived < mark {
      let begin = history.archived
      let epoch = log.knownEpoch
      let end = min(mark, begin.advanced(by: 64))
      var slots = try await log.read(begin..<end)
      for (index, position) in zip(slots.indices, begin...) where slots[index] == .empty {
        slots[index] = try await log.fill(position)
      }
      // Somebody else may have been faster.
      if history.archived == begin { history.archive(slots, from: begin, in: epoch) }
    }
  }
}
