/// What happens in a store, seldom enough to be told one by one.
///
/// Feeds the log, the metrics and the simulator's coverage; appends and reads are only counted.
public enum StoreEvent: Hashable, Sendable {
  /// The store opened: how many segments were closed before, and where the log ends.
  case opened(segments: Int, tail: Position)
  /// A segment that was not closed was written anew (D6).
  case carried(from: UInt32, to: UInt32, records: Int)
  /// A segment that was not closed stays in its file, for want of room for a fresh one: its records
  /// were written once more to where they stand (D6).
  case kept(segment: UInt32, records: Int)
  /// Bytes of a write that a crash tore were dropped; nobody was promised them.
  case tornTail(segment: UInt32, bytes: Int)
  /// Records that had been durable cannot be read any more.
  case lossFound(segment: UInt32, records: Int, nameless: Int)
  /// Files of segments are gone, and nobody knows what stood in them (D7).
  case segmentsMissing(Int)
  /// A header or a footer was damaged of which all stands elsewhere, too: in its other copy, or in
  /// the records.
  case copyDamaged(file: String)
  /// A segment was full and got its footer.
  case closed(segment: UInt32, records: Int)
  /// A segment was removed, because everything in it was trimmed.
  case dropped(segment: UInt32)
  /// Compaction emptied a segment and removed it: what was live in it stands elsewhere.
  case retired(segment: UInt32, bytes: Int)
  /// Compaction wrote what was live in a segment to a smaller one, for want of other room.
  case rewritten(segment: UInt32, to: UInt32, bytes: Int)
  /// The disk was full, and a segment that had been set aside as damaged was removed for its room.
  case givenUp(file: String)
  /// There is no room for another segment: data is refused until there is.
  case spaceShort
  /// There is room again.
  case spaceBack
  /// The disk failed, and with it the store.
  case failed(DeviceError)
  /// A scrub came upon a damaged record or page.
  case rotFound(segment: UInt32, Position?)
  /// A record that rot took was written anew, from what a peer had.
  case repaired(Position)
  /// A scrub went through all segments.
  case scrubbed(segments: Int, bytes: Int)
}

/// How much a store did since it was opened.
public struct StoreCounters: Equatable, Sendable {
  /// Records that became durable.
  public var records = 0
  /// Bytes handed to the disk for them.
  public var recordBytes = 0
  /// Syncs of segments.
  public var syncs = 0
  /// Writes that were refused, because the position was taken.
  public var refusals = 0
  /// Records that compaction copied from closed segments.
  public var copies = 0
  /// Records that rot took, and that were written anew from what a peer had.
  public var repairs = 0
}

/// Why a store could not be opened.
///
/// Nothing was changed.
public enum StoreOpenError: Error, Hashable, Sendable {
  /// The disk refused.
  case device(DeviceError)
  /// A file has a format that this program does not know.
  case otherVersion(file: String, version: UInt32)
  /// There are segments, but the file that says whose they are is gone or unreadable.
  case identityLost(folder: String)
  /// A segment of another store is in the folder.
  case foreignSegment(file: String)
  /// A segment of this store has a file with the name of another one; its number is this.
  case misnamedSegment(file: String, number: UInt32)
  /// Segments of this store have each other's names: of these numbers each file's name has one, and
  /// its content the next; the content of the last one has the first.
  case exchangedSegments(folder: String, numbers: [UInt32])
}

extension StoreOpenError: CustomStringConvertible {
  private static func newest(of file: String) -> UInt32 {
    file.hasSuffix(StoreIdentity.fileName) ? StoreIdentity.version : SegmentHeader.version
  }

  public var description: String {
    switch self {
    case .device(let error): "\(error)"
    case .otherVersion(let file, let version):
      "\(file) has format version \(version), this program reads version \(Self.newest(of: file)): "
        + "use the program that wrote it"
    case .identityLost(let folder):
      "\(folder): there are segments, but the file 'identity' is missing or damaged: "
        + "restore it from a backup of this folder"
    case .foreignSegment(let file):
      "\(file) belongs to another log: move it out of the folder"
    case .misnamedSegment(let file, let number):
      "\(file) has a wrong name, it is segment \(number) of this log: rename it to "
        + "\(ClosedSegment.fileName(number)), or move it out of the folder if that is there as well"
    case .exchangedSegments(let folder, let numbers): Self.words(exchanged: numbers, in: folder)
    }
  }

  /// To move one out of the way, or to rename it over another, would lose that.
  private static func words(exchanged numbers: [UInt32], in folder: String) -> String {
    let names = numbers.map { ClosedSegment.fileName($0) }
    if let first = names.first, let last = names.last, names.count == 2 {
      return "\(first) and \(last) in \(folder) have each other's name: swap the names back, and "
        + "keep both files"
    }
    let segments = (numbers.dropFirst() + numbers.prefix(1)).map { "\($0)" }
    return "\(names.joined(separator: ", ")) in \(folder) have each other's names: in this order "
      + "they are the segments \(segments.joined(separator: ", ")) of this log; give each its own "
      + "name back, and keep all files"
  }
}
