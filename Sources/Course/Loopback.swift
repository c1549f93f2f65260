#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The network of this one machine, on which a cluster of processes talks.
///
/// The course names no port: the system hands out free ones.
enum Loopback {
  /// Whether a process can listen there, and another one reach it.
  static func diagnosis() -> Diagnosis {
    let topic = "ports"
    guard let error = trial() else {
      return Diagnosis(verdict: .good, topic: topic, finding: "free ones on 127.0.0.1")
    }
    return Diagnosis(
      verdict: .bad,
      topic: topic,
      finding: "none to be had on 127.0.0.1: " + String(cString: strerror(error)),
      advice: "chapter 8 needs them: does a sandbox or a firewall keep programs from listening?"
    )
  }

  /// Listens, and calls itself up; the system's error number if that fails.
  private static func trial() -> Int32? {
    #if canImport(Darwin)
    let kind = SOCK_STREAM
    #elseif canImport(Musl)
    let kind = SOCK_STREAM
    #else
    let kind = Int32(SOCK_STREAM.rawValue)
    #endif
    let server = socket(AF_INET, kind, 0)
    guard server >= 0 else { return errno }
    defer { close(server) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    guard with(&address, { bind(server, $0, $1) }) == 0, listen(server, 1) == 0 else {
      return errno
    }
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    guard with(&address, { place, _ in getsockname(server, place, &size) }) == 0 else {
      return errno
    }
    let client = socket(AF_INET, kind, 0)
    guard client >= 0 else { return errno }
    defer { close(client) }
    return with(&address) { connect(client, $0, $1) } == 0 ? nil : errno
  }

  private static func with(
    _ address: inout sockaddr_in,
    _ call: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, size) }
    }
  }
}
