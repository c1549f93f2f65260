internal import CorfuGlobalLog
internal import Synchronization

/// How hard compaction works.
public struct CompactionLimits: Hashable, Sendable {
  /// How much is read in one step, to be copied unless it stands elsewhere already.
  ///
  /// It goes to the disk together with what writers append meanwhile, so a large step is felt by
  /// them.
  public var stepBytesMax = 64 << 10
  /// How much is read in a second, at most.
  public var bytesPerSecond = 32 << 20
  /// How long to wait, once nothing is worth it, before looking again.
  public var pause = Duration.seconds(10)

  /// The defaults.
  public init() {}

  /// How long to rest after so much was read.
  func rest(after bytes: Int) -> Duration { .seconds(bytes) / bytesPerSecond }
}

/// What compaction did.
public struct CompactionCounters: Hashable, Sendable {
  /// Segments that were emptied and removed.
  public var segments = 0
  /// Of those, the ones that were written anew for want of room.
  public var rewritten = 0
  /// Bytes of records that were copied.
  public var copiedBytes = 0
  /// The size of the files that were removed.
  public var removedBytes = 0
  /// Segments that could not be emptied: damage keeps them.
  public var skipped = 0

  /// Nothing yet.
  public init() {}
}

/// Gives back the room of trimmed entries, a segment at a time and a little of it at a step.
///
/// It works beside writers and readers, and can be cancelled between any two steps: what was copied
/// stands twice then, which does no harm.
public final class Compactor<
  Store: CompactableStore,
  Policy: CompactionPolicy,
  Mover: SegmentMoving
>: Sendable {
  private let store: Store
  private let policy: Policy
  private let mover: Mover
  private let limits: CompactionLimits
  private let clock: any Clock<Duration>
  private let state = Mutex(CompactionCounters())

  /// A compactor.
  ///
  /// - Parameters:
  ///   - store: What it compacts.
  ///   - policy: Which segment comes next.
  ///   - mover: How a segment is emptied.
  ///   - limits: How hard it works.
  ///   - clock: What the rate is held by.
  public init(
    of store: Store,
    policy: Policy = CompactionPlan(),
    mover: Mover = SegmentMove(),
    limits: CompactionLimits = CompactionLimits(),
    clock: any Clock<Duration>
  ) {
    self.store = store
    self.policy = policy
    self.mover = mover
    self.limits = limits
    self.clock = clock
  }

  /// What was done so far.
  public var counters: CompactionCounters { state.withLock { $0 } }

  /// Empties segments until none is worth it.
  ///
  /// It ends whatever the policy says: it empties at most twice as many segments as there were.
  ///
  /// - Throws: ``CompactionError/cancelled``; or what the store says when it can do no more:
  ///   ``LogError/outOfSpace`` if it has no room even for that.
  public func run() async throws(CompactionError) {
    var skipped: Set<UInt32> = []
    var movesLeft: Int?
    while movesLeft != 0 {
      let usage = try await asking { () throws(LogError) in try await store.usage() }
      let segment = policy.next(of: usage.filter { !skipped.contains($0.number) })
      guard let segment else { return }
      movesLeft = (movesLeft ?? 2 * usage.count) - 1
      if try await empty(segment) { continue }
      skipped.insert(segment.number)
      state.withLock { $0.skipped += 1 }
    }
  }

  /// Empties segments whenever it is worth it, until it is cancelled or the store is at its end.
  public func runForever() async throws(CompactionError) {
    while true {
      do throws(CompactionError) {
        try await run()
      } catch {
        // Room may come back by other means; then there is work again.
        guard error == .store(.outOfSpace) else { throw error }
      }
      try await sleep(limits.pause)
    }
  }

  /// - Returns: Whether the segment is gone; damage may keep it.
  private func empty(_ segment: SegmentUsage) async throws(CompactionError) -> Bool {
    do throws(CompactionError) {
      let move = PacedMove(store, segment.number, limits, clock, copied)
      guard try await mover.empty(move) else { return false }
      note(segment, isRewritten: false)
      return true
    } catch {
      switch error {
      case .store(.corrupt), .store(.unknown), .store(.entryTooLarge): return false
      case .store(.outOfSpace): break
      case .store, .cancelled: throw error
      }
    }
    return try await rewrite(segment)
  }

  /// Reads as slowly as for copies; what is written then takes one turn of the store's.
  private func rewrite(_ segment: SegmentUsage) async throws(CompactionError) -> Bool {
    let isGone = try await asking { () throws(LogError) in
      try await store.rewrite(segment.number, bytesMax: limits.stepBytesMax) { bytes in
        do {
          try await clock.sleep(for: limits.rest(after: bytes))
          return true
        } catch {
          return false  // Cancelled: the segment is as it was.
        }
      }
    }
    if Task.isCancelled, !isGone { throw .cancelled }
    if isGone { note(segment, isRewritten: true) }
    return isGone
  }

  private func note(_ segment: SegmentUsage, isRewritten: Bool) {
    state.withLock { counters in
      counters.segments += 1
      counters.removedBytes += segment.fileBytes
      if isRewritten { counters.rewritten += 1 }
    }
  }

  @Sendable private func copied(_ bytes: Int) {
    state.withLock { $0.copiedBytes += bytes }
  }

  private func asking<Value>(
    _ body: () async throws(LogError) -> Value
  ) async throws(CompactionError) -> Value {
    if Task.isCancelled { throw .cancelled }
    do {
      return try await body()
    } catch {
      throw .store(error)
    }
  }

  private func sleep(_ duration: Duration) async throws(CompactionError) {
    do {
      try await clock.sleep(for: duration)
    } catch {
      throw .cancelled
    }
  }
}

/// A segment of a store, emptied at a set rate.
private struct PacedMove<Store: CompactableStore>: MovableSegment {
  private let store: Store
  private let number: UInt32
  private let limits: CompactionLimits
  private let clock: any Clock<Duration>
  private let onCopied: @Sendable (Int) -> Void

  init(
    _ store: Store,
    _ number: UInt32,
    _ limits: CompactionLimits,
    _ clock: any Clock<Duration>,
    _ onCopied: @escaping @Sendable (Int) -> Void
  ) {
    self.store = store
    self.number = number
    self.limits = limits
    self.clock = clock
    self.onCopied = onCopied
  }

  func copy(from position: Position) async throws(CompactionError) -> RelocationStep {
    let step: RelocationStep
    if Task.isCancelled { throw .cancelled }
    do {
      step = try await store.copy(number, from: position, bytesMax: limits.stepBytesMax)
    } catch {
      throw .store(error)
    }
    onCopied(step.copiedBytes)
    do {
      try await clock.sleep(for: limits.rest(after: step.bytes))
    } catch {
      throw .cancelled
    }
    return step
  }

  func restate() async throws(CompactionError) {
    do {
      try await store.restate(number)
    } catch {
      throw .store(error)
    }
  }

  /// This store's answers say that all is durable already.
  func sync() async throws(CompactionError) {}

  func remove() async throws(CompactionError) -> Bool {
    do {
      return try await store.retire(number)
    } catch {
      throw .store(error)
    }
  }
}
