internal import CorfuProtocol
internal import CorfuStripeMirror
internal import NIOSSL

/// What a certificate says of its owner, in a URI among its alternative names:
/// `corfu://CLUSTER/node/3`, `corfu://CLUSTER/client/NAME`, `corfu://CLUSTER/operator/NAME`.
struct CertificateIdentity: Hashable {
  let cluster: ClusterName
  let role: PeerRole
  /// What it is called; a node by its number.
  let name: String
  /// Its name, if it is a node.
  var node: NodeID?

  /// Reads a URI; `nil` if it is no such name.
  init?(uri: String) {
    guard uri.hasPrefix(Self.scheme) else { return nil }
    let parts = uri.dropFirst(Self.scheme.count).split(
      separator: "/",
      omittingEmptySubsequences: false
    )
    guard parts.count == 3, !parts[2].isEmpty, let cluster = ClusterName(String(parts[0])) else {
      return nil
    }
    self.cluster = cluster
    name = String(parts[2])
    switch parts[1] {
    case "client": role = .client
    case "operator": role = .operator
    case "node":
      guard let number = UInt32(parts[2]) else { return nil }
      role = .node
      node = NodeID(number)
    default: return nil
    }
  }

  /// What a certificate says; `nil` if it says nothing, or more than one thing.
  init?(of certificate: NIOSSLCertificate) {
    var found: [CertificateIdentity] = []
    for name in certificate._subjectAlternativeNames() where name.nameType == .uri {
      let uri = name.contents.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
      if uri.hasPrefix(Self.scheme) {
        guard let identity = CertificateIdentity(uri: uri) else { return nil }
        found.append(identity)
      }
    }
    guard found.count == 1 else { return nil }
    self = found[0]
  }

  /// The URI of an owner.
  static func uri(of name: String, _ role: PeerRole, in cluster: ClusterName) -> String {
    let kind =
      switch role {
      case .client: "client"
      case .node: "node"
      case .operator: "operator"
      }
    return "\(scheme)\(cluster)/\(kind)/\(name)"
  }

  private static var scheme: String { "corfu://" }
}
