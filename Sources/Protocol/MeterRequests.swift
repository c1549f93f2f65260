// What a node has done and has to do, in numbers, for people who watch it.

/// What a node's process has counted and measured since it began.
///
/// Nothing depends on it but what people are shown: two looks, and what lies between, tell a rate.
public struct NodeMeters: Hashable, Sendable {
  /// Entries of clients that its unit has written.
  public var entries: Int
  /// Holes that clients have closed on its unit.
  public var fills: Int
  /// Positions that clients were told of.
  public var reads: Int
  /// Positions that its sequencer has handed out.
  public var tokens: Int
  /// Requests that it works on and has not answered.
  public var requests: Int
  /// How long the disk took to make a file durable.
  public var syncs: [DurationBucket]
  /// How long writes took, from their arrival to the answer.
  public var writes: [DurationBucket]
  /// What its unit's entries take; `nil` without a unit that can tell.
  public var space: UnitSpace?
  /// How many bytes its disk has left; `nil` without a unit, or where the system does not tell.
  public var freeBytes: Int?

  /// Meters.
  public init(
    entries: Int = 0,
    fills: Int = 0,
    reads: Int = 0,
    tokens: Int = 0,
    requests: Int = 0,
    syncs: [DurationBucket] = [],
    writes: [DurationBucket] = [],
    space: UnitSpace? = nil,
    freeBytes: Int? = nil
  ) {
    self.entries = entries
    self.fills = fills
    self.reads = reads
    self.tokens = tokens
    self.requests = requests
    self.syncs = syncs
    self.writes = writes
    self.space = space
    self.freeBytes = freeBytes
  }
}

/// How many things took longer than the bucket before says, and no longer than this one does.
public struct DurationBucket: Hashable, Sendable {
  /// The longest that is in it, in nanoseconds; `nil` for all that took longer than the others say.
  public var nanosecondsMax: Int?
  /// How many there were.
  public var count: Int

  /// A bucket.
  public init(nanosecondsMax: Int?, count: Int) {
    self.nanosecondsMax = nanosecondsMax
    self.count = count
  }
}
