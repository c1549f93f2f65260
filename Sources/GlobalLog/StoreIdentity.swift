// The file `identity` of a store's folder: two copies of the same 96 bytes, at 0 and at 512.
//
//    0  magic        8 bytes   "CORFUNIT"
//    8  version      4 bytes   1
//   12               4 bytes   zero
//   16  cluster     16 bytes   the cluster that the store belongs to
//   32  generation   8 bytes   of the cluster's acceptors (chapter 6)
//   40  incarnation 16 bytes   drawn when the folder was made: a new disk is a new store (R8)
//   56  boots        8 bytes   how often the store was opened
//   64  segments     4 bytes   how many segments there are at least (`SegmentClaim.swift`)
//   68  highest      4 bytes   the highest of their numbers; zero, where none is claimed
//   72              20 bytes   zero
//   92  sum          4 bytes   CRC-32C of the 92 bytes before

/// Who a store is.
///
/// It outlives the process, and ends with the disk.
public struct StoreIdentity: Equatable, Sendable {
  /// The name of the file.
  public static let fileName = "identity"
  static let temporaryName = "identity.tmp"

  private static let magic: UInt64 = 0x5449_4e55_4652_4f43  // "CORFUNIT"
  static let version: UInt32 = 1
  private static let byteCount = 96
  private static let copyOffset = 512
  /// Nobody boots so often: whatever says so is no identity, and counting on would overflow.
  private static let bootsMax: UInt64 = 1 << 48

  /// The cluster: 128 bits.
  public var cluster: ClientID
  /// The generation of the cluster's acceptors.
  public var generation: UInt64 = 0
  /// This life of the store: 128 bits.
  public var incarnation: ClientID
  /// How often the store was opened.
  public var boots: UInt64 = 0
  /// Which segments must be there.
  var segments = SegmentClaim(count: 0, highest: 0)

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
    bytes.append(number: Self.version)
    bytes.append(number: UInt32.zero)
    bytes.append(number: cluster.high)
    bytes.append(number: cluster.low)
    bytes.append(number: generation)
    bytes.append(number: incarnation.high)
    bytes.append(number: incarnation.low)
    bytes.append(number: boots)
    bytes.append(number: segments.count)
    bytes.append(number: segments.highest)
    bytes.append(contentsOf: repeatElement(0, count: 20))
    bytes.append(number: Checksum.of(bytes.span.bytes))
    bytes.pad(to: Self.copyOffset)
    return bytes + bytes
  }

  /// What came of reading a copy.
  enum Reading: Equatable, Sendable {
    case identity(StoreIdentity)
    case otherVersion(UInt32)
    case unreadable
  }

  /// Reads both copies.
  static func read(_ bytes: RawSpan) -> [Reading] {
    [0, copyOffset].map { read(bytes, at: $0) }
  }

  private static func read(_ bytes: RawSpan, at index: Int) -> Reading {
    guard bytes.byteCount >= index + byteCount, bytes.number(at: index) == magic,
      bytes.number(at: index + 92) == Checksum.of(bytes.extracting(index..<index + 92))
    else { return .unreadable }
    let version: UInt32 = bytes.number(at: index + 8)
    guard version == Self.version else { return .otherVersion(version) }
    let identity = StoreIdentity(bytes, at: index)
    let isPossible =
      identity.boots < bootsMax && identity.segments.highest <= SegmentClaim.highestMax
    return isPossible ? .identity(identity) : .unreadable
  }

  private init(_ bytes: RawSpan, at index: Int) {
    cluster = ClientID(high: bytes.number(at: index + 16), low: bytes.number(at: index + 24))
    generation = bytes.number(at: index + 32)
    incarnation = ClientID(high: bytes.number(at: index + 40), low: bytes.number(at: index + 48))
    boots = bytes.number(at: index + 56)
    segments = SegmentClaim(
      count: bytes.number(at: index + 64),
      highest: bytes.number(at: index + 68)
    )
  }
}

