public import CorfuProtocol
internal import Foundation

/// A certificate authority for one cluster, in a folder: made and used with the program `openssl`.
///
/// For trying things out, and for small clusters whose operator keeps the folder safe. Whoever has
/// an authority of their own needs only what the names must be: see ``uri(of:_:in:)``.
public struct CertificateAuthority: Sendable {
  /// The folder of the authority, and of what it has signed.
  public let folder: String
  /// The cluster that its certificates are for.
  public let cluster: ClusterName

  /// An authority, which may not be there yet.
  public init(in folder: String, for cluster: ClusterName) {
    self.folder = folder
    self.cluster = cluster
  }

  /// The URI that a certificate must have among its alternative names.
  public static func uri(of name: String, _ role: PeerRole, in cluster: ClusterName) -> String {
    CertificateIdentity.uri(of: name, role, in: cluster)
  }

  /// Makes a certificate and its key, and the authority first if there is none.
  ///
  /// - Parameters:
  ///   - name: Whose: a node's number, or a name of a client or an operator.
  ///   - role: What it is.
  ///   - hosts: Names and numbers of the machine, by which others call it.
  ///   - days: How long it is good.
  /// - Returns: The files.
  /// - Throws: ``AuthorityError``.
  public func issue(
    to name: String,
    _ role: PeerRole,
    hosts: [String],
    days: Int
  ) throws(AuthorityError) -> Credentials.Files {
    let isName = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x2d
    }
    guard isName, (1...64).contains(name.utf8.count) else { throw .name(name) }
    if role == .node, UInt32(name) == nil { throw .nodeName(name) }
    if role == .node, hosts.isEmpty { throw .noHost }
    for host in hosts where NodeAddress(host: host, port: 1) == nil { throw .host(host) }
    try makeAuthority()
    let kind = role == .node ? "n\(name)" : "\(role)-\(name)"
    let files = Credentials.Files(
      certificate: path("\(kind).pem"),
      key: path("\(kind).key"),
      authority: path("authority.pem")
    )
    let names =
      ["URI:\(Self.uri(of: name, role, in: cluster))"]
      + hosts.map { Self.isNumber($0) ? "IP:\($0)" : "DNS:\($0)" }
    let extensions = """
      basicConstraints = critical, CA:FALSE
      keyUsage = critical, digitalSignature
      extendedKeyUsage = serverAuth, clientAuth
      subjectAltName = \(names.joined(separator: ", "))

      """
    let (request, details) = (path("\(kind).csr"), path("\(kind).cnf"))
    defer {
      for scrap in [request, details] {
        // What is left of a failed attempt does no harm.
        try? FileManager.default.removeItem(atPath: scrap)
      }
    }
    do {
      try extensions.write(toFile: details, atomically: true, encoding: .utf8)
    } catch {
      throw .folder(folder, error.localizedDescription)
    }
    // Both take their names at the end: a pair that does not match is worse than an old one.
    let (newKey, newCertificate) = (files.key + ".new", files.certificate + ".new")
    try openSSL(
      ["req", "-new"] + Self.newKey(in: newKey)
        + ["-out", request, "-subj", "/O=\(cluster)/CN=\(kind)"]
    )
    try openSSL([
      "x509", "-req", "-in", request, "-CA", files.authority, "-CAkey", path("authority.key"),
      "-CAcreateserial", "-sha256", "-days", "\(days)", "-extfile", details, "-out",
      newCertificate,
    ])
    guard rename(newKey, files.key) == 0, rename(newCertificate, files.certificate) == 0 else {
      throw .folder(folder, "the new files could not take their names")
    }
    return files
  }

  private func makeAuthority() throws(AuthorityError) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    } catch {
      throw .folder(folder, error.localizedDescription)
    }
    if FileManager.default.fileExists(atPath: path("authority.key")) {
      // One that was made elsewhere says nothing here, and is taken at its owner's word.
      let owner = try? String(contentsOfFile: path("cluster"), encoding: .utf8)
      if let owner, owner != cluster.text { throw .otherCluster(folder, owner) }
      return
    }
    do {
      try cluster.text.write(toFile: path("cluster"), atomically: true, encoding: .utf8)
    } catch {
      throw .folder(folder, error.localizedDescription)
    }
    try openSSL(
      ["req", "-x509", "-new"] + Self.newKey(in: path("authority.key"))
        + [
          "-sha256", "-days", "3650", "-out", path("authority.pem"), "-subj",
          "/O=\(cluster)/CN=CORFU cluster \(cluster)", "-addext", "keyUsage=critical,keyCertSign",
        ]
    )
  }

  private static func newKey(in file: String) -> [String] {
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file]
  }

  private static func isNumber(_ host: String) -> Bool {
    host.contains(":") || host.utf8.allSatisfy { $0 == 0x2e || (0x30...0x39).contains($0) }
  }

  private func path(_ file: String) -> String { "\(folder)/\(file)" }

  private func openSSL(_ arguments: [String]) throws(AuthorityError) {
    let ending: SystemProgram.Ending
    do {
      ending = try SystemProgram.run(["openssl"] + arguments)
    } catch {
      throw .noOpenSSL(error.localizedDescription)
    }
    if ending.status == SystemProgram.missing { throw .noOpenSSL("there is no program 'openssl'") }
    guard ending.status == 0 else { throw .failed(ending.words) }
  }

  /// Whether the program is there.
  static var hasOpenSSL: Bool {
    // Where nothing can be run it is not there.
    (try? SystemProgram.run(["openssl", "version"]))?.status == 0
  }
}

/// Why there is no certificate.
public enum AuthorityError: Error, Hashable, Sendable {
  /// The name cannot be one.
  case name(String)
  /// A node's name is a number.
  case nodeName(String)
  /// A node's certificate names its machine.
  case noHost
  /// No machine is called that.
  case host(String)
  /// The folder cannot be written.
  case folder(String, String)
  /// The authority there is another cluster's.
  case otherCluster(String, String)
  /// The program is not there.
  case noOpenSSL(String)
  /// The program failed, and what it said.
  case failed(String)
}

extension AuthorityError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .name(let name): "'\(name)' cannot be a name: take a…z, 0…9 and -"
    case .nodeName(let name): "'\(name)' is no node: give its number"
    case .noHost: "--host says by which names or numbers others call the node's machine: give one"
    case .host(let host): "'\(host)' is no machine"
    case .folder(let path, let reason): "\(path): \(reason)"
    case .otherCluster(let path, let cluster):
      "\(path) has the authority of the cluster '\(cluster)': name another folder"
    case .noOpenSSL(let reason): "openssl cannot be run: \(reason); 'apt install openssl' brings it"
    case .failed(let words): "openssl: \(words)"
    }
  }
}
