import CorfuProtocol

/// What a node did between two looks at its meters.
struct NodeRates: Equatable, Sendable {
  /// Entries of clients that its unit wrote, a second.
  let appends: Double
  /// Positions that it told clients of, a second.
  let reads: Double
  /// Positions that its sequencer handed out, a second.
  let tokens: Double
  /// How long 99 of 100 syncs took at most; `nil` if there were none.
  let sync: DurationBound?
  /// How long 99 of 100 writes took at most; `nil` if there were none.
  let write: DurationBound?

  /// The difference of two looks.
  ///
  /// - Parameters:
  ///   - before: The first look.
  ///   - after: The second.
  ///   - time: What lies between them.
  init(from before: NodeMeters, to after: NodeMeters, within time: Duration) {
    let seconds = max(time / .seconds(1), 0.001)
    appends = Double(Self.growth(from: before.entries, to: after.entries)) / seconds
    reads = Double(Self.growth(from: before.reads, to: after.reads)) / seconds
    tokens = Double(Self.growth(from: before.tokens, to: after.tokens)) / seconds
    sync = Self.slow(before.syncs, after.syncs)
    write = Self.slow(before.writes, after.writes)
  }

  /// How much was counted meanwhile: one that counted less than before has begun anew.
  private static func growth(from before: Int, to after: Int) -> Int {
    after >= before ? after - before : after
  }

  /// The bound that 99 of 100 durations kept to which were noted between two looks.
  private static func slow(_ before: [DurationBucket], _ after: [DurationBucket]) -> DurationBound?
  {
    let counts = after.enumerated().map { index, bucket -> Int in
      let isSame =
        before.indices.contains(index) && before[index].nanosecondsMax == bucket.nanosecondsMax
      return growth(from: isSame ? before[index].count : 0, to: bucket.count)
    }
    let rank = counts.reduce(0.0) { $0 + Double($1) } * 0.99
    if rank <= 0 { return nil }
    var below = 0.0
    var longest = 0
    for (bucket, count) in zip(after, counts) {
      below += Double(count)
      let bound = bucket.nanosecondsMax
      if below >= rank {
        return DurationBound(.nanoseconds(bound ?? longest), isExceeded: bound == nil)
      }
      longest = bound ?? longest
    }
    return nil
  }
}

/// What durations kept to, as exactly as buckets tell.
struct DurationBound: Equatable, Sendable {
  /// The bound.
  let duration: Duration
  /// Whether it is the largest that is told apart, and was exceeded.
  let isExceeded: Bool

  init(_ duration: Duration, isExceeded: Bool = false) {
    self.duration = duration
    self.isExceeded = isExceeded
  }

  /// For a table.
  var value: Fact.Value {
    isExceeded ? .text("over \(Numbers.time(duration))") : .time(duration)
  }
}
