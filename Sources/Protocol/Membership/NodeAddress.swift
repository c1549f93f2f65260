/// Where a node listens: a name or number of a machine, and a port.
public struct NodeAddress: Hashable, Sendable {
  /// The machine: a name, or an IPv4 or IPv6 address without brackets.
  public let host: String
  /// The port.
  public let port: UInt16

  /// An address; `nil` if the host cannot be one: 1 to 255 visible ASCII characters.
  public init?(host: String, port: UInt16) {
    let isVisible = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ",") }
    let hasBrackets = host.contains("[") || host.contains("]")
    guard isVisible, !hasBrackets, (1...255).contains(host.utf8.count) else { return nil }
    self.host = host
    self.port = port
  }

  /// Whether only programs of the same machine can reach it.
  public var isLoopback: Bool {
    host == "localhost" || host == "::1" || (host.hasPrefix("127.") && isDotted)
  }

  private var isDotted: Bool { host.utf8.allSatisfy { $0 == 0x2e || (0x30...0x39).contains($0) } }
}

extension NodeAddress: LosslessStringConvertible {
  /// Reads `HOST:PORT` or `[HOST]:PORT`.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    var host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else {
      return nil
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    self.init(host: String(host), port: port)
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension NodeAddress {
  /// Reads addresses with commas between them: those of nodes that somebody is to connect to.
  ///
  /// - Parameter text: One address at least, each with a port that is not zero.
  /// - Returns: The addresses, in order.
  /// - Throws: ``NotAnAddress``, for the first that is none.
  public static func list(_ text: String) throws(NotAnAddress) -> [NodeAddress] {
    var addresses: [NodeAddress] = []
    for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let address = NodeAddress(String(piece)), address.port > 0 else {
        throw NotAnAddress(text: String(piece))
      }
      addresses.append(address)
    }
    return addresses
  }
}

/// What stands where an address should.
public struct NotAnAddress: Error, Hashable, Sendable {
  /// The text.
  public let text: String
}
