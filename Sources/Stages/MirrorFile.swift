public import CorfuGlobalLog
public import CorfuStripeMirror

// The file `layout` in the folder above the units'. It is written anew at each change, beside the
// old one, and takes its name when it is durable (D3).
//
//    0  magic     8 bytes   "CORFUMIR"
//    8  version   4 bytes   2; in version 1 the members have no boots
//   12  stripes   4 bytes   the shape that the log was made with
//   16  replicas  4 bytes
//   20  members   for each unit of the shape: node 4 bytes, incarnation 16 bytes, boots 8 bytes
//       layout    the layout in force, as LayoutCoding.swift has it
//       sum       4 bytes   CRC-32C of all before
//
// Then each unit is told its epoch, in the file `layout-epoch` in its folder: an older copy of
// `layout`, put back, is known by that.
//
//    0  magic     8 bytes   "CORFULEP"
//    8  version   4 bytes   1
//   12            4 bytes   zero
//   16  epoch     8 bytes
//   24  sum       4 bytes   CRC-32C of all before

extension MirrorShape {
  /// The file that tells the shape, in the folder above the units'.
  public static let fileName = MirrorFile.name

  /// The shape of the log in a folder; `nil` if there is none, or nobody can say.
  public init?(of folder: some Device) {
    // Opening it will tell what is wrong.
    guard let file = try? MirrorFile(in: folder) else { return nil }
    self = file.shape
  }
}

/// What stages 3 and 4 remember besides the entries.
struct MirrorFile: Equatable {
  static let name = "layout"
  private static let magic: UInt64 = 0x5249_4d55_4652_4f43  // "CORFUMIR"
  private static let version: UInt32 = 2
  private static let headBytes = 20

  /// The shape that the log was made with.
  let shape: MirrorShape
  /// Its units, in order, those that have been taken out too.
  var members: [UnitName]
  /// How often each member's disk had been opened when this was written down: one that was opened
  /// less often is an older image of it (D12).
  private(set) var boots: [UnitName: UInt64] = [:]
  /// The layout in force.
  var layout: Layout

  /// Notes how often the disks of members have been opened by now.
  mutating func note(boots: [UnitName: UInt64]) {
    for member in members { self.boots[member] = boots[member] ?? self.boots[member] }
  }

  func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: Self.magic)
    bytes.append(number: Self.version)
    bytes.append(number: UInt32(shape.stripes))
    bytes.append(number: UInt32(shape.replicas))
    for member in members {
      bytes.append(number: member.node.number)
      bytes.append(number: member.incarnation.high)
      bytes.append(number: member.incarnation.low)
      bytes.append(number: boots[member] ?? 0)
    }
    bytes += layout.encoded()
    bytes.append(number: Checksum.of(bytes.span.bytes))
    return bytes
  }

  init(shape: MirrorShape, members: [UnitName], layout: Layout) {
    self.shape = shape
    self.members = members
    self.layout = layout
  }

  /// Reads the file in a folder; `nil` if it is damaged.
  init?(in folder: some Device) throws(DeviceError) {
    let file = try folder.open(Self.name)
    self.init(try file.read(at: 0, count: try file.size()))
  }

  /// Reads what was written; `nil` if it is damaged.
  init?(_ bytes: [UInt8]) {
    let span = bytes.span.bytes
    let end = bytes.count - 4
    guard end >= Self.headBytes, span.number(at: 0) == Self.magic,
      case let version:UInt32 = span.number(at: 8), (1...Self.version).contains(version),
      span.number(at: end) == Checksum.of(span.extracting(0..<end))
    else { return nil }
    let stripes: UInt32 = span.number(at: 12)
    let replicas: UInt32 = span.number(at: 16)
    let unitsMax = UInt32(MirrorShape.unitsMax)
    guard stripes >= 1, replicas >= 1, stripes <= unitsMax, replicas <= unitsMax,
      stripes * replicas <= unitsMax
    else { return nil }
    shape = MirrorShape(stripes: Int(stripes), replicas: Int(replicas))
    let memberBytes = version == 1 ? 20 : 28
    let membersEnd = Self.headBytes + shape.unitCount * memberBytes
    guard membersEnd <= end else { return nil }
    members = []
    for index in stride(from: Self.headBytes, to: membersEnd, by: memberBytes) {
      let name = UnitName(
        node: NodeID(span.number(at: index)),
        incarnation: Incarnation(
          high: span.number(at: index + 4),
          low: span.number(at: index + 12)
        )
      )
      members.append(name)
      if version > 1 { boots[name] = span.number(at: index + 20) }
    }
    do {
      layout = try Layout(decoding: Array(bytes[membersEnd..<end]))
    } catch {
      return nil
    }
  }
}

