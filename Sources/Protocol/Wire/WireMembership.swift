internal import CorfuGlobalLog
internal import CorfuStripeMirror

// Memberships on the wire, and in the file of a node that keeps one.

extension NodeAddress: WireValue {
  func encode(into bytes: inout [UInt8]) {
    host.encode(into: &bytes)
    port.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> NodeAddress {
    let host = try String.decode(bytes, &cursor)
    guard let address = NodeAddress(host: host, port: try cursor.number(bytes)) else {
      throw .malformed
    }
    return address
  }
}

extension UnitName: WireValue {
  func encode(into bytes: inout [UInt8]) {
    node.encode(into: &bytes)
    incarnation.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> UnitName {
    UnitName(
      node: try NodeID.decode(bytes, &cursor),
      incarnation: try Incarnation.decode(bytes, &cursor)
    )
  }
}

/// A member of a membership, as it is spelled.
private struct Member: WireValue {
  let node: NodeID
  let address: NodeAddress

  func encode(into bytes: inout [UInt8]) {
    node.encode(into: &bytes)
    address.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Member {
    Member(
      node: try NodeID.decode(bytes, &cursor),
      address: try NodeAddress.decode(bytes, &cursor)
    )
  }
}

private func isBefore(_ one: UnitName, _ other: UnitName) -> Bool {
  (one.node.number, one.incarnation.high, one.incarnation.low)
    < (other.node.number, other.incarnation.high, other.incarnation.low)
}

/// Members in order, each once; one that makes no sense is refused.
extension Membership: WireValue {
  func encode(into bytes: inout [UInt8]) {
    cluster.encode(into: &bytes)
    bytes.append(number: version)
    bytes.append(number: author)
    members.sorted { $0.key < $1.key }.map { Member(node: $0.key, address: $0.value) }
      .encode(into: &bytes)
    bytes.append(UInt8(clamping: replicas))
    bytes.append(UInt8(clamping: acceptors))
    bytes.append(UInt8(clamping: stripes))
    leaving.encode(into: &bytes)
    returning.encode(into: &bytes)
    lost.sorted(by: isBefore).encode(into: &bytes)
    isAutomatic.encode(into: &bytes)
    remaps.encode(into: &bytes)
    bytes.append(UInt8(clamping: remapPercent))
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Membership
  {
    let cluster = try ClusterName.decode(bytes, &cursor)
    let version = try cursor.number(bytes, as: UInt64.self)
    let author = try cursor.number(bytes, as: UInt64.self)
    let listed = try [Member].decode(bytes, &cursor)
    guard zip(listed, listed.dropFirst()).allSatisfy({ $0.node < $1.node }) else {
      throw .malformed
    }
    var membership = Membership(
      of: cluster,
      members: Dictionary(uniqueKeysWithValues: listed.map { ($0.node, $0.address) }),
      replicas: Int(try cursor.number(bytes, as: UInt8.self)),
      acceptors: Int(try cursor.number(bytes, as: UInt8.self)),
      stripes: Int(try cursor.number(bytes, as: UInt8.self)),
      author: author
    )
    membership.version = version
    membership.leaving = try Set<NodeID>.decode(bytes, &cursor)
    membership.returning = try Set<NodeID>.decode(bytes, &cursor)
    let lost = try [UnitName].decode(bytes, &cursor)
    guard zip(lost, lost.dropFirst()).allSatisfy(isBefore) else { throw .malformed }
    membership.lost = Set(lost)
    membership.isAutomatic = try Bool.decode(bytes, &cursor)
    membership.remaps = try [NodeID].decode(bytes, &cursor)
    membership.remapPercent = Int(try cursor.number(bytes, as: UInt8.self))
    guard membership.objection == nil else { throw .malformed }
    return membership
  }
}

extension Membership {
  /// Its bytes, for a file.
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    encode(into: &bytes)
    return bytes
  }

  /// A membership from a file.
  ///
  /// - Throws: ``FrameError/malformed``.
  public init(decoding bytes: [UInt8]) throws(FrameError) {
    var cursor = WireCursor(from: 0, to: bytes.count)
    self = try Membership.decode(bytes.span.bytes, &cursor)
    guard cursor.rest == 0 else { throw .malformed }
  }
}
