/// A look at a store's folder from outside, while its owner may be writing.
///
/// It shows what the files claim to be durable, and nothing else (R2).
/// It changes nothing and takes no lock.
public struct StoreView<Storage: Device>: Sendable {
  /// The reading side, as of the last look.
  public private(set) var reader: StoreReader<Storage>
  private let device: Storage
  private var seen: Seen
  /// How many segments should be there and are not.
  var missing: UInt32 { seen.missing }

  /// What tells that nothing was written since a look: the names, and where the open segments end.
  private struct Seen: Sendable {
    var names: [String] = []
    var ends: [OpenEnd] = []
    var missing: UInt32 = 0
    /// Whether there was damage, or a write half done, which nothing but a whole look can judge.
    var isUnsettled = false
  }

  /// Looks at a folder.
  ///
  /// Throws ``StoreOpenError/device(_:)`` with `notFound` if there is no store in it.
  public init(of device: Storage) throws(StoreOpenError) {
    self.device = device
    (reader, seen) = try Self.look(at: device)
  }

  /// Looks again.
  ///
  /// The owner's recovery may have renamed everything meanwhile, so it starts anew, unless nothing
  /// was written at all.
  public mutating func refresh() throws(StoreOpenError) {
    if try isUnchanged() { return }
    (reader, seen) = try Self.look(at: device)
  }

  private func isUnchanged() throws(StoreOpenError) -> Bool {
    guard !seen.isUnsettled, try device.names() == seen.names else { return false }
    for end in seen.ends {
      do {
        guard try end.isUnchanged(on: device) else { return false }
      } catch {
        return false  // A whole look tells what is the matter.
      }
    }
    return true
  }

  private static func look(
    at device: Storage
  ) throws(StoreOpenError) -> (StoreReader<Storage>, Seen) {
    // A segment may be dropped or replaced between listing and reading: look again.
    for _ in 0..<10 {
      do {
        if let look = try lookOnce(at: device, counts: true) { return look }
      } catch {
        guard case .device(.notFound) = error, try device.readIdentity() != nil else { throw error }
      }
    }
    while true {
      if let look = try lookOnce(at: device, counts: false) { return look }
    }
  }

  /// - Parameters:
  ///   - device: The folder.
  ///   - counts: Whether to hold the segments against how many there should be.
  /// - Returns: What was seen; `nil` if the owner counted its segments anew meanwhile.
  /// - Throws: ``StoreOpenError``; ``DeviceError/notFound(_:)`` also if a segment went meanwhile.
  private static func lookOnce(
    at device: Storage,
    counts: Bool
  ) throws(StoreOpenError) -> (StoreReader<Storage>, Seen)? {
    guard let identity = try device.readIdentity() else {
      throw .device(.notFound("a log in \(device.name)"))
    }
    var seen = Seen(names: try device.names())
    let numbers = seen.names.compactMap { ClosedSegment.number(fileName: $0) }.sorted()
    var files: [SegmentFile] = []
    // The newest first: what an older one gets meanwhile was written before all that was seen in a
    // newer one. The other way round, what was acknowledged between two reads would look empty.
    for number in numbers.reversed() {
      files.append(try .load(number, beside: identity.unit, from: device))
    }
    var index = StoreIndex(streamsMax: StoreLimits().streamsMax)
    for file in files.reversed() {
      switch file.contents {
      case .closed(let segment, let streams): index.add(segment, streams: streams)
      case .loose(let scan, let bytes):
        index.add(loose: scan, bytes, of: file)
        seen.ends.append(OpenEnd(of: file.number, at: scan.end, in: bytes, size: file.size))
        if file.hasLosses || scan.tornBytes > 0 { seen.isUnsettled = true }
      }
    }
    if counts {
      // The owner counts a segment out before it goes, and in once it is there: what was claimed
      // both before and after the look held all the while.
      guard try device.readIdentity()?.segments == identity.segments else { return nil }
      seen.missing = identity.segments.missing(among: files)
      if seen.missing > 0 { index.raiseDoubt() }
    }
    let shelf = SegmentFiles(device: device, filesMax: StoreLimits().openFilesMax)
    return (StoreReader(identity: identity, files: shelf, index: index), seen)
  }
}

/// Where the records of an open segment ended.
///
/// What is written next begins there, so it changes these bytes; or those at the beginning, should
/// the file be another one by now.
private struct OpenEnd: Sendable {
  private static let headBytes = SegmentHeader.recordsBegin + RecordHeader.byteCount

  private let number: UInt32
  private let size: Int
  private let offset: Int
  private let head: [UInt8]
  private let tail: [UInt8]

  init(of number: UInt32, at offset: Int, in bytes: [UInt8], size: Int) {
    self.number = number
    self.size = size
    self.offset = offset
    head = Array(bytes.prefix(Self.headBytes))
    tail = Array(bytes.dropFirst(offset).prefix(RecordHeader.byteCount))
  }

  func isUnchanged(on device: some Device) throws(DeviceError) -> Bool {
    let file = try device.open(ClosedSegment.fileName(number))
    guard try file.size() == size else { return false }
    let headNow = try file.read(at: 0, count: Self.headBytes)
    let tailNow = try file.read(at: offset, count: RecordHeader.byteCount)
    return headNow == head && tailNow == tail
  }
}

extension SegmentFile {
  /// Reads a segment's file beside the owner, who may be writing to it.
  ///
  /// A file is not read in one moment. What was written behind the eye is missing, and looks like
  /// a loss once something later was seen that speaks of it. By then it is there, so a second
  /// reading, of just what was durable at the first, tells which losses are true. What stood behind
  /// that at the first is kept: the claims there name the last record, should that be what is lost.
  static func load(
    _ number: UInt32,
    beside unit: UInt64,
    from device: some Device
  ) throws(StoreOpenError) -> SegmentFile {
    let first = try load(number, of: unit, from: device)
    guard case .loose(let scan, var bytes) = first.contents, !scan.losses.isEmpty, !first.isCut
    else { return first }
    // All that a closed segment will ever hold is there.
    if scan.trailer != nil { return try load(number, of: unit, from: device) }
    let durable = min(scan.durable, bytes.count)
    do {
      let again = try device.open(ClosedSegment.fileName(number)).read(at: 0, count: durable)
      bytes.replaceSubrange(0..<again.count, with: again)
    } catch {
      throw .device(error)
    }
    let again = SegmentScan(bytes.span.bytes, unit: unit, segment: number, durable: scan.durable)
    return SegmentFile(
      number: number,
      header: first.header,
      size: first.size,
      contents: .loose(again, bytes: bytes),
      hasDamagedHeader: first.hasDamagedHeader
    )
  }
}

extension StoreIndex {
  /// Takes in what a segment without a footer claims to be durable.
  mutating func add(loose scan: SegmentScan, _ bytes: [UInt8], of file: SegmentFile) {
    var batch = StoreBatch()
    for found in scan.found where found.offset < scan.durable {
      let hasBody = found.header.kind == .trims || found.header.linkBytes > 0
      batch.note(
        hasBody
          ? RecordDraft(found, from: bytes)
          : RecordDraft(found.header.kind, found.header.position),
        offset: found.offset,
        byteCount: found.header.recordBytes
      )
    }
    for case (let kind, let position)? in scan.losses.map(\.record) {
      let isBody = kind == .data || kind == .junk
      batch.note(RecordDraft(isBody ? .lost : kind, position), offset: 0, byteCount: 0)
    }
    if file.hasLosses && (file.isCut || scan.losses.contains(where: \.isNameless)) {
      batch.doubt = .raised
    }
    publish(batch, segment: file.number)
  }
}
