/// A durable map from positions to entries that is written once per position: the one log file of
/// chapter 1, and the disk of every storage unit after it.
///
/// A write is *staged*, with others, then *begun* (the bytes go to the file), then synced, then
/// *finished*: only now may it be acknowledged and read. Between beginning and finishing more can
/// be staged, which is what makes one sync serve many writers (``GroupCommit`` drives this).
///
/// A store belongs to one task. Readers use ``reader``, from anywhere.
public final class SegmentStore<Storage: Device> {
  /// The reading side.
  public let reader: StoreReader<Storage>
  /// What the store did so far.
  public internal(set) var counters = StoreCounters()

  let device: Storage
  let limits: StoreLimits
  let onEvent: @Sendable (StoreEvent) -> Void
  var active: ActiveSegment<Storage>
  /// An empty segment, ready to be the next.
  ///
  /// It is taken into use only once there is another: on a full disk the recovery after a crash
  /// writes into its room, and so does compaction.
  var spare: SpareSegment<Storage>?
  var nextNumber: UInt32
  /// Who the store is, as its folder says it.
  var identity: StoreIdentity
  /// How many segments were missing when the store was opened, until that is told in a segment.
  private(set) var missing: UInt32
  /// Whether the open segment is among those that the identity claims.
  var isActiveNoted = false
  private(set) var failure: DeviceError?

  var staged = StoreBatch()
  /// Up to where the first staged record says that the segment was durable.
  private var stagedDurable = 0
  private var stagedBytes: [UInt8] = []
  /// The batch of the commit before, whose room the next one takes.
  private var finished = StoreBatch()
  private let outgoing = OutgoingBytes()
  /// What the commit on its way will have made durable, to be written behind it.
  private var claims: [UInt8] = []
  private(set) var taken = PositionTable<RecordKind>()
  private(set) var takenBefore = Position.zero
  private(set) var inFlight: Commit?
  /// The closed segments in which compaction met records that it could not read.
  var damagedSegments: Set<UInt32> = []
  /// What the open segment, or one closed since, says of closed segments' streams.
  var restated: [UInt32: RestatedStreams] = [:]
  private var isShortOfSpace = false

  init(
    device: Storage,
    limits: StoreLimits,
    reader: StoreReader<Storage>,
    active: ActiveSegment<Storage>,
    nextNumber: UInt32,
    missing: UInt32,
    onEvent: @escaping @Sendable (StoreEvent) -> Void
  ) {
    self.device = device
    self.limits = limits
    self.reader = reader
    self.active = active
    self.nextNumber = nextNumber
    self.missing = missing
    identity = reader.identity
    self.onEvent = onEvent
  }

  /// What came of staging a record.
  public enum Staging: Equatable, Sendable {
    /// It will be durable with the next commit.
    case staged
    /// The position was taken, by this, and durably so.
    case refused(Slot)
    /// Something for this position is under way: ask again after the commit.
    case busy
    /// The segment is full: commit, then make room.
    case segmentFull
  }

  /// Whether enough is staged for one sync.
  public var isBatchFull: Bool { stagedBytes.count >= limits.batchBytesMax }

  /// Whether anything is staged.
  public var hasStaged: Bool { !stagedBytes.isEmpty }

  /// Stages an entry for a position.
  func stageWrite(_ draft: RecordDraft) throws(LogError) -> Staging {
    guard draft.payload.count <= limits.payloadBytesMax else {
      throw .entryTooLarge(bytes: draft.payload.count, bytesMax: limits.payloadBytesMax)
    }
    if let answer = try refusal(at: draft.position) { return answer }
    guard spare != nil else { throw .outOfSpace }
    return stage(draft, reserve: planted(.spendsReserve) ? 0 : limits.reserveBytes)
  }

  /// Stages junk for a position.
  func stageFill(_ position: Position, epoch: Epoch = .zero) throws(LogError) -> Staging {
    if let answer = try refusal(at: position) { return answer }
    return stage(RecordDraft(.junk, position, epoch: epoch), reserve: lastReserve)
  }

  /// Stages a trim of one position, whatever stands there.
  func stageTrim(_ position: Position, epoch: Epoch = .zero) throws(LogError) -> Staging {
    try checkHealth()
    guard position < .max else { throw .outOfSpace }
    if reader.find(position) == .trimmed { return .refused(.trimmed) }
    if planted(.losesRacingTrim) && taken[position] == .data { return .refused(.trimmed) }
    if isUnderWay(position) { return .busy }
    return stage(RecordDraft(.trim, position, epoch: epoch), reserve: lastReserve)
  }

