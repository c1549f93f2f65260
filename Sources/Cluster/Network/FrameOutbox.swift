internal import CorfuProtocol
internal import NIOCore
internal import Synchronization

/// What is to be sent on one connection: any task puts frames in, and the event loop sends all that
/// are there at once.
final class FrameOutbox: Sendable {
  private let channel: any Channel
  private let unsentBytesMax: Int
  private let state: Mutex<State>

  private struct State {
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
      let isFull = state.bytes.count + state.sendingBytes > unsentBytesMax
      defer { state.isScheduled = true }
      return (!state.isScheduled, isFull)
    }
    // Whoever does not read is not written to without end.
    if isFull { return channel.close(promise: nil) }
    if mustSchedule { channel.eventLoop.execute { self.flush() } }
  }

  /// Sends what is there, on the event loop.
  func flush() {
    let bytes = state.withLock { state in
      let bytes = state.bytes
      // A batch of payloads is not kept for small frames, and those need no new memory each time.
      state.bytes = []
      state.bytes.reserveCapacity(min(bytes.count, Self.reservedBytesMax))
      state.sendingBytes += bytes.count
      state.isScheduled = false
      return bytes
    }
    if bytes.isEmpty { return }
    let count = bytes.count
    channel.writeAndFlush(channel.allocator.buffer(bytes: bytes)).whenComplete { _ in
      self.state.withLock { $0.sendingBytes -= count }
    }
  }

  private static var reservedBytesMax: Int { 64 << 10 }
}
