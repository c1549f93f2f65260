// Opening a store: who it is, which segments it has, and the recovery of those that were not
// closed.

extension SegmentStore {
  /// Opens the store in a folder, or makes one there.
  ///
  /// What an unclean end left in the last segments is written to a fresh one and synced before any
  /// of it is served (R5): it may have stood in the page cache only.
  ///
  /// - Parameters:
  ///   - device: The folder.
  ///   - limits: Sizes to work with.
  ///   - random: Draws the identity of a new store.
  ///   - isLocked: Whether the caller has taken the folder already.
  ///   - onEvent: Hears what happens, from the task that the store belongs to.
  /// - Returns: The store.
  /// - Throws: ``StoreOpenError``, if the folder cannot be served.
  public static func open(
    _ device: Storage,
    limits: StoreLimits = StoreLimits(),
    using random: inout some RandomNumberGenerator,
    isLocked: Bool = false,
    onEvent: @escaping @Sendable (StoreEvent) -> Void = { _ in }
  ) async throws(StoreOpenError) -> sending SegmentStore {
    precondition(limits.isConsistent, "an entry of the largest size must fit into a segment")
    do {
      if !isLocked && !planted(.ignoresLock) { try device.lock() }
    } catch {
      throw .device(error)
    }
    do {
      let found = try device.findIdentity()
      var opening = StoreOpening(
        device: device,
        limits: limits,
        identity: found.known ?? StoreIdentity(using: &random),
        onEvent: onEvent
      )
      return try await opening.run(found)
    } catch {
      device.unlock()
      throw error
    }
  }
}

/// One opening of a store, step by step.
struct StoreOpening<Storage: Device> {
  let device: Storage
  let limits: StoreLimits
  private(set) var identity: StoreIdentity
  let onEvent: @Sendable (StoreEvent) -> Void
  var index: StoreIndex
  var nextNumber: UInt32 = 0
  var active: ActiveSegment<Storage>?
  /// The last segment, if it was closed and is to be taken up again.
  var resumed: (segment: ClosedSegment, streams: SegmentStreams)?
  /// How many segments should be there and are not.
  private var missing: UInt32 = 0

  init(
    device: Storage,
    limits: StoreLimits,
    identity: StoreIdentity,
    onEvent: @escaping @Sendable (StoreEvent) -> Void
  ) {
    self.device = device
    self.limits = limits
    self.identity = identity
    self.onEvent = onEvent
    index = StoreIndex(streamsMax: limits.streamsMax)
  }

  mutating func run(
    _ found: FoundIdentity
  ) async throws(StoreOpenError) -> sending SegmentStore<Storage> {
    let all = try segmentFiles()
    try await boot(found, all)
    var files = try await survivors(of: all)
    try await resumeLast(&files)
    var closedCount = 0
    // What compaction wrote on a full disk is closed, and may have a higher number than the last
    // segment that was written in.
    let last = files.lastIndex { !$0.isClosed }
    for (place, file) in files.enumerated() {
      switch file.contents {
      case .closed(let segment, let streams):
        index.add(segment, streams: streams)
        closedCount += 1
      case .loose(let scan, let bytes):
        try await carry(file, scan, bytes, isLast: place == last)
      }
    }
    let active = try await makeActive()
    onEvent(.opened(segments: closedCount, tail: index.tail))
    return try await assemble(active)
  }

  private mutating func assemble(
    _ active: ActiveSegment<Storage>
  ) async throws(StoreOpenError) -> sending SegmentStore<Storage> {
    let files = SegmentFiles(device: device, filesMax: limits.openFilesMax)
    if let file = active.file { files.hold(file, active.builder.number) }
    let store = SegmentStore(
      device: device,
      limits: limits,
      reader: StoreReader(identity: identity, files: files, index: index),
      active: active,
      nextNumber: nextNumber,
      missing: missing,
      onEvent: onEvent
    )
    do {
      // A segment that goes may be the only one to say something that stays true.
      let isSaid = store.restateStanding()
      try await store.commit()
      // The disk may have failed after the mark was durable and before the segments were gone.
      if isSaid { try await store.dropForgotten() }
      try await store.prepareSpare()
    } catch {
      guard case .failed(let error) = error else { preconditionFailure("opening: \(error)") }
      throw .device(error)
    }
    return store
  }