  /// Stages a trim of ranges of positions, whatever stands there.
  ///
  /// - Parameters:
  ///   - ranges: In order, apart from each other, no more than a record may name.
  ///   - epoch: The epoch of who asks.
  /// - Returns: What became of it.
  /// - Throws: ``LogError``, and nothing is staged.
  func stageTrim(_ ranges: [Range<Position>], epoch: Epoch = .zero) throws(LogError) -> Staging {
    try checkHealth()
    let wanted = PositionSet(ranges)
    if ranges.allSatisfy({ reader.isTrimmed($0) }) { return .refused(.trimmed) }
    if taken.contains(where: wanted.contains) { return .busy }
    return stage(RecordDraft(trims: wanted.ranges, epoch: epoch), reserve: lastReserve)
  }

  /// Stages a trim of every position before `mark`.
  func stagePrefixTrim(before mark: Position, epoch: Epoch = .zero) throws(LogError) -> Staging {
    try checkHealth()
    if mark <= reader.trimMark { return .refused(.trimmed) }
    if taken.contains(where: { $0 < mark }) { return .busy }
    // Many small steps must not take the room of the one that frees a segment.
    let frees = reader.closedSegments.contains { $0.trailer.tail <= mark }
    return stage(
      RecordDraft(.prefixTrim, mark, epoch: epoch),
      reserve: frees ? 0 : StoreLimits.finalReserveBytes
    )
  }

  /// Stages the operator's word that what was lost is lost.
  func stageSettlement() throws(LogError) -> Staging {
    try checkHealth()
    return stage(RecordDraft(.settled, .zero))
  }

  private func refusal(at position: Position) throws(LogError) -> Staging? {
    try checkHealth()
    // The tail behind an entry must be a position too.
    guard position < .max else { throw .outOfSpace }
    if isUnderWay(position) { return .busy }
    if planted(.overwrites) { return nil }
    switch reader.find(position) {
    case .empty: return nil
    case .doubtful: throw .unknown(position)
    case .lost: throw .corrupt(position)
    case .trimmed, .open, .closed:
      if planted(.writesOverRot), !isReadable(position) { return nil }
      let slot = try reader.read(position)
      guard slot.isTaken else { return nil }
      counters.refusals += 1
      return .refused(slot)
    }
  }

  private func isReadable(_ position: Position) -> Bool {
    do {
      _ = try reader.read(position)
      return true
    } catch {
      return false
    }
  }

  /// Whether something for this position is staged, or on its way to the disk.
  func isUnderWay(_ position: Position) -> Bool {
    taken.contains(position) || position < takenBefore
      || staged.trimmedTogether.contains(position)
      || inFlight?.batch.trimmedTogether.contains(position) == true
  }

  var lastReserve: Int {
    limits.lastReserveBytes(inSegmentOf: active.builder.capacity)
  }

  /// Puts a record among those that the next commit writes, if the segment has room for it.
  ///
  /// - Parameters:
  ///   - draft: The record.
  ///   - reserve: What the record must leave free in the segment, in bytes.
  /// - Returns: Whether it was staged, or the segment is full.
  func stage(_ draft: RecordDraft, reserve: Int = 0) -> Staging {
    let trims = max(1, draft.trimRanges.count)
    let streams = draft.links.isEmpty ? 0 : StreamLink.streamCount(in: draft.links)
    guard
      active.builder.fits(body: draft.bodyBytes, trims: trims, streams: streams, reserve: reserve)
    else { return .segmentFull }
    let offset = active.builder.offset
    if stagedBytes.isEmpty { stagedDurable = active.builder.durable }
    active.builder.append(draft, into: &stagedBytes)
    staged.note(draft, offset: offset, byteCount: active.builder.offset - offset)
    switch draft.kind {
    case .prefixTrim: takenBefore = max(takenBefore, draft.position)
    case .settled, .doubt, .claim, .trims: break
    case .data, .junk, .trim, .lost: taken.set(draft.kind, at: draft.position)
    }
    counters.records += 1
    return .staged
  }

  func checkHealth() throws(LogError) {
    if let failure { throw .failed(failure) }
  }

  // MARK: Commit

  /// What goes to the disk, and is neither acknowledged nor readable before it is synced.
  struct Commit {
    let file: Storage.File
    let batch: StoreBatch
    let begin: Int
    let end: Int
  }

