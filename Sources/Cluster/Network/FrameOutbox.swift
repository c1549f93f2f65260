internal import CorfuProtocol
internal import NIOCore
internal import Synchronization

/// What is to be sent on one connection: any task puts frames in, and the event loop sends all that
/// are there at once.
///
/// Beside what the system has not taken yet nothing is handed to it: what comes meanwhile is kept
/// here, one frame close behind the other, and is the next batch. In pieces it would take many
/// times the memory of its bytes.
final class FrameOutbox: Sendable {
  private let channel: any Channel
  private let load: ConnectionLoad?
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
    /// Bytes that it has taken, since the beginning.
    var takenBytes = 0
    /// What the load knows of how much waits.
    var told = SteppedBytes()
    /// When what is there is handed to the system.
    var turns = SendTurns()
    /// Whether nothing is sent any more.
    var isOver = false
    /// Who waits until the peer has taken something.
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  /// What is to be done after a change.
  fileprivate struct Step: Sendable {
    /// Whether the event loop has to be told that there is something to send.
    var mustSchedule = false
    /// Whether too much waits.
    var isFull = false
    /// How many more bytes wait than the load knows of.
    var more = 0
    /// Who need not wait any longer.
    var woken: UnsafeContinuation<Void, Never>?
  }

  /// How far the peer is with what was sent.
  struct Progress: Equatable {
    /// How many bytes of batches it has taken that are over.
    var takenBytes: Int
    /// Whether a batch is on its way.
    var isSending: Bool
  }

  /// - Parameters:
  ///   - channel: The connection.
  ///   - limits: How much may wait for its peer.
  ///   - frameBytesMax: The largest frame that the peer takes.
  ///   - load: What hears how much waits.
  ///   - onFull: Hears that the connection is closed because its peer does not read.
  init(
    to channel: any Channel,
    _ limits: NetworkLimits,
    frameBytesMax: Int,
    load: ConnectionLoad? = nil,
    onFull: @escaping @Sendable () -> Void = {}
  ) {
    self.channel = channel
    self.load = load
    self.onFull = onFull
    unsentBytesMax = limits.unsentBytesMax
    roomBytes = limits.roomMax
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
  /// - Throws: `FrameError.tooLarge`; nothing is sent then.
  func send(_ frame: Frame) throws(FrameError) {
    let step = try state.withLock { (state) throws(FrameError) -> Step in
      if state.isOver { return Step() }
      try state.codec.encode(frame, into: &state.bytes)
      return noteBytes(&state)
    }
    flushSoon(step)
  }

  /// Sends replies, each with the number of its request; one that is too large becomes a refusal.
  func send(_ replies: [(id: UInt64, reply: Reply)]) {
    let step = state.withLock { state -> Step in
      if state.isOver { return Step() }
      for (id, reply) in replies {
        do {
          try state.codec.encode(Frame(id: id, .reply(reply)), into: &state.bytes)
        } catch {
          // A refusal fits into any frame.
          try? state.codec.encode(Frame(id: id, .reply(.refused(.tooLarge))), into: &state.bytes)
        }
      }
      return noteBytes(&state)
    }
    flushSoon(step)
  }

  /// Notes that there is something to send.
  private func noteBytes(_ state: inout State) -> Step {
    let bytes = state.unsentBytes
    let isFull = bytes > unsentBytesMax
    let mustAsk = state.turns.put()
    return Step(
      mustSchedule: mustAsk && !isFull,
      isFull: isFull,
      more: state.told.tell(bytes),
      woken: state.wake(if: hasRoom(beside: bytes))
    )
  }

  private func flushSoon(_ step: Step) {
    step.woken?.resume()
    if step.more != 0 { load?.addUnsent(step.more) }
    // Whoever does not read is not written to without end.
    if step.isFull { return giveUp() }
    if step.mustSchedule { channel.eventLoop.execute { self.flush() } }
  }

  private func giveUp() {
    onFull()
    end()
    channel.close(promise: nil)
  }

  /// Sends nothing more: the connection is over.
  func end() {
    let (waiting, more) = state.withLock { state in
      state.isOver = true
      state.bytes = []
      defer { state.waiting = [] }
      return (state.waiting, state.told.tell(state.unsentBytes))
    }
    for continuation in waiting { continuation.resume() }
    if more != 0 { load?.addUnsent(more) }
  }

  /// Whether there is nobody any more to send anything to.
  var isOver: Bool { state.withLock { $0.isOver } }

  /// Lets what is put in from now on wait for ``flush()``, which must follow on the event loop:
  /// somebody there has more to say, and says all of it at once.
  func hold() {
    state.withLock { $0.turns.hold() }
  }

  /// Sends what is there, on the event loop.
  func flush() {
    let buffer = state.withLock { $0.takeBytes() }
    guard let buffer else { return }
    channel.writeAndFlush(buffer).whenComplete { _ in self.noteTaken() }
  }

  /// Notes that the system has taken what it was handed, and hands it what has come since.
  private func noteTaken() {
    let (step, isMore) = state.withLock { state -> (Step, Bool) in
      let isMore = state.noteTaken()
      let bytes = state.unsentBytes
      let woken = state.wake(if: hasRoom(beside: bytes))
      return (Step(more: state.told.tell(bytes), woken: woken), isMore)
    }
    flushSoon(step)
    if isMore { flush() }
  }

  // MARK: - Room

  /// Whether the peer has taken most of what it was sent, as far as that matters.
  var hasRoom: Bool { state.withLock { hasRoom(beside: $0.unsentBytes) } }

  /// Waits until the peer has taken most of what it was sent.
  ///
  /// - Returns: Whether there is still anybody to send something to.
  func waitForRoom() async -> Bool {
    await withUnsafeContinuation { continuation in
      let mustWait = state.withLock { state in
        if state.isOver || hasRoom(beside: state.unsentBytes) { return false }
        state.waiting.append(continuation)
        return true
      }
      if !mustWait { continuation.resume() }
    }
    return state.withLock { !$0.isOver }
  }

  private func hasRoom(beside bytes: Int) -> Bool {
    bytes < roomBytes && load?.isTooMuch(unsent: bytes) != true
  }

  /// Looks after what only time changes: whether there is room, since others hold less, and whether
  /// memory lies about that nobody needs.
  ///
  /// - Returns: How far the peer is.
  func tick() -> Progress {
    let (step, progress) = state.withLock { state -> (Step, Progress) in
      state.letGo()
      let bytes = state.unsentBytes
      let step = Step(woken: state.wake(if: hasRoom(beside: bytes)))
      return (step, state.progress)
    }
    flushSoon(step)
    return progress
  }

  /// How far the peer is.
  var progress: Progress { state.withLock { $0.progress } }

  /// How much memory it has for what it sends.
  var memoryBytes: Int { state.withLock { $0.bytes.capacity + $0.sent.storageCapacity } }
}

extension FrameOutbox.State {
  /// How many bytes wait for the peer.
  fileprivate var unsentBytes: Int { bytes.count + sendingBytes }

