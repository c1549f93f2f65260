internal import NIOCore
internal import NIOPosix

/// How long the system itself waits for a peer, beside what connections do that look after theirs:
/// one that vanished without a word would be kept for hours otherwise.
enum SocketPatience {
  /// An option of a connection.
  typealias Option = (name: ChannelOptions.Types.SocketOption, value: SocketOptionValue)

  /// Options for connections, at both ends.
  static func options(_ limits: NetworkLimits) -> [Option] {
    let everywhere: [Option] = [(name: .socketOption(.so_keepalive), value: 1)]
    #if os(Linux)
    let milliseconds = Int(unansweredMax(limits) / .milliseconds(1))
    let here: [Option] = [
      // Where nothing is on its way the peer is asked now and then whether it is there.
      (name: .tcpOption(keepIdle), value: 15),
      (name: .tcpOption(keepInterval), value: 5),
      // Where something is, it may go unanswered for so long.
      (name: .tcpOption(userTimeout), value: SocketOptionValue(clamping: milliseconds)),
    ]
    return everywhere + here
    #else
    return everywhere
    #endif
  }

  /// How long what was sent may go unanswered, or wait for a peer that has no room.
  ///
  /// A moment longer than a node waits by itself, which says why it closes a connection.
  static func unansweredMax(_ limits: NetworkLimits) -> Duration {
    limits.unsentPatience + .seconds(5)
  }

  #if os(Linux)
  // Linux's own numbers, the same on all processors.
  static let keepIdle = NIOBSDSocket.Option(rawValue: 4)
  static let keepInterval = NIOBSDSocket.Option(rawValue: 5)
  static let userTimeout = NIOBSDSocket.Option(rawValue: 18)
  #endif
}

extension ClientBootstrap {
  /// Has the system give up peers that are gone.
  func givingUpPeers(_ limits: NetworkLimits) -> ClientBootstrap {
    SocketPatience.options(limits).reduce(self) { $0.channelOption($1.name, value: $1.value) }
  }
}

extension ServerBootstrap {
  /// Has the system give up peers that are gone.
  func givingUpPeers(_ limits: NetworkLimits) -> ServerBootstrap {
    SocketPatience.options(limits).reduce(self) { $0.childChannelOption($1.name, value: $1.value) }
  }
}
