// How segments come and go: a spare is made ready, a full one is
// closed, a forgotten one is dropped.

extension SegmentStore {
  /// Whether no spare segment stands by.
  public var wantsSpare: Bool { spare == nil && failure == nil }

  /// Makes a spare segment, if the disk has room for one.
  ///
  /// Without one, data is refused.
  public func prepareSpare() async throws(LogError) {
    if wantsSpare { spare = try await makeSpare() }
  }

  private func makeSpare() async throws(LogError) -> SpareSegment<Storage>? {
    let number = nextNumber
    let capacity = limits.segmentBytes
    do {
      let file = try await device.makeSegment(
        SegmentHeader(number: number, unit: reader.identity.unit, capacity: capacity),
        onEvent: onEvent
      )
      nextNumber += 1
      noteSpace(isShort: false)
      return SpareSegment(number: number, file: file, capacity: capacity)
    } catch DeviceError.outOfSpace {
      noteSpace(isShort: true)
      return nil
    } catch {
      throw fail(error)
    }
  }

  /// Closes the segment that is full, and goes on in the spare.
  ///
  /// Nothing may be staged.
  ///
  /// Throws ``LogError/outOfSpace``, and stays where it is, if the
  /// disk has no room for another spare.
  public func roll() async throws(LogError) {
    precondition(!hasStaged, "commit before rolling")
    try await prepareSpare()
    guard let next = spare else { throw .outOfSpace }
    let after = try await makeSpare()
    let mayUseLast = active.file == nil || planted(.usesLastSpare)
    guard after != nil || mayUseLast else { throw .outOfSpace }
    try await closeActive()
    spare = after
    let builder = SegmentBuilder(
      unit: reader.identity.unit,
      number: next.number,
      capacity: next.capacity,
      streamsMax: limits.segmentStreamsMax
    )
    active = ActiveSegment(file: next.file, builder: builder)
    isActiveNoted = false
    reader.files.hold(next.file, next.number)
    restateStanding()
  }

  /// Says again, in the open segment, what must outlive the segments before: they may be dropped
  /// once this is durable.
  ///
  /// - Returns: Whether there was room for it, or no need. A new segment has room.
  @discardableResult
  func restateStanding() -> Bool {
    let said = active.builder.said
    var standing: [RecordDraft] = []
    let mark = reader.trimMark
    if mark > said.trimMark { standing.append(RecordDraft(.prefixTrim, mark)) }
    if reader.isInDoubt && said.doubt != .raised { standing.append(RecordDraft(.doubt, .zero)) }
    return standing.allSatisfy { stage($0) == .staged }
  }

  /// Writes the footer, makes it durable, and gives the unused rest of the file back.
  func closeActive() async throws(LogError) {
    guard let file = active.file else { return }
    let (bytes, trailer, tables) = active.builder.footer()
    do {
      try file.write(bytes.span.bytes, at: trailer.begin)
      try await file.sync()
      try file.truncate(to: trailer.end)
    } catch {
      throw fail(error)
    }
    let segment = ClosedSegment(trailer: trailer, tables: tables)
    reader.update { $0.close(segment) }
    onEvent(.closed(segment: trailer.segment, records: trailer.records))
  }

  /// Removes the segments that hold nothing above the trim mark, which is durable by now (D9).
  func dropForgotten() async throws(LogError) {
    let forgotten = reader.update { $0.removeForgotten() }
    guard !forgotten.isEmpty else { return }
    try await noteSegments()
    do {
      for segment in forgotten {
        reader.files.forget(segment.number)
        restated[segment.number] = nil
        try device.remove(ClosedSegment.fileName(segment.number))
        onEvent(.dropped(segment: segment.number))
      }
      try await device.syncFolder()
    } catch {
      throw fail(error)
    }
  }

  /// Closes the store: everything durable, every segment with its
  /// footer, the folder free for others.
  public func close() async throws(LogError) {
    try await commit()
    if active.builder.records > 0 {
      try await closeActive()
    } else if active.file != nil {
      try removeFile(active.builder.number)
    }
    if let spare { try removeFile(spare.number) }
    do {
      try await device.syncFolder()
    } catch {
      throw fail(error)
    }
    device.unlock()
  }

  func removeFile(_ number: UInt32) throws(LogError) {
    reader.files.forget(number)
    do {
      try device.remove(ClosedSegment.fileName(number))
    } catch {
      throw fail(error)
    }
  }
}

extension Device {
  /// Creates a segment's file under its name: header first, all of it durable (D3, D4).
  ///
  /// On a full disk, segments that were set aside because they are damaged give their room.
  ///
  /// - Parameters:
  ///   - header: What the segment begins with, and how large it is.
  ///   - records: What follows the header from the start: records carried from another segment.
  ///   - onEvent: Hears which files were given up for it.
  /// - Returns: The file.
  /// - Throws: The disk's error; the file may be there under a temporary name.
  func makeSegment(
    _ header: SegmentHeader,
    records: [UInt8] = [],
    onEvent: (StoreEvent) -> Void
  ) async throws(DeviceError) -> File {
    while true {
      do throws(DeviceError) {
        return try await makeSegmentOnce(header, records: records)
      } catch {
        guard error == .outOfSpace, let name = try await removeSetAside() else { throw error }
        onEvent(.givenUp(file: name))
      }
    }
  }

  private func makeSegmentOnce(
    _ header: SegmentHeader,
    records: [UInt8]
  ) async throws(DeviceError) -> File {
    let name = ClosedSegment.fileName(header.number)
    let temporary = name + ".tmp"
    let file = try create(temporary, count: planted(.reservesNothing) ? 0 : header.capacity)
    do {
      try file.write((header.encoded() + records).span.bytes, at: 0)
      if records.isEmpty || !planted(.servesWhatItFinds) { try await file.sync() }
      try rename(temporary, to: name)
    } catch .outOfSpace {
      // A name too takes room. The next try finds the folder as this one did.
      try remove(temporary)
      throw .outOfSpace
    }
    if !planted(.forgetsFolderSync) { try await syncFolder() }
    return file
  }
}
