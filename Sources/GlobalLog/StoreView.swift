/// A look at a store's folder from outside, while its owner may be writing.
///
/// It shows what the files claim to be durable, and nothing else (R2).
/// It changes nothing and takes no lock.
public struct StoreView<Storage: Device>: Sendable {
  /// The reading side, as of the last look.
  public private(set) var reader: StoreReader<Storage>
  private let device: Storage

  /// Looks at a folder.
  ///
  /// Throws ``StoreOpenError/device(_:)`` with `notFound` if there is no store in it.
  public init(of device: Storage) throws(StoreOpenError) {
    self.device = device
    reader = try Self.look(at: device)
  }

  /// Looks again.
  ///
  /// The owner's recovery may have renamed everything meanwhile, so it starts anew.
  public mutating func refresh() throws(StoreOpenError) {
    reader = try Self.look(at: device)
  }

  private static func look(at device: Storage) throws(StoreOpenError) -> StoreReader<Storage> {
    // A segment may be dropped or replaced between listing and reading: look again.
    for _ in 0..<3 {
      do {
        return try lookOnce(at: device)
      } catch {
        guard case .device(.notFound) = error, try device.readIdentity() != nil else { throw error }
      }
    }
    return try lookOnce(at: device)
  }

  private static func lookOnce(at device: Storage) throws(StoreOpenError) -> StoreReader<Storage> {
    guard let identity = try device.readIdentity() else {
      throw .device(.notFound("a log in \(device.name)"))
    }
    var index = StoreIndex()
    for name in try device.names() {
      guard let number = ClosedSegment.number(fileName: name) else { continue }
      let file = try SegmentFile.load(number, of: identity.unit, from: device)
      switch file.contents {
      case .closed(let segment): index.add(segment)
      case .loose(let scan, _): index.add(loose: scan, of: file)
      }
    }
    let files = SegmentFiles(device: device, filesMax: StoreLimits().openFilesMax)
    return StoreReader(identity: identity, files: files, index: index)
  }
}

extension StoreIndex {
  /// Takes in what a segment without a footer claims to be durable.
  mutating func add(loose scan: SegmentScan, of file: SegmentFile) {
    var batch = StoreBatch()
    for found in scan.found where found.offset < scan.durable {
      batch.note(
        RecordDraft(found.header.kind, found.header.position),
        offset: found.offset,
        byteCount: found.header.recordBytes
      )
    }
    for case (let kind, let position)? in scan.losses.map(\.record) {
      let isBody = kind == .data || kind == .junk
      batch.note(RecordDraft(isBody ? .lost : kind, position), offset: 0, byteCount: 0)
    }
    if file.hasLosses && (file.isCut || scan.losses.contains { $0.record == nil }) {
      batch.doubt = .raised
    }
    publish(batch, segment: file.number)
  }
}