  /// How far the peer is.
  fileprivate var progress: FrameOutbox.Progress {
    FrameOutbox.Progress(takenBytes: takenBytes, isSending: sendingBytes > 0)
  }

  /// Takes out one of those who wait, if there is room: each says more, and after that there may be
  /// none for the next.
  fileprivate mutating func wake(
    if hasRoom: @autoclosure () -> Bool
  ) -> UnsafeContinuation<Void, Never>? {
    !waiting.isEmpty && hasRoom() ? waiting.removeFirst() : nil
  }

  /// Notes that the system has taken what it was handed.
  ///
  /// - Returns: Whether something was held back for that.
  fileprivate mutating func noteTaken() -> Bool {
    takenBytes += sendingBytes
    sendingBytes = 0
    return turns.noteTaken()
  }

  /// Takes out what is to be sent.
  fileprivate mutating func takeBytes() -> ByteBuffer? {
    guard turns.takeTurn(isEmpty: bytes.isEmpty) else { return nil }
    sendingBytes = bytes.count
    // The memory is used again, as asking the system for more is dear; but the memory of one large
    // batch is not kept for ever by a connection that sends little.
    let capacityMax = max(4 * bytes.count, Self.keptBytesMax)
    if sent.capacity > capacityMax { sent = ByteBuffer() }
    sent.clear()
    sent.writeBytes(bytes)
    bytes.removeAll(keepingCapacity: bytes.capacity <= capacityMax)
    return sent
  }

  /// Gives back memory of large batches that are gone.
  fileprivate mutating func letGo() {
    if bytes.isEmpty, bytes.capacity > Self.keptBytesMax { bytes = [] }
    if sendingBytes == 0, sent.capacity > Self.keptBytesMax { sent = ByteBuffer() }
  }

  /// How much memory a connection keeps that sends nothing.
  private static var keptBytesMax: Int { 64 << 10 }
}
