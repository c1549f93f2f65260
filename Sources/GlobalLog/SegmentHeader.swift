// The first 1,024 bytes of a segment: two copies of the same 64 bytes, at 0 and at
// 512, so that a bad sector leaves one.
//
//    0  magic     8 bytes   "CORFUSEG"
//    8  version   4 bytes   3
//   12  number    4 bytes   the segment's number, which is its file's name too
//   16  unit      8 bytes   the store it belongs to
//   24  capacity  8 bytes   the size the file was created with
//   32  durable   4 bytes   records up to here were durable when the file got its name
//   36  replaces  4 bytes   ┐ the segments whose records were carried into this one: first and
//   40            4 bytes   ┘ last number; the last smaller than the first for none
//   44            16 bytes  zero
//   60  head sum  4 bytes   CRC-32C of the 60 bytes before

/// What a segment file says of itself.
public struct SegmentHeader: Equatable, Sendable {
  /// Where the first record stands.
  public static let recordsBegin = 1024
  /// The largest file that can be a segment: a larger one is not read further, whatever it is.
  public static let fileBytesMax = 1 << 31
  /// The format that this program writes.
  ///
  /// A program that does not know it refuses the whole folder: it would take a record of a kind
  /// that it never heard of for damage. Version 1 had no records of trimmed ranges, version 2 no
  /// streams in footers.
  public static let version: UInt32 = 3
  /// The formats that this program reads.
  static let versionsRead: ClosedRange<UInt32> = 1...version

  private static let magic: UInt64 = 0x4745_5355_4652_4f43  // "CORFUSEG"
  private static let byteCount = 64
  private static let copyOffset = 512

  /// The segment's number.
  public var number: UInt32
  /// The store that it belongs to.
  public var unit: UInt64
  /// The size that the file was created with.
  public var capacity: Int
  /// Up to where its records were durable when the file got its name.
  public var durable = Self.recordsBegin
  /// The segments that this one stands for.
  public var replaces: ClosedRange<UInt32>?

  /// The two copies, padded to where the records begin.
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: Self.magic)
    bytes.append(number: Self.version)
    bytes.append(number: number)
    bytes.append(number: unit)
    bytes.append(number: UInt64(capacity))
    bytes.append(number: UInt32(durable))
    bytes.append(number: replaces?.lowerBound ?? 1)
    bytes.append(number: replaces?.upperBound ?? 0)
    bytes.append(contentsOf: repeatElement(0, count: 16))
    bytes.append(number: Checksum.of(bytes.span.bytes))
    bytes.pad(to: Self.copyOffset)
    return bytes + bytes
  }

  /// What came of reading a header.
  public enum Reading: Equatable, Sendable {
    /// A header, and whether both its copies were unharmed.
    case header(SegmentHeader, isWhole: Bool)
    /// A header of a format that this program does not know.
    case otherVersion(UInt32)
    /// Neither copy can be read.
    case unreadable
  }

  /// Reads a header from the first bytes of a file.
  public static func read(_ bytes: RawSpan) -> Reading {
    let copies = [0, copyOffset].compactMap { read(bytes, at: $0) }
    for case .otherVersion(let version) in copies { return .otherVersion(version) }
    guard case .header(let header, _)? = copies.first else { return .unreadable }
    return .header(header, isWhole: copies.count == 2)
  }

  private static func read(_ bytes: RawSpan, at index: Int) -> Reading? {
    guard bytes.byteCount >= index + byteCount else { return nil }
    let sum = Checksum.of(bytes.extracting(index..<index + 60))
    guard bytes.number(at: index) == magic, bytes.number(at: index + 60) == sum else { return nil }
    let version: UInt32 = bytes.number(at: index + 8)
    guard versionsRead.contains(version) else { return .otherVersion(version) }
    let first: UInt32 = bytes.number(at: index + 36)
    let last: UInt32 = bytes.number(at: index + 40)
    let number: UInt32 = bytes.number(at: index + 12)
    // It can stand for older ones only: to believe anything else would remove what is needed.
    guard first > last || last < number else { return nil }
    return .header(
      SegmentHeader(
        number: number,
        unit: bytes.number(at: index + 16),
        capacity: Int(bytes.number(at: index + 24, as: UInt64.self) & 0xffff_ffff),
        durable: Int(bytes.number(at: index + 32, as: UInt32.self)),
        replaces: first <= last ? first...last : nil
      ),
      isWhole: true
    )
  }
}
