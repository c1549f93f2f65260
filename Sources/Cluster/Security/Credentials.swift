internal import Foundation
internal import NIOSSL
internal import Synchronization

/// The certificate of a program, its key and its authority, as files: read at the start, and again
/// when they change, without a restart.
public final class Credentials: Sendable {
  /// Where the files are.
  public struct Files: Hashable, Sendable {
    /// The program's certificate, PEM, with those between it and the authority's behind it.
    public var certificate: String
    /// Its key, PEM; nobody else may read the file.
    public var key: String
    /// The authority's certificate, PEM.
    public var authority: String

    /// Three files.
    public init(certificate: String, key: String, authority: String) {
      self.certificate = certificate
      self.key = key
      self.authority = authority
    }
  }

  private struct State: Sendable {
    var server: NIOSSLContext
    var client: NIOSSLContext
    var stamps: [FileStamp]
    var expiry: Double
  }

  /// What tells that a file has changed.
  private struct FileStamp: Equatable, Sendable {
    let modified: Date?
    let bytes: Int
  }

  /// Where the files are.
  public let files: Files
  private let state: Mutex<State>

  /// Reads the files.
  ///
  /// - Throws: ``CredentialsError``, in words that say which file, and what to do.
  public init(reading files: Files) throws(CredentialsError) {
    self.files = files
    state = Mutex(try Self.read(files))
  }

  /// Reads the files again, if one of them has changed.
  ///
  /// - Returns: Whether there are new ones: connections made from now on use them.
  /// - Throws: ``CredentialsError``; the old ones are used on.
  public func reload() throws(CredentialsError) -> Bool {
    let stamps = Self.stamps(of: files)
    if stamps == state.withLock({ $0.stamps }) { return false }
    let new = try Self.read(files)
    state.withLock { $0 = new }
    return true
  }

  /// When the first of the certificates ends, in seconds since 1970.
  public var expiry: Double { state.withLock { $0.expiry } }

  var serverContext: NIOSSLContext { state.withLock { $0.server } }
  var clientContext: NIOSSLContext { state.withLock { $0.client } }

  private static func stamps(of files: Files) -> [FileStamp] {
    [files.certificate, files.key, files.authority].map { path in
      // A file that is gone is told when it is read.
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      return FileStamp(
        modified: attributes?[.modificationDate] as? Date,
        bytes: attributes?[.size] as? Int ?? -1
      )
    }
  }

  private static func read(_ files: Files) throws(CredentialsError) -> State {
    try checkMode(of: files.key)
    let stamps = stamps(of: files)
    let chain = try read(files.certificate, "certificate") {
      try NIOSSLCertificate.fromPEMFile($0)
    }
    guard let leaf = chain.first else { throw .unreadable(files.certificate, "it is empty") }
    guard CertificateIdentity(of: leaf) != nil else { throw .nameless(files.certificate) }
    let key = try read(files.key, "key") { try NIOSSLPrivateKey(file: $0, format: .pem) }
    let roots = try read(files.authority, "authority") { try NIOSSLCertificate.fromPEMFile($0) }
    var server = TLSConfiguration.makeServerConfigurationWithMTLS(
      certificateChain: chain.map { .certificate($0) },
      privateKey: .privateKey(key),
      trustRoots: .certificates(roots)
    )
    server.minimumTLSVersion = .tlsv13
    var client = TLSConfiguration.makeClientConfiguration()
    client.minimumTLSVersion = .tlsv13
    client.trustRoots = .certificates(roots)
    client.certificateChain = chain.map { .certificate($0) }
    client.privateKey = .privateKey(key)
    do {
      return State(
        server: try NIOSSLContext(configuration: server),
        client: try NIOSSLContext(configuration: client),
        stamps: stamps,
        expiry: Double((chain + roots).map(\.notValidAfter).min() ?? 0)
      )
    } catch {
      throw .mismatch(files.certificate, files.key)
    }
  }

  private static func read<Value>(
    _ path: String,
    _ what: String,
    _ body: (String) throws -> Value
  ) throws(CredentialsError) -> Value {
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw .unreadable(path, "there is no such file that this program may read")
    }
    do {
      return try body(path)
    } catch {
      throw .unreadable(path, "it is no \(what) in PEM")
    }
  }

  /// A key that others may read is no secret.
  private static func checkMode(of path: String) throws(CredentialsError) {
    // One that is not there is told when it is read.
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let mode = attributes?[.posixPermissions] as? Int else { return }
    // A key that the system's own user has put there may be read by the program's group: so secrets
    // are given to containers.
    let isRoots = attributes?[.ownerAccountID] as? Int == 0
    if mode & (isRoots ? 0o037 : 0o077) != 0 { throw .exposed(path) }
  }
}

/// Why certificates cannot be used.
public enum CredentialsError: Error, Hashable, Sendable {
  /// A file cannot be read, and why.
  case unreadable(String, String)
  /// Others may read the key.
  case exposed(String)
  /// The certificate does not say whose it is.
  case nameless(String)
  /// The key is not the certificate's.
  case mismatch(String, String)
}

extension CredentialsError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .exposed(let path): "\(path): others may read this key; 'chmod 600 \(path)' closes it"
    case .nameless(let path):
      "\(path): the certificate names no role; 'corfu cluster certificate' makes one that does"
    case .mismatch(let certificate, let key):
      "\(key) is not the key of the certificate \(certificate)"
    }
  }
}