  /// All segments that there are, in order, as a crash may have left them.
  private func segmentFiles() throws(StoreOpenError) -> [SegmentFile] {
    let names = try disk { () throws(DeviceError) in try device.list() }
    let numbers = names.compactMap { ClosedSegment.number(fileName: $0) }.sorted()
    if let last = numbers.last, last > SegmentClaim.highestMax {
      throw .foreignSegment(file: "\(device.name)/\(ClosedSegment.fileName(last))")
    }
    var files: [SegmentFile] = []
    for number in numbers {
      files.append(try SegmentFile.load(number, of: identity.unit, from: device))
    }
    return files
  }

  /// Counts the boot, and the segments that were found: what is missing stays claimed until doubt
  /// is durable.
  private mutating func boot(
    _ found: FoundIdentity,
    _ files: [SegmentFile]
  ) async throws(StoreOpenError) {
    let claimed = identity.segments
    missing = planted(.countsNoSegments) ? 0 : claimed.missing(among: files)
    identity.boots += 1
    identity.segments = SegmentClaim(found: files).adding(missing: missing, upTo: claimed)
    try await device.boot(found, as: identity)
    // A number that was claimed is not given to another file: it would be counted for the lost one.
    nextNumber = files.last.map { $0.number + 1 } ?? 0
    guard missing > 0 else { return }
    nextNumber = max(nextNumber, claimed.highest + 1)
    index.raiseDoubt()
    onEvent(.segmentsMissing(Int(missing)))
  }

  /// The segments that count, in order: what was replaced or is blank is removed.
  private func survivors(of files: [SegmentFile]) async throws(StoreOpenError) -> [SegmentFile] {
    let names = try disk { () throws(DeviceError) in try device.list() }
    for name in names where name.hasSuffix(".tmp") {
      try disk { () throws(DeviceError) in try device.remove(name) }
    }
    let replaced = files.compactMap { $0.header?.replaces }
    var kept: [SegmentFile] = []
    for file in files {
      if (file.hasDamagedHeader && !file.isCut) || file.hasDamagedFooter {
        onEvent(.copyDamaged(file: ClosedSegment.fileName(file.number)))
      }
      if replaced.contains(where: { $0.contains(file.number) }) || file.isBlank {
        try await retire(file)
      } else {
        try await giveBackRest(of: file)
        kept.append(file)
      }
    }
    return kept
  }

  /// Cuts a closed file to its length, if a crash came in between or undid it.
  ///
  /// The footer may stand in the page cache only, even clean after a sync that failed. So it is
  /// written again before the room behind it, which would tell of its loss, is given back.
  private func giveBackRest(of file: SegmentFile) async throws(StoreOpenError) {
    guard case .closed(let segment, _) = file.contents, file.size > segment.trailer.end else {
      return
    }
    let begin = segment.trailer.begin
    let end = segment.trailer.end
    do {
      let open = try device.open(ClosedSegment.fileName(file.number))
      if !planted(.trustsFoundFooter) {
        let footer = try open.read(at: begin, count: end - begin)
        try open.write(footer.span.bytes, at: begin)
        try await open.sync()
      }
      try open.truncate(to: end)
    } catch {
      throw .device(error)
    }
  }

  private mutating func makeActive() async throws(StoreOpenError) -> ActiveSegment<Storage> {
    if let active { return active }
    let number = nextNumber
    nextNumber += 1
    for capacity in [limits.segmentBytes, StoreLimits.emergencySegmentBytes] {
      do {
        return try await makeActive(number, capacity: min(capacity, limits.segmentBytes))
      } catch DeviceError.outOfSpace {
        continue
      } catch {
        throw .device(error)
      }
    }
    // To read, a log needs no room at all.
    return ActiveSegment(none: number, unit: identity.unit)
  }

  private func makeActive(
    _ number: UInt32,
    capacity: Int
  ) async throws(DeviceError) -> ActiveSegment<Storage> {
    let file = try await device.makeSegment(
      SegmentHeader(number: number, unit: identity.unit, capacity: capacity),
      onEvent: onEvent
    )
    return ActiveSegment(
      file: file,
      builder: SegmentBuilder(
        unit: identity.unit,
        number: number,
        capacity: capacity,
        streamsMax: limits.segmentStreamsMax
      )
    )
  }

  func disk<Result>(
    _ body: () throws(DeviceError) -> Result
  ) throws(StoreOpenError) -> Result {
    do {
      return try body()
    } catch {
      throw .device(error)
    }
  }
}
