public import CorfuGlobalLog
internal import CorfuStripeMirror

// The file `epoch` of a unit's folder: two copies of the same 64 bytes, at 0 and at 512.
//
//    0  magic      8 bytes   "CORFUEPO"
//    8  version    4 bytes   1
//   12  flags      4 bytes   1: a layout is installed
//   16  turn       8 bytes   how often it was written; the higher copy counts
//   24  sealed     8 bytes   the highest closed epoch
//   32  installed  8 bytes   the epoch of the layout in force
//   40  hash       8 bytes   and its hash
//   48            12 bytes   zero
//   60  sum        4 bytes   CRC-32C of the 60 bytes before
//
// Both copies are written and synced before a seal is answered, one after the other: a crash tears
// one of them at most, and rot in one leaves the other (D8). In place, because a seal must go
// through on a full disk too.

/// Where a unit's gate survives.
struct EpochFile<Storage: Device>: Sendable {
  private static var fileName: String { "epoch" }
  private static var magic: UInt64 { 0x4f50_4555_4652_4f43 }  // "CORFUEPO"
  private static var version: UInt32 { 1 }
  private static var byteCount: Int { 64 }
  private static var copyOffset: Int { 512 }

  private let file: Storage.File
  /// How often the file was written.
  private var turn: UInt64
  /// Which copy is to be written first: the one that may be worthless.
  private var first: Int

  /// What was last written down.
  struct Contents: Equatable, Sendable {
    var sealed = Epoch.zero
    var installed: LayoutID?
  }

  /// Opens the file, or makes it in a folder where there is no unit yet.
  ///
  /// The folder must be this process's: what was in the file is written anew.
  static func open(
    in device: Storage
  ) async throws(UnitOpenError) -> (file: EpochFile, contents: Contents) {
    let file: Storage.File
    let bytes: [UInt8]
    do throws(DeviceError) {
      let names = try device.list()
      let isNew = !names.contains(StoreIdentity.fileName)
      if !names.contains(fileName) {
        guard isNew else { throw .notFound(fileName) }
        try await create(in: device)
      }
      file = try device.open(fileName)
      bytes = try file.read(at: 0, count: copyOffset * 2)
    } catch {
      if error == .notFound(fileName) { throw .epochLost(device.name) }
      throw .device(error)
    }
    var (opened, contents) = try read(bytes, of: file, in: device)
    do {
      // What a process left that was killed may stand in the page cache only. It is told to the
      // next who asks, so it must be durable first (R2).
      try await opened.write(contents)
    } catch {
      throw .device(error)
    }
    return (opened, contents)
  }

  private static func create(in device: Storage) async throws(DeviceError) {
    var bytes = encoded(Contents(), turn: 1)
    bytes.pad(to: copyOffset)
    try await device.replace(fileName, with: bytes + bytes)
  }

  private static func read(
    _ bytes: [UInt8],
    of file: Storage.File,
    in device: Storage
  ) throws(UnitOpenError) -> (file: EpochFile, contents: Contents) {
    var newest: (turn: UInt64, copy: Int, contents: Contents)?
    for copy in [0, 1] {
      guard let (turn, contents) = try decode(bytes, at: copy * copyOffset, device) else {
        continue
      }
      if let newest, newest.turn >= turn { continue }
      newest = (turn, copy, contents)
    }
    guard let newest else { throw .epochLost(device.name) }
    let opened = EpochFile(file: file, turn: newest.turn, first: 1 - newest.copy)
    return (opened, newest.contents)
  }

  private static func decode(
    _ bytes: [UInt8],
    at index: Int,
    _ device: Storage
  ) throws(UnitOpenError) -> (turn: UInt64, contents: Contents)? {
    guard bytes.count >= index + byteCount else { return nil }
    let span = bytes.span.bytes
    guard span.number(at: index) == magic,
      span.number(at: index + 60) == Checksum.of(span.extracting(index..<index + 60))
    else { return nil }
    let version: UInt32 = span.number(at: index + 8)
    guard version == Self.version else {
      throw .otherVersion(file: "\(device.name)/\(fileName)", version: version)
    }
    var contents = Contents(sealed: Epoch(span.number(at: index + 24)))
    if span.number(at: index + 12, as: UInt32.self) == 1 {
      contents.installed = LayoutID(
        epoch: Epoch(span.number(at: index + 32)),
        hash: span.number(at: index + 40)
      )
    }
    return (span.number(at: index + 16), contents)
  }

  private static func encoded(_ contents: Contents, turn: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: magic)
    bytes.append(number: version)
    bytes.append(number: UInt32(contents.installed == nil ? 0 : 1))
    bytes.append(number: turn)
    bytes.append(number: contents.sealed.number)
    bytes.append(number: contents.installed?.epoch.number ?? 0)
    bytes.append(number: contents.installed?.hash ?? 0)
    bytes.append(contentsOf: repeatElement(0, count: 12))
    bytes.append(number: Checksum.of(bytes.span.bytes))
    return bytes
  }

  /// Writes the gate down; durable on return.
  mutating func write(_ contents: Contents) async throws(DeviceError) {
    turn += 1
    let bytes = Self.encoded(contents, turn: turn)
    for copy in [first, 1 - first] {
      try file.write(bytes.span.bytes, at: copy * Self.copyOffset)
      if !planted(.forgetsSealSync) { try await file.sync() }
    }
  }
}

/// Why a storage unit could not be opened.
public enum UnitOpenError: Error, Hashable, Sendable {
  /// Its disk refused.
  case device(DeviceError)
  /// Its log could not be opened.
  case store(StoreOpenError)
  /// Nobody knows which epochs were closed here, so nothing may be served (D8).
  case epochLost(String)
  /// Nobody knows what was promised here to those who vote on layouts (R27).
  case promisesLost(String)
  /// A file has a format that this program does not know.
  case otherVersion(file: String, version: UInt32)
}

extension UnitOpenError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .device(let error): "\(error)"
    case .store(let error): "\(error)"
    case .epochLost(let folder):
      "\(folder): the file 'epoch' is missing or damaged, so this unit may have promised what it "
        + "no longer knows: it cannot serve again; 'node wipe', which arrives in chapter 6, "
        + "empties the folder and lets it come back as a new unit"
    case .promisesLost(let folder):
      "\(folder): the file 'acceptor' is damaged, so this acceptor may have promised what it no "
        + "longer knows: 'node wipe' empties the folder and lets it come back as a new unit"
    case .otherVersion(let file, let version):
      "\(file) has format version \(version), this program reads version 1: "
        + "use the program that wrote it"
    }
  }
}
