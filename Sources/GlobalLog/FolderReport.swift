/// What a store's folder holds, found by reading every byte of it (D13).
///
/// Changes nothing, takes no lock.
public struct FolderReport: Equatable, Sendable {
  /// One segment file.
  public struct Segment: Equatable, Sendable {
    /// The file's name.
    public var file: String
    /// The file's size.
    public var bytes: Int
    /// Whole records, of all kinds.
    public var records: Int
    /// The size of its whole records of positions that are not trimmed, in bytes.
    public var liveBytes: Int
    /// Whether it was closed with a footer.
    public var isClosed: Bool
    /// What is wrong, a line each, worst first; empty if all is well.
    public var damage: [String]
    /// How many records are lost of which nobody knows what positions they spoke of.
    public var namelessLosses: Int
    /// Bytes of a write that is not finished, which opening cuts off.
    ///
    /// No harm: nobody was promised them.
    public var tornBytes: Int
  }

  /// Who the store is; `nil` if there is none in the folder.
  public private(set) var identity: StoreIdentity?
  /// Whether one of the two copies of who it is cannot be read; the next opening writes it anew.
  public private(set) var hasDamagedIdentity = false
  /// The segments, in order.
  public private(set) var segments: [Segment] = []
  /// Files that were put aside because they were damaged.
  public private(set) var setAside: [String] = []
  /// How many segment files are gone that should be there.
  public private(set) var missingSegments = 0
  /// The positions whose record was damaged, and that nobody has trimmed since.
  public private(set) var lost: [Position] = []
  /// Whether records may have been lost without a trace, so that absence proves nothing.
  public private(set) var isInDoubt = false

  /// Whether nothing is damaged.
  public var isSound: Bool {
    segments.allSatisfy { $0.damage.isEmpty } && lost.isEmpty && !isInDoubt && !hasDamagedIdentity
  }

  /// Reads a folder from end to end.
  ///
  /// - Parameters:
  ///   - device: The folder.
  ///   - goesOn: Told before each segment how many are done, and of how many; `false` stops.
  /// - Throws: ``StoreOpenError``; ``DeviceError/stopped`` if it was to stop.
  public init(
    of device: some Device,
    goesOn: (_ done: Int, _ whole: Int) -> Bool = { _, _ in true }
  ) throws(StoreOpenError) {
    let found = try device.findIdentity()
    identity = found.known
    guard let identity else { return }
    // A second look: the owner may have been writing it at the first.
    if found.hasDamage { hasDamagedIdentity = try device.findIdentity().hasDamage }
    let view = try StoreView(of: device)
    let reader = view.reader
    missingSegments = Int(view.missing)
    isInDoubt = reader.isInDoubt
    var lost: Set<Position> = []
    let names = try device.names()
    setAside = names.filter { $0.hasSuffix(ClosedSegment.setAsideSuffix) }
    let numbers = names.compactMap { ClosedSegment.number(fileName: $0) }
    for number in numbers {
      guard goesOn(segments.count, numbers.count) else { throw .device(.stopped) }
      segments.append(try Self.inspect(device, number, identity.unit, reader, &lost))
    }
    self.lost = lost.sorted()
  }

  private static func inspect<Storage: Device>(
    _ device: Storage,
    _ number: UInt32,
    _ unit: UInt64,
    _ reader: StoreReader<Storage>,
    _ lost: inout Set<Position>
  ) throws(StoreOpenError) -> Segment {
    let file = try SegmentFile.load(number, beside: unit, from: device)
    let scan: SegmentScan
    var pages: [Int] = []
    switch file.contents {
    case .loose(let found, _): scan = found
    case .closed(let closed, _):
      let bytes = try device.contents(of: ClosedSegment.fileName(number))
      pages = closed.damagedPages(in: bytes.span.bytes)
      scan = SegmentScan(
        bytes.span.bytes,
        unit: unit,
        segment: number,
        durable: closed.trailer.begin
      )
    }
    var damage: [String] = []
    if file.isCut {
      damage.append("the file was cut short or lost its footer; opening reads what is left")
    }
    damage += scan.losses.compactMap { words(for: $0, reader, &lost) }
    damage += pages.map { "index page \($0) is damaged; it will be made anew from the records" }
    for found in scan.found where found.header.kind == .lost {
      let record = (kind: found.header.kind, position: found.header.position)
      let line = words(for: SegmentScan.Loss(record: record), reader, &lost)
      if let line { damage.append(line) }
    }
    return Segment(
      file: ClosedSegment.fileName(number),
      bytes: file.size,
      records: scan.found.count,
      liveBytes: scan.found.reduce(0) { $0 + reader.liveBytes(of: $1) },
      isClosed: file.isClosed || scan.trailer != nil,
      damage: damage + frameDamage(of: file, scan),
      namelessLosses: scan.losses.count(where: \.isNameless),
      tornBytes: scan.tornBytes
    )
  }

