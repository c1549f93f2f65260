public import CorfuProtocol
internal import CorfuStripeMirror

// Certificates of a local cluster: who makes the nodes also makes them, and is its own authority.

extension LocalCluster {
  /// For how long certificates are good.
  private static var days: Int { 30 }

  /// Makes a node's certificate; `nil` if nodes have none.
  func renewCertificate(
    of node: NodeID,
    at host: String
  ) throws(LocalClusterError) -> Credentials.Files? {
    guard let authority else { return nil }
    do throws(AuthorityError) {
      return try authority.issue(to: "\(node.number)", .node, hosts: [host], days: Self.days)
    } catch {
      throw .certificates("\(error)")
    }
  }

  /// How a program comes in: with a certificate that is made for it, where nodes have some.
  ///
  /// One program at a time: whoever makes a certificate anew takes the place of the one before.
  ///
  /// - Parameter role: What the program is.
  /// - Returns: What it shows.
  /// - Throws: ``LocalClusterError/certificates(_:)``.
  public func security(as role: PeerRole) throws(LocalClusterError) -> Security {
    guard let authority else { return .open }
    do {
      let files = try authority.issue(to: "local", role, hosts: [], days: Self.days)
      return .mutual(try Credentials(reading: files))
    } catch {
      throw .certificates("\(error)")
    }
  }
}
