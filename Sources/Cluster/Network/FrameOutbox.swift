internal import CorfuProtocol
internal import NIOCore
internal import Synchronization

/// What is to be sent on one connection: any task puts frames in, and the event loop sends all that
/// are there at once.
final class FrameOutbox: Sendable {
  private let channel: any Channel
  private let unsentBytesMax: Int
  private let roomBytes: Int
  private let onFull: @Sendable () -> Void
  private let state: Mutex<State>

  fileprivate struct State {
    var codec: FrameCodec
    var bytes: [UInt8] = []
    /// What was handed to the system last: its memory is used again once the system has taken it.
    var sent = ByteBuffer()
    /// Bytes that were handed to the system, which has not taken them yet.
    var sendingBytes = 0
    var isScheduled = false
    /// Whether nothing is sent any more.
    var isOver = false
    /// Who waits until the peer has taken something.
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  /// - Parameters:
  ///   - channel: The connection.
  ///   - limits: How much may wait for its peer.
  ///   - frameBytesMax: The largest frame that the peer takes.
  ///   - onFull: Hears that the connection is closed because its peer does not read.
  init(
    to channel: any Channel,
    _ limits: NetworkLimits,
    frameBytesMax: Int,
    onFull: @escaping @Sendable () -> Void = {}
  ) {
    self.channel = channel
    self.onFull = onFull
    unsentBytesMax = limits.unsentBytesMax
    roomBytes = limits.roomBytes
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
      if state.isOver { return (false, false) }
      try state.codec.encode(frame, into: &state.bytes)
      return state.noteBytes(unsentBytesMax)
    }
    flushSoon(mustSchedule, isFull)
  }

  /// Sends replies, each with the number of its request; one that is too large becomes a refusal.
  func send(_ replies: [(id: UInt64, reply: Reply)]) {
    let (mustSchedule, isFull) = state.withLock { state in
      if state.isOver { return (false, false) }
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
    if isFull { return giveUp() }
    if mustSchedule { channel.eventLoop.execute { self.flush() } }
  }

  private func giveUp() {
    onFull()
    end()
    channel.close(promise: nil)
  }

  /// Sends nothing more: the connection is over.
  func end() {
    let waiting = state.withLock { state in
      state.isOver = true
      state.bytes = []
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Whether there is nobody any more to send anything to.
  var isOver: Bool { state.withLock { $0.isOver } }

  /// Waits until the peer has taken most of what it was sent.
  ///
  /// - Returns: Whether there is still anybody to send something to.
  func waitForRoom() async -> Bool {
    await withUnsafeContinuation { continuation in
      let mustWait = state.withLock { state in
        if state.isOver || state.bytes.count + state.sendingBytes < roomBytes { return false }
        state.waiting.append(continuation)
        return true
      }
      if !mustWait { continuation.resume() }
    }
    return state.withLock { !$0.isOver }
  }

  /// Lets what is put in from now on wait for ``flush()``, which must follow on the event loop:
  /// somebody there has more to say, and says all of it at once.
  func hold() {
    state.withLock { $0.isScheduled = true }
  }

  /// Sends what is there, on the event loop.
  func flush() {
    let buffer = state.withLock { $0.takeBytes() }
    guard let buffer else { return }
    let count = buffer.readableBytes
    channel.writeAndFlush(buffer).whenComplete { _ in
      let waiting = self.state.withLock { $0.noteSent(count, self.roomBytes) }
      for continuation in waiting { continuation.resume() }
    }
  }
}

extension FrameOutbox.State {
  /// Notes that there is something to send.
  ///
  /// - Returns: Whether the event loop has to be told, and whether there is too much of it.
  fileprivate mutating func noteBytes(_ bytesMax: Int) -> (mustSchedule: Bool, isFull: Bool) {
    let isFull = bytes.count + sendingBytes > bytesMax
    defer { isScheduled = true }
    return (!isScheduled && !isFull, isFull)
  }

  /// Notes that the system has taken bytes.
  ///
  /// - Returns: Who need not wait any longer.
  fileprivate mutating func noteSent(
    _ count: Int,
    _ roomBytes: Int
  ) -> [UnsafeContinuation<Void, Never>] {
    sendingBytes -= count
    if bytes.count + sendingBytes >= roomBytes { return [] }
    defer { waiting = [] }
    return waiting
  }

  /// Takes out what is to be sent.
  fileprivate mutating func takeBytes() -> ByteBuffer? {
    isScheduled = false
    if bytes.isEmpty { return nil }
    sendingBytes += bytes.count
    // The memory is used again, as asking the system for more is dear; but the memory of one large
    // batch is not kept for ever by a connection that sends little.
    let capacityMax = max(4 * bytes.count, 64 << 10)
    if sent.capacity > capacityMax { sent = ByteBuffer() }
    sent.clear()
    sent.writeBytes(bytes)
    bytes.removeAll(keepingCapacity: bytes.capacity <= capacityMax)
    return sent
  }
}