  /// What is wrong with a loss, in words; `nil` if nobody misses what is gone.
  private static func words<Storage: Device>(
    for loss: SegmentScan.Loss,
    _ reader: StoreReader<Storage>,
    _ lost: inout Set<Position>
  ) -> String? {
    guard let (kind, position) = loss.record else { return "records lost, nobody knows which" }
    switch kind {
    case .data, .junk, .lost:
      guard reader.isCorrupt(position) else { return nil }
      lost.insert(position)
      return kind == .lost
        ? "what stood at position \(position) was lost before"
        : "the \(kind) record of position \(position) is lost"
    case .trims: return "a record of trims is lost, nobody knows of which positions"
    // Its neighbour tells all that it said.
    case .trim, .prefixTrim, .doubt, .settled, .claim: return nil
    }
  }

  /// What is wrong with a file's header and footer.
  private static func frameDamage(of file: SegmentFile, _ scan: SegmentScan) -> [String] {
    var damage: [String] = []
    if file.header == nil {
      damage.append("both copies of the header are damaged")
    } else if file.hasDamagedHeader {
      damage.append("one of two copies of the header is damaged")
    }
    if file.hasDamagedFooter {
      damage.append(
        "the footer is damaged or cut short; opening reads the records instead, and writes them "
          + "anew with another one"
      )
    } else if file.isClosed && scan.trailer == nil {
      damage.append("one of two copies of the trailer is damaged")
    }
    return damage
  }
}

extension StoreReader {
  fileprivate func liveBytes(of found: SegmentScan.Found) -> Int {
    guard let entry = IndexEntry(found) else { return 0 }
    return isTrimmed(entry.position..<entry.position.advanced(by: 1)) ? 0 : entry.byteCount
  }

  fileprivate func isCorrupt(_ position: Position) -> Bool {
    do {
      _ = try read(position)
      return false
    } catch {
      return error == .corrupt(position)
    }
  }
}

/// A record as `dump` shows it.
public struct FoundRecord: Equatable, Sendable {
  /// The segment's file.
  public var file: String
  /// Its header.
  public var header: RecordHeader
  /// What it says stands at its position; `nil` if it says something else.
  public var slot: Slot?
  /// The positions that it says may be forgotten, where it names them as ranges.
  public var trims: [Range<Position>] = []
}

extension FolderReport {
  /// Hands over every whole record of a folder, in the order they were written.
  public static func dump(
    _ device: some Device,
    _ body: (FoundRecord) throws -> Void
  ) throws {
    guard let identity = try device.readIdentity() else { return }
    for name in try device.names() {
      guard let number = ClosedSegment.number(fileName: name) else { continue }
      let bytes = try device.contents(of: name)
      let scan = SegmentScan(
        bytes.span.bytes,
        unit: identity.unit,
        segment: number,
        durable: SegmentHeader.recordsBegin
      )
      for found in scan.found {
        let draft = RecordDraft(found, from: bytes)
        let places = draft.trimmedPlaces.map { $0.position..<$0.position.advanced(by: 1) }
        let trims = draft.trimRanges + places
        let isTrim = [.trim, .prefixTrim, .trims].contains(found.header.kind)
        let slot = found.header.slot(in: bytes.span.bytes, at: found.offset)
        try body(
          FoundRecord(
            file: name,
            header: found.header,
            slot: isTrim ? .trimmed : slot,
            trims: trims
          )
        )
      }
    }
  }
}

extension Device {
  func names() throws(StoreOpenError) -> [String] {
    do {
      return try list()
    } catch {
      throw .device(error)
    }
  }

  func contents(of name: String) throws(StoreOpenError) -> [UInt8] {
    do {
      let file = try open(name)
      return try file.read(at: 0, count: min(try file.size(), SegmentHeader.fileBytesMax))
    } catch {
      throw .device(error)
    }
  }
}
