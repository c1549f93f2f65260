/// A segment's file as it was found: closed, with a footer to go by, or
/// loose, to be read record by record.
struct SegmentFile {
  let number: UInt32
  let header: SegmentHeader?
  let size: Int
  let contents: Contents
  /// Whether one of the header's two copies, or both, are damaged.
  let hasDamagedHeader: Bool

  enum Contents {
    case closed(ClosedSegment, SegmentStreams)
    case loose(SegmentScan, bytes: [UInt8])
  }

  /// Whether the file has its footer.
  var isClosed: Bool {
    if case .closed = contents { return true }
    return false
  }

  /// Whether the file is shorter than it was made, and no footer says that this is right.
  var isCut: Bool {
    guard case .loose(let scan, _) = contents, scan.trailer == nil else { return false }
    // What lies beyond the largest size was not read, which is as good as a cut.
    return size < header?.capacity ?? .max || size > SegmentHeader.fileBytesMax
  }

  /// Whether it was closed, and its footer is damaged or cut: its records are read instead.
  ///
  /// A file is cut to its length once its footer is durable, and a footer never takes the last
  /// bytes of the room that there was before (`SegmentBuilder.fits`). So a file that goes on behind
  /// it may have been caught by a crash while it was closed: what that tore is no damage.
  var hasDamagedFooter: Bool {
    guard case .loose(let scan, _) = contents, let trailer = scan.trailer else { return false }
    return size <= trailer.end
  }

  /// Whether records that had been durable are gone.
  var hasLosses: Bool {
    guard case .loose(let scan, _) = contents else { return false }
    return isCut || !scan.losses.isEmpty
  }

  /// Whether nothing was ever written here.
  var isBlank: Bool {
    guard case .loose(let scan, _) = contents else { return false }
    return scan.found.isEmpty && !hasLosses && header != nil
  }

  /// Reads as much of a segment's file as it takes to know what it holds.
  static func load<Storage: Device>(
    _ number: UInt32,
    of unit: UInt64,
    from device: Storage
  ) throws(StoreOpenError) -> SegmentFile {
    let name = ClosedSegment.fileName(number)
    do {
      let file = try device.open(name)
      let size = try file.size()
      let head = try file.read(at: 0, count: SegmentHeader.recordsBegin)
      let reading = SegmentHeader.read(head.span.bytes)
      if case .otherVersion(let version) = reading {
        throw StoreOpenError.otherVersion(file: "\(device.name)/\(name)", version: version)
      }
      var header: SegmentHeader?
      var isWhole = false
      if case .header(let found, let whole) = reading { (header, isWhole) = (found, whole) }
      if let header, header.unit != unit {
        throw StoreOpenError.foreignSegment(file: "\(device.name)/\(name)")
      }
      if let header, header.number != number {
        throw try misnaming(number, header, on: device)
      }
      return SegmentFile(
        number: number,
        header: header,
        size: size,
        contents: try contents(of: file, number, unit, size, header),
        hasDamagedHeader: !isWhole
      )
    } catch let error as StoreOpenError {
      throw error
    } catch let error as DeviceError {
      throw .device(error)
    } catch {
      preconditionFailure("neither a store's nor a device's error: \(error)")
    }
  }

  /// What is to be said of a file that has the name of another segment.
  ///
  /// From it one comes from name to name: the file to rename first is the last one, whose own name
  /// is free; and where that is none, since they go round, no file can be renamed before another.
  private static func misnaming<Storage: Device>(
    _ number: UInt32,
    _ header: SegmentHeader,
    on device: Storage
  ) throws(DeviceError) -> StoreOpenError {
    var names = [number]
    var segment = header.number
    while true {
      if let begin = names.firstIndex(of: segment) {
        let ring = names[begin...]
        let least = ring.indices.min { ring[$0] < ring[$1] } ?? begin
        return .exchangedSegments(
          folder: device.name,
          numbers: Array(ring[least...] + ring[..<least])
        )
      }
      guard let next = try self.header(of: segment, on: device), next.unit == header.unit,
        next.number != segment
      else { break }
      names.append(segment)
      segment = next.number
    }
    let last = ClosedSegment.fileName(names.last ?? number)
    return .misnamedSegment(file: "\(device.name)/\(last)", number: segment)
  }

  /// The header of a segment's file; `nil` if there is none that can be read.
  private static func header<Storage: Device>(
    of number: UInt32,
    on device: Storage
  ) throws(DeviceError) -> SegmentHeader? {
    let name = ClosedSegment.fileName(number)
    guard try device.list().contains(name) else { return nil }
    let head = try device.open(name).read(at: 0, count: SegmentHeader.recordsBegin)
    guard case .header(let header, _) = SegmentHeader.read(head.span.bytes) else { return nil }
    return header
  }

  private static func contents<File: DeviceFile>(
    of file: File,
    _ number: UInt32,
    _ unit: UInt64,
    _ size: Int,
    _ header: SegmentHeader?
  ) throws(DeviceError) -> Contents {
    if let (closed, streams) = try footer(of: file, endingAt: size, number, unit) {
      return .closed(closed, streams)
    }
    let bytes = try file.read(at: 0, count: min(size, SegmentHeader.fileBytesMax))
    let scan = SegmentScan(
      bytes.span.bytes,
      unit: unit,
      segment: number,
      durable: header?.durable ?? SegmentHeader.recordsBegin
    )
    if let trailer = scan.trailer, scan.losses.isEmpty,
      let (closed, streams) = try footer(of: file, endingAt: trailer.end, number, unit)
    {
      return .closed(closed, streams)
    }
    return .loose(scan, bytes: bytes)
  }

  private static func footer<File: DeviceFile>(
    of file: File,
    endingAt end: Int,
    _ number: UInt32,
    _ unit: UInt64
  ) throws(DeviceError) -> (ClosedSegment, SegmentStreams)? {
    let begin = end - SegmentTrailer.byteCount
    guard begin > SegmentHeader.recordsBegin else { return nil }
    let bytes = try file.read(at: begin, count: SegmentTrailer.byteCount)
    guard let trailer = SegmentTrailer(bytes.span.bytes, at: 0), trailer.end == end,
      trailer.unit == unit, trailer.segment == number
    else { return nil }
    let tableBytes = try file.read(
      at: trailer.tablesBegin,
      count: trailer.tablesEnd - trailer.tablesBegin
    )
    guard let tables = SegmentTables(tableBytes.span.bytes, trailer: trailer) else { return nil }
    let segment = ClosedSegment(trailer: trailer, tables: tables)
    guard trailer.saysStreams else {
      // Of an older version: it may have had entries of any stream.
      return (segment, SegmentStreams(begin: trailer.tail, streams: []))
    }
    let streamBytes = tableBytes.span.bytes.extracting(
      trailer.streamsBegin - trailer.tablesBegin..<tableBytes.count
    )
    let streams = SegmentStreams(streamBytes, count: trailer.streamCount)
    return streams.map { (segment, $0) }
  }
}
