@testable import CorfuCluster
import CorfuProtocol
import CorfuStripeMirror
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// What the connections of a ``MuteServer`` share.
final class MuteBoard: Sendable {
  private struct State {
    var connections = 0
    var muted = 0
    var questions = 0
  }

  let cluster: ClusterName
  private let state = Mutex(State())

  init(_ cluster: ClusterName) { self.cluster = cluster }

  /// How many connections there were.
  var connectionCount: Int { state.withLock { $0.connections } }

  /// How many questions came.
  var questionCount: Int { state.withLock { $0.questions } }

  /// Has nothing more be said on the connections that there are.
  func mute() { state.withLock { $0.muted = $0.connections } }

  /// Notes a connection.
  func open() -> Int {
    state.withLock { state in
      state.connections += 1
      return state.connections
    }
  }

  /// What is said to what came; `nil` for nothing.
  func answer(_ frame: Frame, on number: Int) -> Frame? {
    switch frame.message {
    case .hello:
      let (node, bytesMax) = (MuteServer.node, UInt32(1 << 20))
      return Frame(
        .welcome(Welcome(cluster: cluster, node: node, frameBytesMax: bytesMax, requestsMax: 16))
      )
    case .request:
      let isMute = state.withLock { state in
        state.questions += 1
        return number <= state.muted
      }
      return isMute ? nil : Frame(id: frame.id, .reply(.trimmed))
    case .welcome, .rejected, .reply: return nil
    }
  }
}

/// A node that can stop saying anything on connections that are open, and be as before on new ones,
/// as one is that the network has cut off for a while.
struct MuteServer {
  static let node = NodeID(7)
  let board: MuteBoard
  private let channel: any Channel
  private let address: NodeAddress

  init() async throws {
    let board = MuteBoard(try #require(ClusterName("orders")))
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(MutePeer(board))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = UInt16(try #require(channel.localAddress?.port))
    address = try #require(NodeAddress(host: "127.0.0.1", port: port))
    self.board = board
  }

  /// A way there.
  func transport(_ limits: NetworkLimits) -> TCPTransport {
    let hello = Hello(cluster: nil, role: .client)
    let transport = TCPTransport(as: hello, security: .open, limits: limits)
    transport.learn([Self.node: address])
    return transport
  }

  func close() async throws { try await channel.close() }
}

/// One connection of a ``MuteServer``.
final class MutePeer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var inbox = FrameInbox(frameBytesMax: 1 << 20)
  private let board: MuteBoard
  private let number: Int

  init(_ board: MuteBoard) {
    self.board = board
    number = board.open()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    inbox.receive(unwrapInboundIn(data))
    var bytes: [UInt8] = []
    do throws(FrameError) {
      while let frame = try inbox.next() {
        guard let answer = board.answer(frame, on: number) else { continue }
        try FrameCodec().encode(answer, into: &bytes)
      }
    } catch {
      Issue.record("\(error)")
      return context.close(promise: nil)
    }
    if bytes.isEmpty { return }
    let channel = context.channel
    channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
  }
}
