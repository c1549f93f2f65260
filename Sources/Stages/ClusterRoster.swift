public import CorfuGlobalLog
public import CorfuStripeMirror

// The file `cluster` in the folder above the nodes'. It is written anew at each change, beside the
// old one, and takes its name when it is durable (D3). Who keeps what is in no file but the
// nodes' own: this one only says who there is, and what people want.
//
//    0  magic     8 bytes   "CORFUCLU"
//    8  version   4 bytes   2; 1 ends with its fourth list
//   12  stripes   4 bytes   how many chains there should be
//   16  replicas  4 bytes   how many units each should have
//   20  next      4 bytes   the number of the node that is added next
//   24  lists     units, sequencers, leaving, returning, those to be remapped: for each its length,
//                 then node numbers
//       share     8 bytes   below which share of live bytes units are remapped, as a binary64 in
//                           0...1; all ones for never
//       sum       4 bytes   CRC-32C of all before

/// Who a cluster of stage 6 consists of, and what people want of it: all that is not in a layout.
public struct ClusterRoster: Equatable, Sendable {
  /// The file's name, in the folder above the nodes'.
  public static let fileName = "cluster"
  private static let magic: UInt64 = 0x554c_4355_4652_4f43  // "CORFUCLU"
  private static let version: UInt32 = 2
  private static let never = UInt64.max
  private static let headBytes = 24
  private static let nodesMax: UInt32 = 1024

  /// How many chains positions should rotate over.
  public var stripes: Int
  /// How many units each chain should have.
  public var replicas: Int
  /// The number of the node that is added next.
  public var next: UInt32
  /// Nodes with a folder.
  public var units: [NodeID]
  /// Nodes that hand out positions, or stand by for that.
  public var sequencers: [NodeID]
  /// Nodes that are to go, once others have what they have.
  public var leaving: [NodeID] = []
  /// Those of them that are to come back, emptied.
  public var returning: [NodeID] = []
  /// Units that are to be remapped next, as spares are free.
  public var remaps: [NodeID] = []
  /// Below which share of live bytes a unit is remapped without being asked; `nil` for never.
  public var remapShare: Double?

  /// A new cluster's: units from n1 on, and two sequencers, of which one stands by.
  public init(stripes: Int, replicas: Int, spares: Int) {
    self.stripes = stripes
    self.replicas = replicas
    let count = UInt32(stripes * replicas + spares)
    units = (1...count).map { NodeID($0) }
    sequencers = [NodeID(count + 1), NodeID(count + 2)]
    next = count + 3
  }

  /// Those of a cluster of stage 5, whose sequencer gets somebody who stands by.
  ///
  /// - Parameters:
  ///   - layout: Its newest layout.
  ///   - units: Its nodes with a folder.
  public init(takingOver layout: Layout, units: [NodeID]) {
    let last = layout.spans.last?.stripes ?? []
    self.init(stripes: last.count, replicas: last.map(\.replicas.count).max() ?? 1, spares: 0)
    self.units = units
    let top = (units + [layout.sequencer.node]).map(\.number).max() ?? 0
    sequencers = [layout.sequencer.node, NodeID(top + 1)]
    next = top + 2
  }

  /// The roster in a folder; `nil` if there is none.
  ///
  /// - Throws: ``DeviceError/failed(_:)`` where it cannot be understood.
  public init?(in folder: some Device) throws(DeviceError) {
    guard try Self.isThere(in: folder) else { return nil }
    let file = try folder.open(Self.fileName)
    guard let roster = Self(try file.read(at: 0, count: try file.size())) else {
      throw .failed("the file '\(Self.fileName)' is damaged, or of a later version")
    }
    self = roster
  }

  /// Whether there is one in a folder.
  public static func isThere(in folder: some Device) throws(DeviceError) -> Bool {
    do {
      return try folder.list().contains(fileName)
    } catch .notFound {
      return false  // The folder is made by whoever writes to it first.
    }
  }

  /// Keeps it in a folder; durable on return.
  public func write(in folder: some Device) async throws(DeviceError) {
    try await folder.replace(Self.fileName, with: encoded())
  }

  // MARK: - Bytes

  func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: Self.magic)
    bytes.append(number: Self.version)
    bytes.append(number: UInt32(stripes))
    bytes.append(number: UInt32(replicas))
    bytes.append(number: next)
    for nodes in [units, sequencers, leaving, returning, remaps] {
      bytes.append(number: UInt32(nodes.count))
      for node in nodes { bytes.append(number: node.number) }
    }
    bytes.append(number: remapShare?.bitPattern ?? Self.never)
    bytes.append(number: Checksum.of(bytes.span.bytes))
    return bytes
  }

  /// Reads what was written; `nil` if it is damaged.
  init?(_ bytes: [UInt8]) {
    let span = bytes.span.bytes
    let end = bytes.count - 4
    guard end >= Self.headBytes, span.number(at: 0) == Self.magic,
      span.number(at: end) == Checksum.of(span.extracting(0..<end))
    else { return nil }
    let head: [UInt32] = [8, 12, 16, 20].map { span.number(at: $0) }
    guard (1...Self.version).contains(head[0]), (1...Self.nodesMax).contains(head[1]),
      (1...Self.nodesMax).contains(head[2])
    else { return nil }
    (stripes, replicas, next) = (Int(head[1]), Int(head[2]), head[3])
    let isOld = head[0] == 1
    var place = Self.headBytes
    var lists: [[NodeID]] = []
    while lists.count < (isOld ? 4 : 5) {
      guard place + 4 <= end else { return nil }
      let count: UInt32 = span.number(at: place)
      let after = place + 4 + 4 * Int(count)
      guard count <= Self.nodesMax, after <= end else { return nil }
      lists.append(
        stride(from: place + 4, to: after, by: 4).map { NodeID(span.number(at: $0)) }
      )
      place = after
    }
    (units, sequencers, leaving, returning) = (lists[0], lists[1], lists[2], lists[3])
    if !isOld {
      guard place + 8 == end else { return nil }
      remaps = lists[4]
      let bits: UInt64 = span.number(at: place)
      if bits != Self.never {
        let share = Double(bitPattern: bits)
        guard (0...1).contains(share) else { return nil }
        remapShare = share
      }
      place += 8
    }
    guard place == end, !units.isEmpty else { return nil }
  }
}
