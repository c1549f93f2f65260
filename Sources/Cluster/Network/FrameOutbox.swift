internal import CorfuProtocol
internal import NIOCore
internal import Synchronization

/// What is to be sent on one connection: any task puts frames in, and the event loop sends all that
/// are there at once.
final class FrameOutbox: Sendable {
  private let channel: any Channel
  private let unsentBytesMax: Int
  private let state: Mutex<State>

  fileprivate struct State {
    var codec: FrameCodec
    var bytes: [UInt8] = []
    /// Bytes that were handed to the system, which has not taken them yet.
    var sendingBytes = 0
    var isScheduled = false
  }

  init(to channel: any Channel, _ limits: NetworkLimits, frameBytesMax: Int) {
    self.channel = channel
    unsentBytesMax = limits.unsentBytesMax
    state = Mutex(State(codec: Self.codec(frameBytesMax)))
  }

  /// How large a frame may be that the other side takes.
  func limit(frameBytesMax: Int) {
    state.withLock { $0.codec = Self.codec(frameBytesMax) }
  }

  private static func codec(_ frameBytesMax: Int) -> FrameCodec {
    var limits = FrameLimits()
    limits.bytesMax = frameBytesMax
    return FrameCodec(limits: limits)
  }

  /// Sends a frame, after those before it.
  ///
  /// - Throws: ``FrameError/tooLarge(bytes:bytesMax:)``; nothing is sent then.
  func send(_ frame: Frame) throws(FrameError) {
    let (mustSchedule, isFull) = try state.withLock { (state) throws(FrameError) in
      try state.codec.encode(frame, into: &state.bytes)
      return state.noteBytes(unsentBytesMax)
    }
    flushSoon(mustSchedule, isFull)
  }

  /// Sends replies, each with the number of its request; one that is too large becomes a refusal.
  func send(_ replies: [(id: UInt64, reply: Reply)]) {
    let (mustSchedule, isFull) = state.withLock { state in
      for (id, reply) in replies {
        do {
          try state.codec.encode(Frame(id: id, .reply(reply)), into: &state.bytes)
        } catch {
          // A refusal fits into any frame.
          try? state.codec.encode(Frame(id: id, .reply(.refused(.tooLarge))), into: &state.bytes)
        }
      }
      return state.noteBytes(unsentBytesMax)
    }
    flushSoon(mustSchedule, isFull)
  }

  private func flushSoon(_ mustSchedule: Bool, _ isFull: Bool) {
    // Whoever does not read is not written to without end.
    if isFull { return channel.close(promise: nil) }
    if mustSchedule { channel.eventLoop.execute { self.flush() } }
  }

  /// Sends what is there, on the event loop.
  func flush() {
    let buffer = state.withLock { $0.takeBytes(channel.allocator) }
    guard let buffer else { return }
    let count = buffer.readableBytes
    channel.writeAndFlush(buffer).whenComplete { _ in
      self.state.withLock { $0.sendingBytes -= count }
    }
  }
}

extension FrameOutbox.State {
  /// Notes that there is something to send.
  ///
  /// - Returns: Whether the event loop has to be told, and whether there is too much of it.
  fileprivate mutating func noteBytes(_ bytesMax: Int) -> (mustSchedule: Bool, isFull: Bool) {
    defer { isScheduled = true }
    return (!isScheduled, bytes.count + sendingBytes > bytesMax)
  }

  /// Takes out what is to be sent.
  fileprivate mutating func takeBytes(_ allocator: ByteBufferAllocator) -> ByteBuffer? {
    isScheduled = false
    if bytes.isEmpty { return nil }
    sendingBytes += bytes.count
    let buffer = allocator.buffer(bytes: bytes)
    // The memory is used again, as asking the system for more is dear; but the memory of one large
    // batch is not kept for ever by a connection that sends little.
    let isWorthIt = bytes.capacity <= max(4 * bytes.count, 64 << 10)
    bytes.removeAll(keepingCapacity: isWorthIt)
    return buffer
  }
}
