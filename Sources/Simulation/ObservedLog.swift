internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuStripeMirror

/// A client as objects see it, which keeps for the judge what is about to be trimmed.
struct ObservedLog: StreamingLog {
  let log: SimulatedClient
  let history: ObjectHistory
  let cluster: ClusterHistory
  /// Whether the program that it is for began when the log had begun anew.
  let isOfSecondLife: Bool

  init(log: SimulatedClient, history: ObjectHistory, cluster: ClusterHistory) {
    self.log = log
    self.history = history
    self.cluster = cluster
    isOfSecondLife = history.isCut
  }

  var id: ClientID { log.id }
  var knownEpoch: Epoch { log.knownEpoch }

  func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try prove()
    return try await log.append(payload)
  }

  func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    try prove()
    return try await log.append(batch: batch)
  }

  func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> Position {
    try prove()
    return try await log.append(payload, writing: writes, since: epoch)
  }

  func append(
    batch: [[UInt8]],
    writing writes: [StreamKeys],
    since epoch: Epoch
  ) async throws(LogError) -> [Position] {
    try prove()
    return try await log.append(batch: batch, writing: writes, since: epoch)
  }

  func append(
    _ payload: [UInt8],
    writing writes: [StreamKeys],
    if condition: CommitCondition
  ) async throws(CommitError) -> Position {
    if history.hasEnded(self) { throw .log(.closed) }
    return try await log.append(payload, writing: writes, if: condition)
  }

  func ends(of streams: [StreamID]) async throws(LogError) -> StreamEnds {
    try prove()
    return try await log.ends(of: streams)
  }

  func read(_ position: Position) async throws(LogError) -> Slot {
    try prove()
    return try await log.read(position)
  }

  func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try prove()
    return try await log.read(range)
  }

  func read(_ positions: [Position]) async throws(LogError) -> [Slot] {
    try prove()
    return try await log.read(positions)
  }

  func settle(_ position: Position) async throws(LogError) -> Slot {
    try prove()
    return try await log.settle(position)
  }

  func settle(before moment: Snapshot) async throws(LogError) -> Bool {
    try prove()
    return try await log.settle(before: moment)
  }

  func fill(_ position: Position) async throws(LogError) -> Slot {
    try prove()
    return try await log.fill(position)
  }

  func trim(_ position: Position) async throws(LogError) {
    try prove()
    try await log.trim(position)
  }

  func trimPrefix(before mark: Position) async throws(LogError) {
    try prove()
    let epoch = log.knownEpoch
    try await archive(before: mark)
    // Whoever knows of that lets the other log alone.
    if history.isCut(since: epoch) { throw .unavailable("the log has begun anew") }
    history.beginTrim(before: mark)
    let number = cluster.begin(trimOf: .zero..<mark, from: epoch)
    try await log.trimPrefix(before: mark)
    cluster.end(trim: number, in: log.layout.epoch)
  }

  func tail() async throws(LogError) -> Position {
    try prove()
    return try await log.tail()
  }

  func rest(for time: Duration) async { await log.rest(for: time) }

  /// Ends a program that must not go on, as its operator does.
  private func prove() throws(LogError) {
    if history.hasEnded(self) { throw .closed }
  }

  private func archive(before mark: Position) async throws(LogError) {
    while history.archived < mark {
      let begin = history.archived
      let epoch = log.knownEpoch
      let end = min(mark, begin.advanced(by: 64))
      // Not as a range: what was given up with its disks is trimmed like all else.
      var slots = try await log.read(Array(begin..<end))
      for (index, position) in zip(slots.indices, begin...) where slots[index] == .empty {
        slots[index] = try await log.fill(position)
      }
      // Somebody else may have been faster.
      if history.archived == begin { history.archive(slots, from: begin, in: epoch) }
    }
  }
}
