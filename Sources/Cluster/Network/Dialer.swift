internal import CorfuProtocol
internal import CorfuStripeMirror
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Makes connections to nodes, and greets.
enum Dialer {
  /// Connects, greets, and goes on with a connection that is welcome.
  ///
  /// - Parameters:
  ///   - address: Where to.
  ///   - setting: Who calls, and how.
  ///   - node: Who should be there; `nil` for whoever is.
  ///   - heard: Counts what comes.
  ///   - loop: The event loop to live on.
  ///   - onOpen: Hears that it is open, once, before anything else comes.
  ///   - onReply: Hears replies.
  ///   - onEnd: Hears that it is over, once, and why.
  static func dial(
    _ address: NodeAddress,
    _ setting: NodeLink.Setting,
    expecting node: NodeID?,
    hearing heard: HeardBytes = HeardBytes(),
    on loop: any EventLoop,
    onOpen: @escaping @Sendable (any Channel, FrameOutbox, Welcome) -> Void,
    onReply: @escaping @Sendable (Reply, UInt64) -> Void,
    onEnd: @escaping @Sendable (String) -> Void
  ) {
    let limits = setting.limits
    ClientBootstrap(group: loop)
      .givingUpPeers(limits)
      .connectTimeout(TimeAmount(limits.connectPatience))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.maxMessagesPerRead, value: 4)
      .channelOption(.recvAllocator, value: limits.receiving)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if case .mutual(let credentials) = setting.security {
            try pipeline.addHandler(tlsHandler(to: address, credentials))
          }
          try pipeline.addHandler(
            ClientConnection(
              setting,
              expecting: node,
              hearing: heard,
              onOpen: onOpen,
              onReply: onReply,
              onEnd: onEnd
            )
          )
        }
      }
      .connect(host: address.host, port: Int(address.port))
      .whenFailure { onEnd(SystemWords.of($0)) }
  }

  /// Closes a connection, with all that the system has not sent yet: once the network is whole
  /// again none of it may arrive behind what was asked on another connection since.
  static func drop(_ channel: any Channel) {
    channel.eventLoop.execute {
      // Where it cannot be set the connection is gone, and has nothing to send.
      _ = (channel as? any SocketOptionProvider)?.setSoLinger(lingerNot)
      let pipeline = channel.pipeline.syncOperations
      // Encryption says goodbye first, and waits for an answer: it is passed by.
      if let below = try? pipeline.context(handlerType: NIOSSLClientHandler.self) {
        below.close(promise: nil)
      } else {
        channel.close(promise: nil)
      }
    }
  }

  private static var lingerNot: linger {
    var none = linger()
    none.l_onoff = 1
    return none
  }

  private static func tlsHandler(
    to address: NodeAddress,
    _ credentials: Credentials
  ) throws -> NIOSSLClientHandler {
    let isNumber = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil  // Else a name.
    return try NIOSSLClientHandler(
      context: credentials.clientContext,
      // An address has no name to ask for; it is compared with the certificate all the same.
      serverHostname: isNumber ? nil : address.host
    )
  }
}

extension PeerRole {
  fileprivate var words: String {
    switch self {
    case .client: "a client of this cluster"
    case .node: "this node of the cluster"
    case .operator: "an operator of this cluster"
    }
  }
}

/// One connection of a program to a node, from its greeting to its end.
final class ClientConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let setting: NodeLink.Setting
  private let expected: NodeID?
  private let heard: HeardBytes
  private let onOpen: @Sendable (any Channel, FrameOutbox, Welcome) -> Void
  private let onReply: @Sendable (Reply, UInt64) -> Void
  private let onEnd: @Sendable (String) -> Void
  private var inbox: FrameInbox
  private var outbox: FrameOutbox?
  private var greeting: Scheduled<Void>?
  private var wasActive = false
  private var isWelcome = false
  private var isOver = false
  private var reason = "the other side closed the connection"

  init(
    _ setting: NodeLink.Setting,
    expecting expected: NodeID?,
    hearing heard: HeardBytes,
    onOpen: @escaping @Sendable (any Channel, FrameOutbox, Welcome) -> Void,
    onReply: @escaping @Sendable (Reply, UInt64) -> Void,
    onEnd: @escaping @Sendable (String) -> Void
  ) {
    self.setting = setting
    self.expected = expected
    self.heard = heard
    self.onOpen = onOpen
    self.onReply = onReply
    self.onEnd = onEnd
    inbox = FrameInbox(frameBytesMax: 1024)
  }

  func channelActive(context: ChannelHandlerContext) {
    wasActive = true
    let limits = setting.limits
    let channel = context.channel
    let outbox = FrameOutbox(to: channel, limits, frameBytesMax: limits.clientFrameBytesMax)
    self.outbox = outbox
    greeting = context.eventLoop.assumeIsolated().scheduleTask(
      in: TimeAmount(limits.greetingPatience)
    ) {
      self.reason = "no welcome in time"
      channel.close(promise: nil)
    }
    // A greeting fits into any frame.
    try? outbox.send(Frame(.hello(setting.hello)))
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { finish() }

  private func finish() {
    // Of one that never came about its maker tells.
    if isOver || !wasActive { return }
    isOver = true
    greeting?.cancel()
    onEnd(reason)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    reason = SystemWords.of(error)
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    heard.add(bytes.readableBytes)
    inbox.receive(bytes)
    do throws(FrameError) {
      while !isOver, let frame = try inbox.next() { try take(frame, context) }
    } catch {
      reason = "\(error)"
      if case .open = setting.security, !isWelcome, error == .notCorfu {
        reason += "; if the cluster has certificates, this program needs one as well"
      }
      context.close(promise: nil)
    }
  }

  private func take(_ frame: Frame, _ context: ChannelHandlerContext) throws(FrameError) {
    switch frame.message {
    case .reply(let reply) where isWelcome: onReply(reply, frame.id)
    case .welcome(let welcome) where !isWelcome:
      greeting?.cancel()
      if let objection = objection(to: welcome, context) {
        reason = objection
        return context.close(promise: nil)
      }
      isWelcome = true
      // What a node takes from this program, it sends to it as well.
      let bytesMax = Int(welcome.frameBytesMax)
      inbox.limit(frameBytesMax: bytesMax)
      outbox?.limit(frameBytesMax: bytesMax)
      if let outbox { onOpen(context.channel, outbox, welcome) }
    case .rejected(let rejection) where !isWelcome:
      let isRole = rejection == .notAllowed
      reason = isRole ? "the certificate is none of \(setting.hello.role.words)" : "\(rejection)"
      context.close(promise: nil)
    default: throw .malformed
    }
  }

  /// Why it is not the node that is meant; `nil` if it is.
  private func objection(to welcome: Welcome, _ context: ChannelHandlerContext) -> String? {
    if let expected, welcome.node != expected {
      return "\(welcome.node) is there, and not \(expected)"
    }
    if let cluster = setting.hello.cluster, welcome.cluster != cluster {
      return "a node of the cluster '\(welcome.cluster)' is there"
    }
    guard case .mutual = setting.security else { return nil }
    // Without a handler there is no certificate, and nobody is believed.
    let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
    guard let certificate = handler?.peerCertificate,
      let identity = CertificateIdentity(of: certificate), identity.role == .node,
      identity.cluster == welcome.cluster, identity.node == welcome.node
    else { return "its certificate is not that of \(welcome.node) of '\(welcome.cluster)'" }
    return nil
  }
}
