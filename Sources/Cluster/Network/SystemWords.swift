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
    case let error as NIOSSLError:
      if case .handshakeFailed(let reason) = error { return "no encryption: \(reason)" }
      return "\(error)"
    default: return "\(error)"
    }
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
