internal import CorfuGlobalLog

/// Reads of a log that is filled from its beginning to its tail.
struct ReadWorkload: Sendable {
  let store: LogFolder.Log
  let payloadBytes: Int
  /// How many positions a scan asks for at once.
  var run = 1024
  let clock = ContinuousClock()

  /// Reads single entries at random positions before `end`.
  func readRandomly(
    before end: Position,
    seed: UInt64 = 11,
    for duration: Duration
  ) throws -> Measurement {
    var random = BenchRandom(seed: seed)
    var latencies = Latencies()
    var operations = 0
    let count = Int(end.number)
    let begin = clock.now
    var last = begin
    while begin.duration(to: last) < duration && !Task.isCancelled {
      let position = Position(UInt64(random.below(count)))
      try check(try store.reader.read(position), position)
      let now = clock.now
      latencies.record(last.duration(to: now))
      last = now
      operations += 1
    }
    return Measurement(
      operations: operations,
      bytes: operations * payloadBytes,
      duration: begin.duration(to: last),
      latencies: latencies
    )
  }

  /// Reads the whole log in order, again and again.
  func scan(for duration: Duration) throws -> Measurement {
    let end = store.tail()
    var position = Position.zero
    var operations = 0
    let begin = clock.now
    var last = begin
    while begin.duration(to: last) < duration {
      let stop = min(end, position.advanced(by: run))
      for slot in try store.reader.read(position..<stop) { try check(slot, position) }
      operations += position.distance(to: stop)
      position = stop == end ? .zero : stop
      last = clock.now
    }
    return Measurement(
      operations: operations,
      bytes: operations * payloadBytes,
      duration: begin.duration(to: last)
    )
  }

  private func check(_ slot: Slot, _ position: Position) throws {
    guard case .data(let entry) = slot, entry.payload.count == payloadBytes else {
      throw BenchError.wrongAnswer("position \(position) holds \(slot)")
    }
  }
}
