internal import CorfuGlobalLog
public import CorfuStripeMirror

/// The name of a cluster: what keeps one from talking to another by mistake.
///
/// 1 to 64 bytes of `a…z`, `0…9`, `-` and `.`.
public struct ClusterName: Hashable, Sendable, CustomStringConvertible {
  /// The name.
  public let text: String

  /// A name; `nil` if it cannot be one.
  public init?(_ text: String) {
    let isName = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isName, (1...64).contains(text.utf8.count) else { return nil }
    self.text = text
  }

  public var description: String { text }
}

/// What whoever connects is, and so what it may ask.
public enum PeerRole: UInt8, Hashable, Sendable, CaseIterable {
  /// A program that uses the log.
  case client = 1
  /// A node of the cluster.
  case node = 2
  /// Somebody who looks after the cluster.
  case `operator` = 3
}

/// What whoever connects says first.
public struct Hello: Hashable, Sendable {
  /// The cluster that is meant; `nil` for whichever is there, as a client may say that was told no
  /// more than an address.
  public var cluster: ClusterName?
  /// What it is.
  public var role: PeerRole
  /// Its name, if it is a node.
  public var node: NodeID?

  /// A greeting.
  public init(cluster: ClusterName?, role: PeerRole, node: NodeID? = nil) {
    self.cluster = cluster
    self.role = role
    self.node = node
  }
}

/// What the other side says to a hello that it takes.
public struct Welcome: Hashable, Sendable {
  /// The cluster that it is of.
  public var cluster: ClusterName
  /// Which node it is.
  public var node: NodeID
  /// The largest frame that it takes, in bytes.
  public var frameBytesMax: UInt32
  /// How many requests of the connection it works on at once.
  public var requestsMax: UInt32

  /// A welcome.
  public init(cluster: ClusterName, node: NodeID, frameBytesMax: UInt32, requestsMax: UInt32) {
    self.cluster = cluster
    self.node = node
    self.frameBytesMax = frameBytesMax
    self.requestsMax = requestsMax
  }
}

/// Why a hello is not taken; the connection is closed then.
public enum Rejection: Hashable, Sendable {
  /// This is a node of another cluster.
  case otherCluster(ClusterName)
  /// The certificate does not say what the hello does.
  case notAllowed
  /// There are as many connections as are served.
  case tooManyConnections
  /// The node is about to end.
  case ending
}

extension Rejection: CustomStringConvertible {
  public var description: String {
    switch self {
    case .otherCluster(let name): "this is a node of the cluster '\(name)'"
    case .notAllowed: "the certificate does not allow that"
    case .tooManyConnections: "the node serves no more connections: close some, or raise its limit"
    case .ending: "the node is about to end: ask another"
    }
  }
}

extension ClusterName: WireValue {
  func encode(into bytes: inout [UInt8]) {
    text.encode(into: &bytes)
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> ClusterName {
    guard let name = ClusterName(try String.decode(bytes, &cursor)) else { throw .malformed }
    return name
  }
}

extension Hello: WireValue {
  func encode(into bytes: inout [UInt8]) {
    cluster.encode(into: &bytes)
    bytes.append(role.rawValue)
    node.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Hello {
    let cluster = try ClusterName?.decode(bytes, &cursor)
    guard let role = PeerRole(rawValue: try cursor.number(bytes)) else { throw .malformed }
    return Hello(cluster: cluster, role: role, node: try NodeID?.decode(bytes, &cursor))
  }
}

extension Welcome: WireValue {
  func encode(into bytes: inout [UInt8]) {
    cluster.encode(into: &bytes)
    node.encode(into: &bytes)
    frameBytesMax.encode(into: &bytes)
    requestsMax.encode(into: &bytes)
  }

  static func decode(_ bytes: RawSpan, _ cursor: inout WireCursor) throws(FrameError) -> Welcome {
    Welcome(
      cluster: try ClusterName.decode(bytes, &cursor),
      node: try NodeID.decode(bytes, &cursor),
      frameBytesMax: try cursor.number(bytes),
      requestsMax: try cursor.number(bytes)
    )
  }
}

extension Rejection: WireValue {
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .otherCluster(let name):
      bytes.append(0)
      name.encode(into: &bytes)
    case .notAllowed: bytes.append(1)
    case .tooManyConnections: bytes.append(2)
    case .ending: bytes.append(3)
    }
  }

  static func decode(
    _ bytes: RawSpan,
    _ cursor: inout WireCursor
  ) throws(FrameError) -> Rejection {
    switch try cursor.number(bytes, as: UInt8.self) {
    case 0: return .otherCluster(try ClusterName.decode(bytes, &cursor))
    case 1: return .notAllowed
    case 2: return .tooManyConnections
    case 3: return .ending
    default: throw .malformed
    }
  }
}
