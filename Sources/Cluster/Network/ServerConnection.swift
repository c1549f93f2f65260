internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// One connection of a node, from its greeting to its end: decodes all that came at once, answers
/// what it can on the spot, and has the rest answered by tasks.
///
/// While enough is under way, what came stays as it came, and no more is read.
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
    let tales: ServerTales
  }

  private let service: Service
  private var inbox: FrameInbox
  private var outbox: FrameOutbox?
  private var executor: LoopExecutor?
  private var peer: Peer?
  private var greeting: Scheduled<Void>?
  private let load: ConnectionLoad
  /// Questions that came together and read files.
  private var reads: [Asked] = []
  private var isOver = false
  private var isReading = true
  /// How many of its bytes are noted as held by the server.
  private var partialBytes = 0
  private var watch: TakingWatch

  /// A question, and its number.
  private struct Asked: Sendable {
    let request: Request
    let id: UInt64
    let bytes: Int
  }

  init(_ service: Service, _ load: ConnectionLoad) {
    self.service = service
    self.load = load
    watch = TakingWatch(patience: service.limits.unsentPatience)
    // Before its greeting nobody has anything long to say.
    inbox = FrameInbox(frameBytesMax: 1024)
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    let closing = Closing(of: channel, .deaf, "it asks, and does not read what it is told")
    executor = LoopExecutor(context.eventLoop)
    outbox = FrameOutbox(
      to: channel,
      service.limits,
      frameBytesMax: service.limits.clientFrameBytesMax,
      load: load,
      onFull: { [service] in service.tales.tell(closing) }
    )
    greeting = context.eventLoop.assumeIsolated().scheduleTask(
      in: TimeAmount(service.limits.greetingPatience)
    ) {
      self.end(context, .silent, because: "it did not greet in time")
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    isOver = true
    greeting?.cancel()
    outbox?.end()
    service.connections.partialBytes.wrappingSubtract(partialBytes, ordering: .relaxed)
    service.connections.remove(ObjectIdentifier(context.channel))
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    inbox.receive(unwrapInboundIn(data))
    takeFrames(context)
  }

  /// Takes what came, frame by frame, until no whole one is left or enough is under way.
  private func takeFrames(_ context: ChannelHandlerContext) {
    outbox?.hold()
    var isEnough = false
    do throws(FrameError) {
      while !isOver {
        isEnough = load.isPaused
        guard !isEnough, let frame = try inbox.next() else { break }
        try take(frame, context)
      }
      answerReads()
    } catch {
      // What was taken before is answered all the same, and so is no longer counted.
      answerReads()
      return end(context, ClosingReason(error), because: "\(error)")
    }
    inbox.letGo()
    setReading(!isEnough, context)
    if holdsTooMuch(isEnough: isEnough) {
      end(
        context,
        .tooLarge,
        because: "too much of what came has not all come: send messages whole, and a few "
          + "at a time"
      )
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    outbox?.flush()
    context.fireChannelReadComplete()
  }

  private func setReading(_ isReading: Bool, _ context: ChannelHandlerContext) {
    if isReading == self.isReading { return }
    self.isReading = isReading
    // A connection that is gone reads nothing more.
    try? context.channel.syncOptions?.setOption(.autoRead, value: isReading)
  }

  /// Notes how much has come and was not taken.
  ///
  /// - Parameter isEnough: Whether that is because enough is under way.
  /// - Returns: Whether the server holds too much of frames that have not all come, and this
  ///   connection a part worth closing it for.
  private func holdsTooMuch(isEnough: Bool) -> Bool {
    let count = inbox.byteCount
    let held = service.connections.partialBytes.wrappingAdd(
      count - partialBytes,
      ordering: .relaxed
    ).newValue
    partialBytes = count
    // Whole frames that wait for their turn are nobody's fault, and never many.
    return !isEnough && held > service.limits.partialBytesMax && count > Self.partOfNote
  }

  /// What every connection may hold.
  private static var partOfNote: Int { 256 << 10 }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is IdleStateHandler.IdleStateEvent: end(context)
    case let signal as ConnectionLoad.Signal: hear(signal, context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  private func hear(_ signal: ConnectionLoad.Signal, _ context: ChannelHandlerContext) {
    guard !isOver, let outbox else { return }
    switch signal {
    case .resumed:
      takeFrames(context)
      outbox.flush()
    case .ticked:
      let progress = outbox.tick()
      if isStuck(progress, context) {
        let words = "it has taken nothing of what it was told for too long"
        return end(context, .deaf, because: words)
      }
      // Nothing is taken, so a question whether anybody is there would not be either. No request
      // has this number: it is only a sign of life.
      if load.isPaused, load.count > 0, peer != nil { outbox.send([(0, .membership(nil))]) }
      load.look()
    }
  }

  /// Whether the peer has taken nothing for too long.
  private func isStuck(
    _ progress: FrameOutbox.Progress,
    _ context: ChannelHandlerContext
  ) -> Bool {
    // Of a connection that is gone there is nothing to see, nor to close.
    let left = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
    return watch.isStuck(
      takenBytes: progress.takenBytes,
      leftBytes: progress.isSending ? left : nil,
      at: .now
    )
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if Self.isDeparture(error) { return end(context) }
    end(context, .encryption, because: SystemWords.of(error))
  }

  /// Whether an error says no more than that the peer went away: one that dies, or whose machine
  /// does, ends its encryption no more than its connection.
  private static func isDeparture(_ error: any Error) -> Bool {
    error is ChannelError || error is IOError || error as? NIOSSLError == .uncleanShutdown
  }

  /// Ends the connection for a reason that somebody should know.
  private func end(
    _ context: ChannelHandlerContext,
    _ reason: ClosingReason,
    because words: String
  ) {
    // One that breaks off in the middle of its encryption has several errors.
    if !isOver { service.tales.tell(Closing(of: context.channel, reason, words)) }
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
    let identity = service.isEncrypted ? identity(of: context) : nil
    if let rejection = objection(to: hello, identity, context) {
      try outbox.send(Frame(.rejected(rejection)))
      return end(context, ClosingReason(rejection), because: "rejected: \(rejection)")
    }
    let peer = Peer(role: hello.role, node: hello.node, name: identity?.name)
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

  /// What the certificate says at the other end.
  private func identity(of context: ChannelHandlerContext) -> CertificateIdentity? {
    // Without a handler there is no certificate, and nobody is let in.
    let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
    return handler?.peerCertificate.flatMap { CertificateIdentity(of: $0) }
  }

  /// Why a hello is not taken; `nil` if it is.
  private func objection(
    to hello: Hello,
    _ identity: CertificateIdentity?,
    _ context: ChannelHandlerContext
  ) -> Rejection? {
    if let cluster = hello.cluster, cluster != service.cluster {
      return .otherCluster(service.cluster)
    }
    if service.isEncrypted {
      guard let identity, identity.cluster == service.cluster,
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
      return outbox.send([(id, .refused(.notAllowed))])
    }
    let handler = service.handler
    if let reply = handler.answerAtOnce(request, of: peer) { return outbox.send([(id, reply)]) }
    let bytes = inbox.frameBytes
    load.begin(bytes: bytes)
    let asked = Asked(request: request, id: id, bytes: bytes)
    switch request {
    case .read: reads.append(asked)
    // A write waits for the unit's thread and blocks no other: here nobody has to be woken for it,
    // nor for its reply.
    case .write: Self.answer([asked], of: peer, with: handler, on: executor, outbox, load)
    // What reads or syncs files by itself would hold up the connections.
    default: Self.answer([asked], of: peer, with: handler, on: nil, outbox, load)
    }
  }

  /// Answers what came together, by one task for many: what they ask for is in memory, mostly.
  private func answerReads() {
    guard let peer, let outbox else { return }
    while !reads.isEmpty {
      let some = Array(reads.prefix(Self.readsMax))
      reads.removeFirst(some.count)
      Self.answer(some, of: peer, with: service.handler, on: nil, outbox, load)
    }
  }

  private static func answer(
    _ questions: [Asked],
    of peer: Peer,
    with handler: any PeerRequestHandler,
    on executor: LoopExecutor?,
    _ outbox: FrameOutbox,
    _ load: ConnectionLoad
  ) {
    Task(executorPreference: executor) {
      var replies: [(id: UInt64, reply: Reply)] = []
      var payloadBytes = 0
      for asked in questions {
        // Many may wait that were sent together: nobody is left who wants to know.
        if outbox.isOver { break }
        // Who does not take what it asked for is not read for any more.
        if Self.mayBeLarge(asked.request), !outbox.hasRoom {
          if !replies.isEmpty { outbox.send(replies) }
          (replies, payloadBytes) = ([], 0)
          if await !outbox.waitForRoom() { break }
        }
        let reply = await handler.handle(asked.request, of: peer)
        payloadBytes += reply.payloadBytes
        replies.append((asked.id, reply))
        // What is large does not wait for company.
        if case .read(let read) = asked.request, read.positions.count < Self.manyPositions,
          payloadBytes < Self.payloadBytesMax
        {
          continue
        }
        outbox.send(replies)
        (replies, payloadBytes) = ([], 0)
      }
      if !replies.isEmpty { outbox.send(replies) }
      load.end(questions.count, bytes: questions.reduce(0) { $0 + $1.bytes })
    }
  }

  /// Whether what is answered may be large, however short the question is.
  private static func mayBeLarge(_ request: Request) -> Bool {
    switch request {
    case .read, .layouts, .trims, .unitStreams, .poll: true
    default: false
    }
  }

  /// How many questions that read files one task answers, one after the other.
  private static var readsMax: Int { 16 }
  /// So many positions make a reply that is sent by itself.
  private static var manyPositions: Int { 16 }
  /// So many bytes of payloads are sent by themselves.
  private static var payloadBytesMax: Int { 64 << 10 }
}

extension Reply {
  /// How many bytes of entries are in it.
  fileprivate var payloadBytes: Int {
    guard case .slots(let slots) = self else { return 0 }
    return slots.reduce(0) { sum, slot in
      if case .success(.data(let entry)) = slot { sum + entry.payload.count } else { sum }
    }
  }
}

extension TimeAmount {
  /// As long as a duration.
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
