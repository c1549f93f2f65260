public import CorfuGlobalLog

extension StoreRun {
  /// What a seed draws.
  public struct Configuration: Sendable, CustomStringConvertible {
    /// Sizes of the store.
    public var limits: StoreLimits
    /// Clients at work at once.
    public var clients: Int
    /// Operations of each client in each life.
    public var operations: Int
    /// How often the store is opened at least, before the last time.
    public var lives: Int
    /// How often at most: there are more lives as long as too little happened for the seed to tell
    /// anything.
    public var livesMax: Int
    /// The disk's room; `nil` for any.
    public var capacityBytes: Int?
    /// Whether other programs take room on the disk, and give it back.
    public var isShared: Bool
    /// Whether clients trim.
    public var trims: Bool
    /// How much the background scrub reads in a second.
    public var scrubBytesPerSecond: Int
    /// How often the disk fails by itself.
    public var faults: DiskFaults
    /// Whether somebody compacts the store meanwhile.
    public var compacts: Bool

    /// Draws a configuration.
    public init(using random: inout SeededGenerator) {
      let segmentBytes = 8192 << random.number(below: 4)
      limits = .small(segmentBytes: segmentBytes)
      limits.payloadBytesMax = segmentBytes / 16
      limits.zeroAheadBytes = random.chance(0.5) ? 4096 : 0
      limits.openFilesMax = random.number(in: 1...4)
      limits.batchBytesMax = random.chance(0.3) ? 1024 : segmentBytes
      clients = random.number(in: 1...8)
      operations = random.number(in: 50...150)
      lives = random.number(in: 2...8)
      livesMax = 100
      let room = random.number(in: 4 * segmentBytes...7 * segmentBytes)
      capacityBytes = random.chance(0.4) ? room : nil
      trims = random.chance(0.7)
      scrubBytesPerSecond = 1 << random.number(in: 20...24)
      faults = .swarm(
        using: &random,
        among: [.writeError, .readError, .writeBackError, .syncError, .nameError, .stall]
      )
      compacts = random.chance(0.6)
      isShared = capacityBytes != nil && random.chance(0.5)
    }

    /// Few lives, and no fault but one that is injected.
    mutating func calm() {
      faults = .none
      lives = 2
      livesMax = 2
      operations = 25
    }

    public var description: String {
      let faults = faults.enabled.map { "\($0)" }.joined(separator: " ")
      return "segments of \(limits.segmentBytes), \(clients) clients, \(operations) operations, "
        + "\(lives) lives, \(compacts ? "compaction, " : "")"
        + "capacity \(capacityBytes.map(String.init) ?? "any")\(isShared ? ", shared" : ""), "
        + "faults: \(faults.isEmpty ? "none" : faults)"
    }
  }
}
