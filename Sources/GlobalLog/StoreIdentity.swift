// The file `identity` of a store's folder: two copies of the same 96 bytes, at 0 and at 512.
//
//    0  magic        8 bytes   "CORFUNIT"
//    8  version      4 bytes   1
//   12               4 bytes   zero
//   16  cluster     16 bytes   the cluster that the store belongs to
//   32  generation   8 bytes   of the cluster's acceptors (chapter 6)
//   40  incarnation 16 bytes   drawn when the folder was made: a new disk is a new store (R8)
//   56  boots        8 bytes   how often the store was opened
//   64              28 bytes   zero
//   92  sum          4 bytes   CRC-32C of the 92 bytes before

/// Who a store is. It outlives the process, and ends with the disk.
public struct StoreIdentity: Equatable, Sendable {
  /// The name of the file.
  public static let fileName = "identity"
  static let temporaryName = "identity.tmp"

  private static let magic: UInt64 = 0x5449_4e55_4652_4f43  // "CORFUNIT"
  private static let byteCount = 96
  private static let copyOffset = 512

  /// The cluster: 128 bits.
  public var cluster: ClientID
  /// The generation of the cluster's acceptors.
  public var generation: UInt64 = 0
  /// This life of the store: 128 bits.
  public var incarnation: ClientID
  /// How often the store was opened.
  public var boots: UInt64 = 0

  /// What each record carries: a record of another store is as good as damage.
  public var unit: UInt64 { incarnation.low }

  /// A store that never was before.
  public init(using random: inout some RandomNumberGenerator) {
    cluster = ClientID(using: &random)
    incarnation = ClientID(using: &random)
  }

  func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: Self.magic)
    bytes.append(number: SegmentHeader.version)
    bytes.append(number: UInt32.zero)
    bytes.append(number: cluster.high)
    bytes.append(number: cluster.low)
    bytes.append(number: generation)
    bytes.append(number: incarnation.high)
    bytes.append(number: incarnation.low)
    bytes.append(number: boots)
    bytes.append(contentsOf: repeatElement(0, count: 28))
    bytes.append(number: Checksum.of(bytes.span.bytes))
    bytes.pad(to: Self.copyOffset)
    return bytes + bytes
  }

  /// What came of reading the file.
  enum Reading: Equatable, Sendable {
    case identity(StoreIdentity)
    case otherVersion(UInt32)
    case unreadable
  }

  static func read(_ bytes: RawSpan) -> Reading {
    let copies = [0, copyOffset].compactMap { read(bytes, at: $0) }
    for case .otherVersion(let version) in copies { return .otherVersion(version) }
    return copies.first ?? .unreadable
  }

  private static func read(_ bytes: RawSpan, at index: Int) -> Reading? {
    guard bytes.byteCount >= index + byteCount, bytes.number(at: index) == magic,
      bytes.number(at: index + 92) == Checksum.of(bytes.extracting(index..<index + 92))
    else { return nil }
    let version: UInt32 = bytes.number(at: index + 8)
    guard version == SegmentHeader.version else { return .otherVersion(version) }
    return .identity(StoreIdentity(bytes, at: index))
  }

  private init(_ bytes: RawSpan, at index: Int) {
    cluster = ClientID(high: bytes.number(at: index + 16), low: bytes.number(at: index + 24))
    generation = bytes.number(at: index + 32)
    incarnation = ClientID(high: bytes.number(at: index + 40), low: bytes.number(at: index + 48))
    boots = bytes.number(at: index + 56)
  }
}