  /// Hands what is staged to the disk.
  ///
  /// Sync the commit's file, then call `finish`.
  func begin() throws(LogError) -> Commit? {
    guard let commit = try takeStaged() else { return nil }
    do {
      try outgoing.write(to: commit.file, at: commit.begin)
    } catch {
      throw fail(error)
    }
    return commit
  }

  /// Takes what is staged out of the way of what will be.
  private func takeStaged() throws(LogError) -> Commit? {
    precondition(inFlight == nil, "one commit at a time")
    try checkHealth()
    // Nothing is ever staged where there is no file.
    guard hasStaged, let file = active.file else { return nil }
    let end = active.builder.offset
    let commit = Commit(
      file: file,
      batch: staged,
      begin: end - stagedBytes.count,
      end: end
    )
    claims.removeAll(keepingCapacity: true)
    active.builder.claim(into: &claims)
    counters.recordBytes += stagedBytes.count
    // What was staged while the batch before was on its way could not know that it became durable.
    // It must say so, because it overwrites the claims that do.
    if stagedDurable < active.builder.durable { active.builder.restamp(&stagedBytes) }
    active.zeroAhead(&stagedBytes, end: end, limits: limits)
    outgoing.exchange(&stagedBytes)
    stagedBytes.removeAll(keepingCapacity: true)
    finished.removeAll()
    staged = finished
    finished = StoreBatch()
    inFlight = commit
    if planted(.showsUnsynced) { publish(commit.batch) }
    return commit
  }

  /// Takes notice that a commit is durable: its positions can be read and acknowledged from now on.
  func finish(_ commit: Commit) throws(LogError) {
    counters.syncs += 1
    inFlight = nil
    do {
      // Says that all before it was durable, should the next thing
      // to happen be a crash and then rot.
      try commit.file.write(claims.span.bytes, at: commit.end)
    } catch {
      throw fail(error)
    }
    active.builder.durable = commit.end
    publish(commit.batch)
    if commit.batch.trimMark >= takenBefore { takenBefore = .zero }
    for entry in commit.batch.entries { taken.remove(entry.position) }
    for position in commit.batch.trimmedAlone { taken.remove(position) }
    finished = commit.batch
  }

  /// Makes what is staged durable, and readable.
  ///
  /// While the disk is busy with a large commit, `stageNext` stages for the one after it.
  public func commit(meanwhile stageNext: () -> Void = {}) async throws(LogError) {
    let overlaps = stagedBytes.count >= limits.overlapBytesMin && staged.trimMark == .zero
    guard let commit = overlaps ? try takeStaged() : try begin() else { return }
    if planted(.retiresUnsynced) && commit.batch.copies > 0 && !overlaps {
      return try finish(commit)
    }
    if planted(.dropsBeforeMark) && commit.batch.trimMark > .zero {
      publish(commit.batch)
      try await dropForgotten()
    }
    do {
      if overlaps {
        try await outgoing.carryOut(commit, on: device.syncExecutor, meanwhile: stageNext)
      } else {
        try await descriptor(of: commit).syncOnce()
      }
    } catch {
      throw fail(error)
    }
    if commit.batch.doubt == .raised { missing = 0 }
    if !isActiveNoted {
      try await noteSegments(withActive: true)
      isActiveNoted = true
    }
    try finish(commit)
    if commit.batch.trimMark > .zero { try await dropForgotten() }
  }

  /// The descriptor that wrote.
  ///
  /// The system tells of a write that failed on its own way to the disk only where the file was
  /// open at the time, and only once (D2).
  private func descriptor(of commit: Commit) throws(DeviceError) -> Storage.File {
    guard planted(.syncsAnotherDescriptor) else { return commit.file }
    return try device.open(ClosedSegment.fileName(active.builder.number))
  }

  private func publish(_ batch: StoreBatch) {
    let segment = active.builder.number
    reader.update { $0.publish(batch, segment: segment) }
  }

  /// Syncs a file; an error ends the store (D1).
  func sync(_ file: Storage.File) async throws(LogError) {
    do {
      try await file.sync()
    } catch {
      throw fail(error)
    }
  }

  /// Ends the store: nothing is known of the disk any more.
  func fail(_ error: DeviceError) -> LogError {
    if failure == nil {
      failure = error
      onEvent(.failed(error))
    }
    return .failed(error)
  }

  /// Notes whether data has room, and tells of changes.
  func noteSpace(isShort: Bool) {
    guard isShort != isShortOfSpace else { return }
    isShortOfSpace = isShort
    onEvent(isShort ? .spaceShort : .spaceBack)
  }
}
