import Foundation
import NIOCore
import NIOPosix
import Testing

/// A connection that sends what it is told, byte by byte, and keeps what comes back.
final class RawHTTP {
  private let channel: any Channel
  private let heard: EventLoopFuture<String>

  /// Connects to a port of this machine.
  init(port: UInt16) async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: String.self)
    heard = promise.futureResult
    do {
      channel = try await ClientBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(Ear(promise))
          }
        }
        .connect(host: "127.0.0.1", port: Int(port)).get()
    } catch {
      promise.fail(error)
      throw error
    }
  }

  func send(_ text: String) async throws {
    try await channel.writeAndFlush(channel.allocator.buffer(string: text)).get()
  }

  /// All that came until the other side closed the connection.
  func rest() async throws -> String { try await heard.get() }

  func close() async {
    // It may be closed already.
    try? await channel.close()
  }

  /// What is answered to some bytes, until the other side closes the connection.
  static func exchange(_ text: String, port: UInt16) async throws -> String {
    let connection = try await RawHTTP(port: port)
    // Whoever is refused may hear of it while it still speaks.
    try? await connection.send(text)
    return try await connection.rest()
  }

  /// What is answered to a question, as `200 ok`: the status, and the body.
  static func get(_ path: String, port: UInt16) async throws -> String {
    let text = try await exchange(
      "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      port: port
    )
    let status = try #require(text.split(separator: " ").dropFirst().first)
    let body = try #require(text.range(of: "\r\n\r\n"))
    return "\(status) \(text[body.upperBound...])"
  }
}

/// Keeps what comes until the end.
private final class Ear: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let promise: EventLoopPromise<String>
  private var text = ""

  init(_ promise: EventLoopPromise<String>) {
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    text += String(buffer: unwrapInboundIn(data))
  }

  func channelInactive(context: ChannelHandlerContext) { promise.succeed(text) }

  // A connection that the other side cut has said what it said.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