extension MirrorFile {
  private static let noteName = "layout-epoch"
  private static let noteMagic: UInt64 = 0x5045_4c55_4652_4f43  // "CORFULEP"
  private static let noteBytes = 28

  /// Tells units the epoch of the layout, which is durable by now.
  func tell<Storage: Device, Parts: MirrorParts>(
    _ running: [NodeID: Stage3<Storage, Parts>.Running]
  ) async {
    var bytes: [UInt8] = []
    bytes.append(number: Self.noteMagic)
    bytes.append(number: UInt32(1))
    bytes.append(number: UInt32.zero)
    bytes.append(number: layout.epoch.number)
    bytes.append(number: Checksum.of(bytes.span.bytes))
    for (_, one) in running.sorted(by: { $0.key < $1.key }) where one.unit.isAlive {
      do {
        try await one.device.replace(Self.noteName, with: bytes)
      } catch .outOfSpace {
        continue  // The others know it.
      } catch {
        // Nothing is known of a disk that failed once (D1).
        await one.unit.kill()
      }
    }
  }

  /// The epoch that a unit was told; `nil` if it was told none, or nobody can say.
  private static func told(_ device: some Device) -> Epoch? {
    // Whoever opens the unit's folder is told what is wrong with it.
    guard let bytes = try? device.open(noteName).read(at: 0, count: noteBytes) else { return nil }
    let span = bytes.span.bytes
    guard span.byteCount == noteBytes, span.number(at: 0) == noteMagic,
      span.number(at: 8) == UInt32(1),
      span.number(at: noteBytes - 4) == Checksum.of(span.extracting(0..<noteBytes - 4))
    else { return nil }
    return Epoch(span.number(at: 16))
  }

  /// Refuses a layout that is older than one of its units was told.
  func checkIsNewest<Storage: Device>(
    in folder: String,
    device: (NodeID) -> Storage
  ) throws(MirrorError) {
    for member in members {
      let device = device(member.node)
      // What another log's disk was told says nothing.
      guard case .there = try presence(of: member, on: device), let told = Self.told(device),
        told > layout.epoch
      else { continue }
      throw .layoutOutdated(folder: folder, epoch: layout.epoch, told: told, member.node)
    }
  }
}

/// The folder of a log of stages 3 and 4, looked at from outside.
public enum MirrorFolder {
  /// The layout that the log has, or would begin with: without units whose disks are lost or older
  /// images, as far as their chains have others.
  ///
  /// - Parameters:
  ///   - folder: Where the layout is kept.
  ///   - device: A look at a unit's folder.
  /// - Returns: The layout; `nil` if there is no log.
  /// - Throws: ``MirrorError``, if nobody can say.
  public static func layout<Storage: Device>(
    in folder: Storage,
    device: (NodeID) -> Storage
  ) throws(MirrorError) -> Layout? {
    let file: MirrorFile?
    do {
      guard try folder.list().contains(MirrorFile.name) else { return nil }
      file = try MirrorFile(in: folder)
    } catch {
      throw .folder(error)
    }
    guard let file else { throw .layoutLost(folder: folder.name) }
    try file.checkIsNewest(in: folder.name, device: device)
    var layout = file.layout
    for unit in file.layout.units {
      switch try file.presence(of: unit, on: device(unit.node)) {
      case .there: continue
      case .lost, .outdated: layout = layout.without(unit) ?? layout
      }
    }
    return layout
  }
}
