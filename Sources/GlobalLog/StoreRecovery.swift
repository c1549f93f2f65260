// Recovery of segments that have no footer: their records go to a fresh file, or, where there is no
// room for one, are written once more to where they stand.

extension StoreOpening {
  /// A small last segment is taken up again, so that many short sessions do not leave many short
  /// files.
  mutating func resumeLast(_ files: inout [SegmentFile]) async throws(StoreOpenError) {
    guard files.allSatisfy(\.isClosed), let last = files.last,
      case .closed(let segment, let streams) = last.contents,
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
    guard scan.trailer != nil else {
      // Of its two trailers the first is damaged: read record by record the file would look cut.
      // The other one is as good, so it stays closed.
      onEvent(.copyDamaged(file: ClosedSegment.fileName(last.number)))
      return
    }
    resumed = (segment, streams)
    files[files.count - 1] = SegmentFile(
      number: last.number,
      header: last.header,
      size: last.size,
      contents: .loose(scan, bytes: bytes),
      hasDamagedHeader: false
    )
  }

  /// Writes what a loose segment holds into a fresh one.
  mutating func carry(
    _ file: SegmentFile,
    _ scan: SegmentScan,
    _ bytes: [UInt8],
    isLast: Bool
  ) async throws(StoreOpenError) {
    let drafts = drafts(from: file, scan, bytes, isLast: isLast)
    let number = nextNumber
    nextNumber += 1
    do {
      do {
        try await carry(drafts, of: file, to: number, mayStayOpen: isLast)
      } catch DeviceError.outOfSpace {
        if try await leave(file, scan, bytes, isLast: isLast) { return }
        // What is damaged cannot stay. A segment just large enough may do.
        try await carry(drafts, of: file, to: number, mayStayOpen: false)
      }
    } catch {
      throw .device(error)
    }
    onEvent(.carried(from: file.number, to: number, records: drafts.count))
    try await retire(file)
  }

  private mutating func carry(
    _ drafts: [RecordDraft],
    of file: SegmentFile,
    to number: UInt32,
    mayStayOpen: Bool
  ) async throws(DeviceError) {
    let carried = CarriedSegment(
      drafts,
      unit: identity.unit,
      number: number,
      replacing: file.number,
      capacity: limits.segmentBytes,
      streamsMax: limits.segmentStreamsMax,
      mayStayOpen: mayStayOpen
    )
    let made = try await device.makeSegment(
      carried.header,
      records: carried.bytes,
      onEvent: onEvent
    )
    if let closed = carried.closed {
      index.add(closed, streams: carried.builder.saidOfStreams)
    } else {
      active = ActiveSegment(file: made, builder: carried.builder)
      index.publish(carried.batch, segment: number)
    }
  }

  /// Goes on in a segment's own file, where the disk has no room for a fresh one.
  ///
  /// Its records are written once more, to where they stand: what is in the page cache may be taken
  /// for clean and not be on the disk, so that a sync alone would prove nothing (D1). Whatever a
  /// crash leaves of that is no worse than what was found: of each sector the old bytes or the new
  /// ones, and they differ only where nobody was promised anything.
  ///
  /// - Returns: Whether it could be done. Damage must not be written over.
  private mutating func leave(
    _ file: SegmentFile,
    _ scan: SegmentScan,
    _ bytes: [UInt8],
    isLast: Bool
  ) async throws(DeviceError) -> Bool {
    if let resumed, resumed.segment.number == file.number {
      index.add(resumed.segment, streams: resumed.streams)
      return true
    }
    guard
      var kept = KeptSegment(
        file,
        scan,
        bytes,
        unit: identity.unit,
        streamsMax: limits.segmentStreamsMax
      )
    else { return false }
    let open = try device.open(ClosedSegment.fileName(file.number))
    var closed: ClosedSegment?
    // One that had its footer gets it again: without it, a file that was cut to its length would
    // look as if its end were lost.
    if !isLast || scan.trailer != nil { closed = kept.close() }
    if !planted(.servesWhatItFinds) {
      try open.write(kept.bytes.span.bytes, at: SegmentHeader.recordsBegin)
      try await open.sync()
      // Its name may be as young as its records.
      try await device.syncFolder()
    }
    if let closed {
      try open.truncate(to: closed.trailer.end)
      index.add(closed, streams: kept.builder.saidOfStreams)
    } else {
      try open.write(kept.claims().span.bytes, at: kept.builder.offset)
      active = ActiveSegment(file: open, builder: kept.builder)
      index.publish(kept.batch, segment: file.number)
    }
    onEvent(.kept(segment: file.number, records: kept.builder.records))
    return true
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

  /// Takes a file out of use.
  ///
  /// One that showed damage is kept aside, for whoever wants to look.
  func retire(_ file: SegmentFile) async throws(StoreOpenError) {
    let name = ClosedSegment.fileName(file.number)
    do {
      if file.hasLosses {
        try device.rename(name, to: name + ClosedSegment.setAsideSuffix)
      } else {
        try device.remove(name)
      }
      try await device.syncFolder()
    } catch {
      throw .device(error)
    }
  }
}
