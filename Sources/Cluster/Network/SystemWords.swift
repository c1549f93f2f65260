#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Errors of the network, in words.
enum SystemWords {
  static func of(_ error: any Error) -> String {
    switch error {
    case let error as IOError: return text(of: error.errnoCode)
    case let error as NIOConnectionError:
      if let first = error.connectionErrors.first { return of(first.error) }
      if error.dnsAError != nil || error.dnsAAAAError != nil {
        return "there is no machine '\(error.host)'"
      }
      return "no connection"
    case ChannelError.connectTimeout: return "no answer in time"
    case is NIOSSLExtraError: return "its certificate does not name this address"
    case let error as NIOSSLError: return encryption("\(error)")
    case let error as BoringSSLError: return encryption("\(error)")
    default: return "\(error)"
    }
  }

  /// What the library says of encryption names its own files: here is what it means.
  private static func encryption(_ words: String) -> String {
    if words.contains("CERTIFICATE_VERIFY_FAILED") || words.contains("unableToValidate") {
      return "its certificate is not signed by the authority that is known here, or has ended"
    }
    if words.contains("alert") || words.contains("ALERT") || words.contains("PEER_DID_NOT_RETURN") {
      return "the other side does not take the certificate"
    }
    if words.contains("uncleanShutdown") { return "the other side closed the connection" }
    if words.contains("EOF") || words.contains("eof") {
      return "the other side ended the greeting: it may have no certificates, or not take this one"
    }
    return "there is no encryption with the other side"
  }

  private static func text(of code: CInt) -> String {
    switch code {
    case EADDRINUSE: "another program listens there"
    case EADDRNOTAVAIL: "this machine does not have that address"
    case EACCES: "ports below 1024 are for the system"
    case ECONNREFUSED: "nobody listens there"
    case ECONNRESET: "the other side closed the connection"
    case EHOSTUNREACH, ENETUNREACH: "there is no way there"
    case ETIMEDOUT: "no answer in time"
    case EMFILE, ENFILE: "too many open files: 'ulimit -n' tells how many are allowed"
    default: String(cString: strerror(code))
    }
  }
}
