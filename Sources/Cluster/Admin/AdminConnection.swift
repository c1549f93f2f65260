internal import NIOCore
internal import NIOHTTP1

/// One connection of the admin server: takes a request, answers it, and takes the next.
///
/// Lives on the connection's event loop. The handler before it lets one request in at a time.
final class AdminConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let source: any AdminSource
  private let limits: AdminLimits
  private var head: HTTPRequestHead?
  private var bodyBytes = 0
  private var deadline: Scheduled<Void>?
  private var isOver = false

  init(_ source: any AdminSource, _ limits: AdminLimits) {
    self.source = source
    self.limits = limits
  }

  func channelActive(context: ChannelHandlerContext) {
    beginPatience(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    isOver = true
    deadline?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isOver { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      bodyBytes = 0
    case .body(let bytes):
      bodyBytes += bytes.readableBytes
      guard bodyBytes > limits.bodyBytesMax, var head else { return }
      head.headers.replaceOrAdd(name: "connection", value: "close")
      send(.tooLarge, to: head, context)
      isOver = true
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What was no HTTP has been answered already, with 400.
    isOver = true
    context.close(promise: nil)
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard head.method == .GET else { return send(.methodUnknown, to: head, context) }
    let path = head.uri.split(separator: "?", omittingEmptySubsequences: false).first ?? ""
    let (loop, source) = (context.eventLoop, source)
    let place = NIOLoopBound((self, context), eventLoop: loop)
    let name = String(path)
    Task {
      let answer = await AdminAnswer(to: name, of: source)
      loop.execute {
        let (connection, context) = place.value
        connection.send(answer, to: head, context)
      }
    }
  }

  private func send(
    _ answer: AdminAnswer,
    to request: HTTPRequestHead,
    _ context: ChannelHandlerContext
  ) {
    if isOver { return }
    let isKept = request.isKeepAlive
    var head = HTTPResponseHead(version: request.version, status: answer.status)
    head.headers.add(name: "content-type", value: answer.contentType)
    head.headers.add(name: "content-length", value: "\(answer.body.utf8.count)")
    if answer.status == .methodNotAllowed { head.headers.add(name: "allow", value: "GET") }
    if !isKept {
      head.headers.add(name: "connection", value: "close")
    } else if request.version.minor == 0 {
      head.headers.add(name: "connection", value: "keep-alive")
    }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    // An answer to HEAD has the head alone.
    if request.method != .HEAD {
      let body = context.channel.allocator.buffer(string: answer.body)
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    let place = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.whenComplete { result in
      let (connection, context) = place.value
      switch result {
      case .success where isKept: connection.beginPatience(context)
      case .success, .failure: context.close(promise: nil)
      }
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
  }

  /// From here on the next request is waited for, and the answer to it.
  private func beginPatience(_ context: ChannelHandlerContext) {
    deadline?.cancel()
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: TimeAmount(limits.patience)) {
      channel.close(promise: nil)
    }
  }
}

/// What is said to whoever asks.
struct AdminAnswer: Sendable {
  var status: HTTPResponseStatus
  var contentType = "text/plain; charset=utf-8"
  var body: String

  static let tooLarge = AdminAnswer(status: .payloadTooLarge, body: "nothing here takes a body\n")
  static let methodUnknown = AdminAnswer(
    status: .methodNotAllowed,
    body: "everything here is asked for with GET\n"
  )

  private init(status: HTTPResponseStatus, body: String) {
    self.status = status
    self.body = body
  }

  /// The answer to a path.
  init(to path: String, of source: any AdminSource) async {
    switch path {
    case "/health": self.init(objection: await source.ailment(), remark: await source.remark())
    case "/ready": self.init(objection: await source.unreadiness(), remark: await source.remark())
    case "/metrics":
      self.init(status: .ok, body: await source.metrics())
      contentType = PrometheusText.contentType
    default: self.init(status: .notFound, body: "there are /health, /ready and /metrics\n")
    }
  }

  private init(objection: String?, remark: String?) {
    if let objection {
      self.init(status: .serviceUnavailable, body: objection + "\n")
    } else {
      self.init(status: .ok, body: remark.map { "ok; \($0)\n" } ?? "ok\n")
    }
  }
}
