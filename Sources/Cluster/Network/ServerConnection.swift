internal import CorfuProtocol
internal import CorfuStripeMirror
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// One connection of a node, from its greeting to its end: decodes all that came at once, answers
/// what it can on the spot, and has the rest answered by tasks.
///
/// Lives on the connection's event loop; only what its tasks need is shared.
final class ServerConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// What all connections of a server share.
  struct Service: Sendable {
    let node: NodeID
    let cluster: ClusterName
    let handler: any PeerRequestHandler
    let limits: NetworkLimits
    let isEncrypted: Bool
    let connections: ServerConnections
    let onEvent: @Sendable (ServerEvent) -> Void
  }

  private let service: Service
  private var inbox: FrameInbox
  private var outbox: FrameOutbox?
  private var peer: Peer?
  private var greeting: Scheduled<Void>?
  private let load: ConnectionLoad
  private var isOver = false

  init(_ service: Service, _ load: ConnectionLoad) {
    self.service = service
    self.load = load
    // Before its greeting nobody has anything long to say.
    inbox = FrameInbox(frameBytesMax: 1024)
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    outbox = FrameOutbox(
      to: channel,
      service.limits,
      frameBytesMax: service.limits.clientFrameBytesMax
    )
    greeting = context.eventLoop.scheduleTask(in: TimeAmount(service.limits.greetingPatience)) {
      channel.close(promise: nil)
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    isOver = true
    greeting?.cancel()
    service.connections.remove(ObjectIdentifier(context.channel))
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    inbox.receive(unwrapInboundIn(data))
    do throws(FrameError) {
      while !isOver, let frame = try inbox.next() { try take(frame, context) }
    } catch {
      service.onEvent(.closed(context.remoteAddress?.description ?? "somebody", "\(error)"))
      end(context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { return end(context) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if !(error is ChannelError), !(error is IOError) {
      let words = SystemWords.of(error)
      service.onEvent(.closed(context.remoteAddress?.description ?? "somebody", words))
    }
    end(context)
  }

  private func end(_ context: ChannelHandlerContext) {
    isOver = true
    outbox?.flush()
    context.close(promise: nil)
  }

  // MARK: - Frames

  private func take(_ frame: Frame, _ context: ChannelHandlerContext) throws(FrameError) {
    switch frame.message {
    case .hello(let hello) where peer == nil: try greet(hello, context)
    case .request(let request):
      guard let peer, let outbox else { throw .malformed }
      answer(request, frame.id, of: peer, outbox, load)
    default: throw .malformed
    }
  }

  private func greet(_ hello: Hello, _ context: ChannelHandlerContext) throws(FrameError) {
    guard let outbox else { return }
    greeting?.cancel()
    if let rejection = objection(to: hello, context) {
      try outbox.send(Frame(.rejected(rejection)))
      service.onEvent(
        .closed(context.remoteAddress?.description ?? "somebody", "rejected: \(rejection)")
      )
      return end(context)
    }
    let peer = Peer(role: hello.role, node: hello.node)
    self.peer = peer
    let limits = service.limits
    let isClient = peer.role == .client
    let bytesMax = isClient ? limits.clientFrameBytesMax : limits.nodeFrameBytesMax
    inbox.limit(frameBytesMax: bytesMax)
    outbox.limit(frameBytesMax: bytesMax)
    try outbox.send(
      Frame(
        .welcome(
          Welcome(
            cluster: service.cluster,
            node: service.node,
            frameBytesMax: UInt32(clamping: bytesMax),
            requestsMax: UInt32(clamping: limits.requestsMax)
          )
        )
      )
    )
  }

  /// Why a hello is not taken; `nil` if it is.
  private func objection(to hello: Hello, _ context: ChannelHandlerContext) -> Rejection? {
    if let cluster = hello.cluster, cluster != service.cluster {
      return .otherCluster(service.cluster)
    }
    if service.isEncrypted {
      // Without a handler there is no certificate, and nobody is let in.
      let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
      guard let certificate = handler?.peerCertificate,
        let identity = CertificateIdentity(of: certificate),
        identity.cluster == service.cluster,
        identity.role == hello.role || (identity.role == .operator && hello.role == .client),
        identity.node == hello.node
      else { return .notAllowed }
    }
    return service.connections.admit(ObjectIdentifier(context.channel))
  }

  private func answer(
    _ request: Request,
    _ id: UInt64,
    of peer: Peer,
    _ outbox: FrameOutbox,
    _ load: ConnectionLoad
  ) {
    guard Permissions.allows(request, to: peer.role) else {
      return Self.send(.refused(.notAllowed), id, outbox)
    }
    let handler = service.handler
    if let reply = handler.answerAtOnce(request, of: peer) { return Self.send(reply, id, outbox) }
    load.begin()
    Self.handle(request, id, of: peer, with: handler, outbox, load)
  }

  private static func handle(
    _ request: Request,
    _ id: UInt64,
    of peer: Peer,
    with handler: any PeerRequestHandler,
    _ outbox: FrameOutbox,
    _ load: ConnectionLoad
  ) {
    Task {
      let reply = await handler.handle(request, of: peer)
      send(reply, id, outbox)
      load.end()
    }
  }

  private static func send(_ reply: Reply, _ id: UInt64, _ outbox: FrameOutbox) {
    do {
      try outbox.send(Frame(id: id, .reply(reply)))
    } catch {
      // A refusal fits into any frame.
      try? outbox.send(Frame(id: id, .reply(.refused(.tooLarge))))
    }
  }
}

/// What a server tells of its connections.
public enum ServerEvent: Hashable, Sendable {
  /// A connection was closed for a reason that somebody should know.
  case closed(String, String)
}

/// How many requests of a connection are worked on: above the limit no more are read.
final class ConnectionLoad: Sendable {
  private let channel: any Channel
  private let requestsMax: Int
  private let state = Mutex((count: 0, isPaused: false, isStopped: false))

  init(of channel: any Channel, requestsMax: Int) {
    self.channel = channel
    self.requestsMax = requestsMax
  }

  /// How many there are.
  var count: Int { state.withLock { $0.count } }

  /// Reads no more, for good.
  func stop() {
    state.withLock { ($0.isPaused, $0.isStopped) = (true, true) }
    setReading(false)
  }

  func begin() {
    let mustPause = state.withLock { state in
      state.count += 1
      if state.count < requestsMax || state.isPaused { return false }
      state.isPaused = true
      return true
    }
    if mustPause { setReading(false) }
  }

  func end() {
    let mustResume = state.withLock { state in
      state.count -= 1
      if !state.isPaused || state.isStopped || state.count > requestsMax / 2 { return false }
      state.isPaused = false
      return true
    }
    if mustResume { setReading(true) }
  }

  private func setReading(_ isReading: Bool) {
    channel.eventLoop.execute {
      // By now it may be the other way round.
      let isPaused = self.state.withLock { $0.isPaused }
      if isPaused == isReading { return }
      // A connection that is gone reads nothing more.
      try? self.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }
  }
}

/// A connection of a server, from outside.
struct ServerLine: Sendable {
  let channel: any Channel
  let load: ConnectionLoad
}

/// The connections of a server.
final class ServerConnections: Sendable {
  private let connectionsMax: Int
  private let state = Mutex(State())

  private struct State {
    var greeted: Set<ObjectIdentifier> = []
    var open: [ObjectIdentifier: ServerLine] = [:]
    var isDraining = false
  }

  init(connectionsMax: Int) {
    self.connectionsMax = connectionsMax
  }

  /// Notes a connection; `false` if there are too many that have not even greeted.
  func add(_ channel: any Channel, _ load: ConnectionLoad) -> Bool {
    state.withLock { state in
      if state.isDraining || state.open.count >= connectionsMax + Self.strangersMax {
        return false
      }
      state.open[ObjectIdentifier(channel)] = ServerLine(channel: channel, load: load)
      return true
    }
  }

  func remove(_ id: ObjectIdentifier) {
    state.withLock { state in
      state.open[id] = nil
      state.greeted.remove(id)
    }
  }

  /// Why one more is not served; `nil` if it is.
  func admit(_ id: ObjectIdentifier) -> Rejection? {
    state.withLock { state in
      if state.isDraining { return .ending }
      if state.greeted.count >= connectionsMax { return .tooManyConnections }
      state.greeted.insert(id)
      return nil
    }
  }

  /// How many there are.
  var count: Int { state.withLock { $0.greeted.count } }

  /// How many requests of theirs are worked on.
  var requestCount: Int { state.withLock { $0.open.values.reduce(0) { $0 + $1.load.count } } }

  /// Takes no more.
  ///
  /// - Returns: Those that there are.
  func drain() -> [ServerLine] {
    state.withLock { state in
      state.isDraining = true
      return Array(state.open.values)
    }
  }

  /// How many may be open that have not greeted.
  private static var strangersMax: Int { 256 }
}

extension TimeAmount {
  /// As long as a duration.
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
