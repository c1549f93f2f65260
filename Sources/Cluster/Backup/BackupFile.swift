public import CorfuGlobalLog
internal import CorfuProtocol
internal import Foundation

// A backup: what stood at each position from the log's trim mark to its end at one moment.
//
//    0  magic     8 bytes   "CORFUBAK"
//    8  version   4 bytes   1
//   12  sum       4 bytes   CRC-32C of the 24 bytes behind it, and those before
//   16  begin     8 bytes   the first position; all before it are trimmed
//   24  end       8 bytes   one past the last position
//   32  unused    8 bytes   zero
//   40  frames              replies to reads, as they cross the network (docs/wire.md): each says
//                           in its id which position it begins with, and they follow one another
//
// The file has its name only when it is whole and durable. Each frame has a sum of its own.

/// Writes a backup's file.
final class BackupWriter {
  private let path: String
  private let handle: FileHandle
  private let codec: FrameCodec
  private(set) var next: Position
  private let end: Position

  init(path: String, begin: Position, end: Position, frameBytesMax: Int) throws(BackupError) {
    self.path = path
    next = begin
    self.end = end
    var limits = FrameLimits()
    limits.bytesMax = frameBytesMax
    codec = FrameCodec(limits: limits)
    if FileManager.default.fileExists(atPath: path) { throw .exists(path) }
    let draft = path + ".part"
    guard
      FileManager.default.createFile(
        atPath: draft,
        contents: Data(BackupHeader(begin: begin, end: end).bytes),
        attributes: [.posixPermissions: 0o600]
      ), let handle = FileHandle(forWritingAtPath: draft)
    else { throw .file(path, "it cannot be written") }
    self.handle = handle
    do {
      try handle.seekToEnd()
    } catch {
      throw .file(path, error.localizedDescription)
    }
  }

  /// Writes what stands at the next positions.
  func write(_ slots: [Slot]) throws(BackupError) {
    var bytes: [UInt8] = []
    let reply = Reply.slots(slots.map { .success($0) })
    do throws(FrameError) {
      try codec.encode(Frame(id: next.number, .reply(reply)), into: &bytes)
    } catch {
      // Half of it fits, or half of that.
      let half = slots.count / 2
      guard half > 0 else { throw .file(path, "an entry is too large: \(error)") }
      try write(Array(slots[..<half]))
      return try write(Array(slots[half...]))
    }
    do {
      try handle.write(contentsOf: bytes)
    } catch {
      throw .file(path, error.localizedDescription)
    }
    next = next.advanced(by: slots.count)
  }

  /// Gives the file its name, once it is durable.
  func finish() throws(BackupError) {
    precondition(next == end, "a backup is finished when it is whole")
    do {
      try handle.synchronize()
      try handle.close()
      try FileManager.default.moveItem(atPath: path + ".part", toPath: path)
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      let folderHandle = try FileHandle(forReadingFrom: folder)
      try folderHandle.synchronize()
      try folderHandle.close()
    } catch {
      throw .file(path, error.localizedDescription)
    }
  }
}

/// What a backup's file begins with.
struct BackupHeader: Equatable {
  var begin: Position
  var end: Position

  static let byteCount = 40
  private static let magic: UInt64 = 0x4b41_4255_4652_4f43  // "CORFUBAK"
  private static let version: UInt32 = 1

  init(begin: Position, end: Position) {
    self.begin = begin
    self.end = end
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: Self.magic)
    bytes.append(number: Self.version)
    bytes.append(number: UInt32(0))
    bytes.append(number: begin.number)
    bytes.append(number: end.number)
    bytes.append(number: UInt64(0))
    let sum = Self.sum(of: bytes)
    for index in 0..<4 { bytes[12 + index] = UInt8(truncatingIfNeeded: sum >> (8 * index)) }
    return bytes
  }

  private static func sum(of bytes: [UInt8]) -> UInt32 {
    var sum = Checksum()
    let span = bytes.span.bytes
    sum.update(span.extracting(0..<12))
    sum.update(span.extracting(16..<byteCount))
    return sum.value
  }

  init(path: String, _ bytes: [UInt8]) throws(BackupError) {
    let span = bytes.span.bytes
    guard bytes.count == Self.byteCount, span.number(at: 0, as: UInt64.self) == Self.magic else {
      throw .noBackup(path)
    }
    let version: UInt32 = span.number(at: 8)
    guard version == Self.version else { throw .otherVersion(path, version) }
    guard span.number(at: 12, as: UInt32.self) == Self.sum(of: bytes) else {
      throw .damaged(path, nil)
    }
    begin = Position(span.number(at: 16))
    end = Position(span.number(at: 24))
    guard begin <= end, end <= .max else { throw .damaged(path, nil) }
  }
}

