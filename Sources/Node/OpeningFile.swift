internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// The file `openings` of a node's folder: a file of slots (`SlotFormat.swift`) with two parts.
//
// The first part is about this disk:
//
//    0  count       8 bytes   how often it was put to work
//    8  boot       16 bytes   the number drawn for the last time
//   24  flags       4 bytes   1: it has served since
//   28              4 bytes   zero
//
// The second one is what it has noted of others, as an acceptor:
//
//    0  count       4 bytes   of disks; for each:
//        disk      20 bytes   node, incarnation
//        opening   24 bytes   count, boot
//
// A file that is missing or cannot be read is begun anew: its disk has been put to work once then,
// and whoever knows better does not let it in. (D12)

/// Where a disk's openings survive.
struct OpeningFile<Storage: Device>: Sendable {
  private var slots: SlotFile<Storage>
  private(set) var contents: Contents

  /// What the file says.
  struct Contents: Equatable, Sendable {
    /// The last time that the disk was put to work.
    var opening: DiskOpening
    /// Whether it has served since: the next time is another opening then.
    var hasServed = false
    /// What is known of other disks.
    var known: [UnitName: DiskOpening] = [:]
  }

  /// Opens the file, or makes it, and puts the disk to work once more; durable on return.
  ///
  /// A disk that was never let in since the last time says the same again: if it counted on, an
  /// older image would catch up by being tried often enough.
  static func open(
    in device: Storage,
    using random: inout DrawnGenerator
  ) async throws(DeviceError) -> OpeningFile {
    let boot = BootID(using: &random)
    let fresh = Contents(opening: DiskOpening(count: 1, boot: boot))
    guard var file = try read(in: device) else {
      try await SlotFile.create(name, magic: magic, encoded(fresh), in: device)
      guard let file = try read(in: device) else {
        throw .failed("\(name) is not what was written")
      }
      return file
    }
    // It is told to whoever asks, so it must be durable first (R2).
    try await file.slots.settle()
    if file.contents.hasServed {
      var next = file.contents
      next.opening = DiskOpening(count: next.opening.count + 1, boot: boot)
      next.hasServed = false
      try await file.write(next)
    }
    return file
  }

  /// The last opening that is written down in a folder, which may be another process's.
  static func opening(in device: Storage) throws(DeviceError) -> DiskOpening? {
    try read(in: device)?.contents.opening
  }

  /// Writes down what has changed; durable on return.
  mutating func write(_ next: Contents) async throws(DeviceError) {
    if next == contents { return }
    var (slots, changes) = (slots, [(part: Int, contents: [UInt8])]())
    let (before, after) = (Self.encoded(contents), Self.encoded(next))
    for part in after.indices where before[part] != after[part] {
      changes.append((part: part, contents: after[part]))
    }
    try await slots.put(changes)
    try await slots.commit()
    (self.slots, contents) = (slots, next)
  }

  private static var name: String { "openings" }
  private static var magic: UInt64 { 0x4e45_504f_4652_4f43 }  // "CORFOPEN"

  private static func read(in device: Storage) throws(DeviceError) -> OpeningFile? {
    do {
      let slots = try SlotFile(name, magic: magic, parts: 2, in: device)
      guard var contents = slots.contents(of: 0).flatMap(decodedOwn) else { return nil }
      guard let known = slots.contents(of: 1).flatMap(decodedKnown) else { return nil }
      contents.known = known
      return OpeningFile(slots: slots, contents: contents)
    } catch {
      switch error {
      case .device(let error): throw error
      case .missing, .otherVersion: return nil
      }
    }
  }

  /// The bytes of both parts.
  static func encoded(_ contents: Contents) -> [[UInt8]] {
    var own: [UInt8] = []
    append(contents.opening, to: &own)
    own.append(number: UInt32(contents.hasServed ? 1 : 0))
    own.append(number: UInt32(0))
    var known: [UInt8] = []
    known.append(number: UInt32(contents.known.count))
    for (disk, opening) in contents.known.sorted(by: { $0.key < $1.key }) {
      known.append(number: disk.node.number)
      known.append(number: disk.incarnation.high)
      known.append(number: disk.incarnation.low)
      append(opening, to: &known)
    }
    return [own, known]
  }

  private static func append(_ opening: DiskOpening, to bytes: inout [UInt8]) {
    bytes.append(number: opening.count)
    bytes.append(number: opening.boot.high)
    bytes.append(number: opening.boot.low)
  }

  /// What the first part says; `nil` if that makes no sense.
  static func decodedOwn(_ bytes: [UInt8]) -> Contents? {
    guard bytes.count == 32 else { return nil }
    let span = bytes.span.bytes
    let opening = opening(in: span, at: 0)
    guard (1..<openingsMax).contains(opening.count) else { return nil }
    let flags: UInt32 = span.number(at: 24)
    return Contents(opening: opening, hasServed: flags & 1 != 0)
  }

  /// What the second part says; `nil` if that makes no sense.
  static func decodedKnown(_ bytes: [UInt8]) -> [UnitName: DiskOpening]? {
    guard bytes.count >= 4 else { return nil }
    let span = bytes.span.bytes
    let count = Int(span.number(at: 0, as: UInt32.self))
    guard bytes.count == 4 + count * 44 else { return nil }
    var known: [UnitName: DiskOpening] = [:]
    for index in 0..<count {
      let begin = 4 + index * 44
      let disk = UnitName(
        node: NodeID(span.number(at: begin)),
        incarnation: Incarnation(high: span.number(at: begin + 4), low: span.number(at: begin + 12))
      )
      known[disk] = opening(in: span, at: begin + 20)
    }
    return known
  }

  private static func opening(in span: RawSpan, at index: Int) -> DiskOpening {
    let boot = BootID(high: span.number(at: index + 8), low: span.number(at: index + 16))
    return DiskOpening(count: span.number(at: index), boot: boot)
  }

  /// Nobody puts a disk to work so often: whatever says so makes no sense.
  private static var openingsMax: UInt64 { 1 << 48 }
}
