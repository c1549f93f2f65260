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
      let identity = try await device.boot(using: &random)
      var opening = StoreOpening(
        device: device,
        limits: limits,
        identity: identity,
        onEvent: onEvent
      )
      return try await opening.run()
    } catch {
      device.unlock()
      throw error
    }
  }
}

/// One opening of a store, step by step.
private struct StoreOpening<Storage: Device> {
  let device: Storage
  let limits: StoreLimits
  let identity: StoreIdentity
  let onEvent: @Sendable (StoreEvent) -> Void
  var index = StoreIndex()
  var nextNumber: UInt32 = 0
  var active: ActiveSegment<Storage>?

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
  }

  mutating func run() async throws(StoreOpenError) -> sending SegmentStore<Storage> {
    var files = try await survivors()
    try await resumeLast(&files)
    var closedCount = 0
    // What compaction wrote on a full disk is closed, and may have a higher number than the last
    // segment that was written in.
    let last = files.lastIndex { !$0.isClosed }
    for (place, file) in files.enumerated() {
      switch file.contents {
      case .closed(let segment):
        index.add(segment)
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
    files.hold(active.file, active.builder.number)
    let store = SegmentStore(
      device: device,
      limits: limits,
      reader: StoreReader(identity: identity, files: files, index: index),
      active: active,
      nextNumber: nextNumber,
      onEvent: onEvent
    )
    do {
      if active.builder.records == 0 { store.restateStanding() }
      try await store.commit()
      // The disk may have failed after the mark was durable and before the segments were gone.
      try await store.dropForgotten()
      try await store.prepareSpare()
    } catch {
      guard case .failed(let error) = error else { preconditionFailure("opening: \(error)") }
      throw .device(error)
    }
    return store
  }

  /// The segments that count, in order: what was replaced or is blank is removed.
  private mutating func survivors() async throws(StoreOpenError) -> [SegmentFile] {
    let names = try disk { () throws(DeviceError) in try device.list() }
    for name in names where name.hasSuffix(".tmp") {
      try disk { () throws(DeviceError) in try device.remove(name) }
    }
    let numbers = names.compactMap { ClosedSegment.number(fileName: $0) }.sorted()
    // No store gets so far by counting, and the next numbers must not overflow.
    if let last = numbers.last, last > .max / 2 {
      throw .foreignSegment(file: "\(device.name)/\(ClosedSegment.fileName(last))")
    }
    var files: [SegmentFile] = []
    for number in numbers {
      files.append(try SegmentFile.load(number, of: identity.unit, from: device))
    }
    nextNumber = numbers.last.map { $0 + 1 } ?? 0
    let replaced = files.compactMap { $0.header?.replaces }
    var kept: [SegmentFile] = []
    for file in files {
      if file.hasDamagedCopy && !file.isCut {
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
    guard case .closed(let segment) = file.contents, file.size > segment.trailer.end else { return }
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

  /// A small last segment is taken up again, so that many short sessions do not leave many short
  /// files.
  private func resumeLast(_ files: inout [SegmentFile]) async throws(StoreOpenError) {
    guard files.allSatisfy(\.isClosed), let last = files.last,
      case .closed(let segment) = last.contents,
      segment.trailer.begin <= limits.resumeBytesMax
    else { return }
    let bytes = try disk { () throws(DeviceError) in
      try device.open(ClosedSegment.fileName(last.number)).read(at: 0, count: last.size)
    }
    let scan = SegmentScan(
      bytes.span.bytes,
      unit: identity.unit,
      segment: last.number,
      durable: segment.trailer.begin
    )
    files[files.count - 1] = SegmentFile(
      number: last.number,
      header: last.header,
      size: last.size,
      contents: .loose(scan, bytes: bytes),
      hasDamagedCopy: false
    )
  }

  /// Writes what a loose segment holds into a fresh one.
  private mutating func carry(
    _ file: SegmentFile,
    _ scan: SegmentScan,
    _ bytes: [UInt8],
    isLast: Bool
  ) async throws(StoreOpenError) {
    let drafts = drafts(from: file, scan, bytes, isLast: isLast)
    let number = nextNumber
    nextNumber += 1
    var carried = CarriedSegment(
      drafts,
      unit: identity.unit,
      number: number,
      replacing: file.number,
      capacity: limits.segmentBytes,
      mayStayOpen: isLast
    )
    do {
      let made: Storage.File
      do {
        made = try await device.makeSegment(carried.header, records: carried.bytes)
      } catch DeviceError.outOfSpace {
        // On a full disk a segment just large enough must do: fills and trims still go into the
        // next.
        carried = CarriedSegment(
          drafts,
          unit: identity.unit,
          number: number,
          replacing: file.number,
          capacity: limits.segmentBytes,
          mayStayOpen: false
        )
        made = try await device.makeSegment(carried.header, records: carried.bytes)
      }
      if let closed = carried.closed {
        index.add(closed)
      } else {
        active = ActiveSegment(file: made, builder: carried.builder)
        index.publish(carried.batch, segment: number)
      }
    } catch {
      throw .device(error)
    }
    onEvent(.carried(from: file.number, to: number, records: drafts.count))
    try await retire(file)
  }

  /// The records to carry, with a note of each that was lost.
  private func drafts(
    from file: SegmentFile,
    _ scan: SegmentScan,
    _ bytes: [UInt8],
    isLast: Bool
  ) -> [RecordDraft] {
    var drafts = scan.found.map { RecordDraft($0, from: bytes) }
    // An older "settled" must not end up behind a doubt that was raised after it.
    if !isLast { drafts.removeAll { $0.kind == .settled } }
    if planted(.losesTrimMark) { drafts.removeAll { $0.kind == .prefixTrim } }
    for case (let kind, let position)? in scan.losses.map(\.record) where kind != .trims {
      let isBody = kind == .data || kind == .junk
      drafts.append(RecordDraft(isBody ? .lost : kind, position))
    }
    let nameless = scan.losses.count(where: \.isNameless) + (file.isCut ? 1 : 0)
    if nameless > 0 { drafts.append(RecordDraft(.doubt, .zero)) }
    if !scan.losses.isEmpty || file.isCut {
      onEvent(
        .lossFound(
          segment: file.number,
          records: scan.losses.count,
          nameless: nameless
        )
      )
    }
    if scan.tornBytes > 0 { onEvent(.tornTail(segment: file.number, bytes: scan.tornBytes)) }
    return drafts
  }

  private mutating func makeActive() async throws(StoreOpenError) -> ActiveSegment<Storage> {
    if let active { return active }
    let number = nextNumber
    nextNumber += 1
    do {
      return try await makeActive(number, capacity: limits.segmentBytes)
    } catch DeviceError.outOfSpace {
      let capacity = min(limits.segmentBytes, StoreLimits.emergencySegmentBytes)
      do {
        return try await makeActive(number, capacity: capacity)
      } catch {
        throw .device(error)
      }
    } catch {
      throw .device(error)
    }
  }

  private func makeActive(
    _ number: UInt32,
    capacity: Int
  ) async throws(DeviceError) -> ActiveSegment<Storage> {
    let file = try await device.makeSegment(
      SegmentHeader(number: number, unit: identity.unit, capacity: capacity)
    )
    return ActiveSegment(
      file: file,
      builder: SegmentBuilder(unit: identity.unit, number: number, capacity: capacity)
    )
  }

  /// Takes a file out of use.
  ///
  /// One that showed damage is kept aside, for whoever wants to look.
  private func retire(_ file: SegmentFile) async throws(StoreOpenError) {
    let name = ClosedSegment.fileName(file.number)
    do {
      if file.hasLosses {
        try device.rename(name, to: name + ".damaged")
      } else {
        try device.remove(name)
      }
      try await device.syncFolder()
    } catch {
      throw .device(error)
    }
  }

  private func disk<Result>(
    _ body: () throws(DeviceError) -> Result
  ) throws(StoreOpenError) -> Result {
    do {
      return try body()
    } catch {
      throw .device(error)
    }
  }
}