/// What stands in a backup's file behind its header, taken apart as it is read.
struct BackupParts {
  /// What comes next.
  enum Step: Equatable {
    /// These slots, from this position on.
    case part(first: Position, [Slot])
    /// Nobody can tell before there are more bytes.
    case unfinished
    /// The file is not what was written.
    case damaged
    /// Nothing: that was all.
    case over
  }

  /// The position that the next part begins with.
  private(set) var next: Position
  private let end: Position
  private let codec: FrameCodec
  private var buffer: [UInt8] = []

  init(_ header: BackupHeader, frameBytesMax: Int = 1 << 30) {
    next = header.begin
    end = header.end
    var limits = FrameLimits()
    limits.bytesMax = frameBytesMax
    codec = FrameCodec(limits: limits)
  }

  /// Takes the bytes that come next in the file.
  mutating func add(_ bytes: some Sequence<UInt8>) {
    buffer.append(contentsOf: bytes)
  }

  /// Takes the next part.
  mutating func step() -> Step {
    if next == end { return buffer.isEmpty ? .over : .damaged }
    let taken: (frame: Frame, byteCount: Int)?
    do throws(FrameError) {
      taken = try codec.decode(buffer.span.bytes)
    } catch {
      return .damaged
    }
    guard let (frame, count) = taken else { return .unfinished }
    guard frame.id == next.number, case .reply(.slots(let results)) = frame.message else {
      return .damaged
    }
    var slots: [Slot] = []
    for case .success(let slot) in results { slots.append(slot) }
    guard slots.count == results.count, !slots.isEmpty,
      slots.count <= Int(clamping: end.number - next.number)
    else { return .damaged }
    buffer.removeFirst(count)
    let first = next
    next = next.advanced(by: slots.count)
    return .part(first: first, slots)
  }
}

/// Reads a backup's file, from the beginning to the end.
public final class BackupReader {
  /// The first position; all before it are trimmed.
  public let begin: Position
  /// One past the last position.
  public let end: Position
  private let path: String
  private let handle: FileHandle
  private var parts: BackupParts

  /// Opens a backup.
  ///
  /// - Throws: ``BackupError``.
  public init(path: String) throws(BackupError) {
    self.path = path
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw .file(path, "there is no such file that this program may read")
    }
    self.handle = handle
    let header: BackupHeader
    do {
      header = try BackupHeader(path: path, Array(try handle.read(upToCount: 40) ?? Data()))
    } catch let error as BackupError {
      throw error
    } catch {
      throw .file(path, error.localizedDescription)
    }
    begin = header.begin
    end = header.end
    parts = BackupParts(header)
  }

  /// What stands at the next positions; `nil` at the end.
  ///
  /// - Throws: ``BackupError/damaged(_:_:)`` where the file is not what was written.
  public func read() throws(BackupError) -> (first: Position, slots: [Slot])? {
    while true {
      switch parts.step() {
      case .part(let first, let slots): return (first, slots)
      case .damaged: throw .damaged(path, parts.next)
      case .unfinished:
        if try more() == 0 { throw .damaged(path, parts.next) }
      case .over:
        if try more() == 0 { return nil }
      }
    }
  }

  private func more() throws(BackupError) -> Int {
    do {
      let data = try handle.read(upToCount: 4 << 20) ?? Data()
      parts.add(data)
      return data.count
    } catch {
      throw .file(path, error.localizedDescription)
    }
  }
}

/// Why there is no backup, or it is not restored.
public enum BackupError: Error, Hashable, Sendable {
  /// The file cannot be used, and why.
  case file(String, String)
  /// There is a file of that name.
  case exists(String)
  /// The file is no backup.
  case noBackup(String)
  /// Another release wrote it.
  case otherVersion(String, UInt32)
  /// The file is damaged, from this position on.
  case damaged(String, Position?)
  /// A log did not do as it was told.
  case log(LogError)
  /// Something else stands in the log that is to be a copy, or somebody else took the position.
  case notAlone(Position)
  /// The log that is to be a copy has an entry there, and the log that is copied has trimmed that
  /// and all others that it could be compared by.
  case trimmed(Position)
}

extension BackupError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let path, let reason): "\(path): \(reason)"
    case .exists(let path): "\(path) is there already: name another file"
    case .noBackup(let path): "\(path) is no backup"
    case .otherVersion(let path, let version):
      "\(path) has version \(version), which this release does not know: take a newer one"
    case .damaged(let path, let position):
      "\(path) is damaged" + (position.map { ": what is behind position \($0) is lost" } ?? "")
    case .log(let error): "\(error)"
    case .notAlone(let position):
      "something else stands at position \(position) of the copy: somebody else has written, "
        + "filled or trimmed there. Copy into a new cluster, and let nobody else use it meanwhile"
    case .trimmed(let position):
      "position \(position) is trimmed in the log that is copied, as is all that could be "
        + "compared: take a new cluster, or, if this is a copy of that log, 'trim before tail' in "
        + "it first"
    }
  }
}