/// Who the store in a folder is, as its file tells before an opening.
struct FoundIdentity: Sendable {
  /// The copies, `nil` for one that cannot be read; none at all where there is no store yet.
  let copies: [StoreIdentity?]

  /// The identity; `nil` where there is no store yet.
  ///
  /// Of two copies that differ, as a crash between them leaves, either is true.
  var known: StoreIdentity? { copies.compactMap(\.self).min { $0.boots < $1.boots } }

  /// Whether a copy cannot be read.
  var hasDamage: Bool { copies.contains(nil) }

  /// The copy to write first: the one that may be worthless, which is the unreadable one, or the
  /// one that the last boot wrote last, whose sync may have failed.
  ///
  /// So one that is known to be durable is always left.
  func first(of next: StoreIdentity) -> Int {
    copies.firstIndex(of: nil) ?? Int(next.boots % 2)
  }
}

extension Device {
  /// Counts a boot, and writes that down before anything else is changed.
  ///
  /// - Parameters:
  ///   - found: Who the store was.
  ///   - next: Who it is from now on.
  /// - Throws: ``StoreOpenError/device(_:)``.
  func boot(_ found: FoundIdentity, as next: StoreIdentity) async throws(StoreOpenError) {
    do {
      if found.known == nil {
        try await create(next)
      } else {
        try await rewrite(next, first: found.first(of: next))
      }
    } catch {
      throw .device(error)
    }
  }

  private func create(_ identity: StoreIdentity) async throws(DeviceError) {
    let bytes = identity.encoded()
    if try list().contains(StoreIdentity.temporaryName) {
      try remove(StoreIdentity.temporaryName)
    }
    let file = try create(StoreIdentity.temporaryName, count: bytes.count)
    try file.write(bytes.span.bytes, at: 0)
    try await file.sync()
    try rename(StoreIdentity.temporaryName, to: StoreIdentity.fileName)
    try await syncFolder()
  }

  /// One copy after the other, in place: a crash leaves one of them, and a full disk is no
  /// obstacle.
  func rewrite(_ identity: StoreIdentity, first: Int? = nil) async throws(DeviceError) {
    let first = first ?? Int(identity.boots % 2)
    let file = try open(StoreIdentity.fileName)
    let bytes = identity.encoded()
    let half = bytes.count / 2
    for copy in [first, 1 - first] {
      let range = copy * half..<(copy + 1) * half
      try file.write(bytes.span.bytes.extracting(range), at: range.lowerBound)
      try await file.sync()
    }
  }

  /// Who the store in this folder is; `nil` where there is none yet.
  package func readIdentity() throws(StoreOpenError) -> StoreIdentity? {
    try findIdentity().known
  }

  /// Reads both copies of who the store in this folder is.
  func findIdentity() throws(StoreOpenError) -> FoundIdentity {
    let names: [String]
    var bytes: [UInt8] = []
    do {
      names = try list()
      if names.contains(StoreIdentity.fileName) {
        bytes = try open(StoreIdentity.fileName).read(at: 0, count: 1024)
      }
    } catch {
      throw .device(error)
    }
    guard names.contains(StoreIdentity.fileName) else {
      let hasSegments = names.contains { ClosedSegment.number(fileName: $0) != nil }
      if hasSegments { throw .identityLost(folder: name) }
      return FoundIdentity(copies: [])
    }
    var copies: [StoreIdentity?] = []
    for reading in StoreIdentity.read(bytes.span.bytes) {
      switch reading {
      case .identity(let identity): copies.append(identity)
      case .otherVersion(let version):
        throw .otherVersion(file: "\(name)/\(StoreIdentity.fileName)", version: version)
      case .unreadable: copies.append(nil)
      }
    }
    let known = copies.compactMap(\.self)
    // Two good copies of two stores: nobody can tell whose folder this is.
    guard let first = known.first, known.allSatisfy({ $0.incarnation == first.incarnation })
    else { throw .identityLost(folder: name) }
    return FoundIdentity(copies: copies)
  }
}
