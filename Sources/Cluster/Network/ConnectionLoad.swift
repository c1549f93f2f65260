internal import NIOCore
internal import Synchronization

/// How much a connection makes its server hold, requests that are worked on and answers that its
/// peer has not taken: above the limits no more of its requests are taken.
final class ConnectionLoad: Sendable {
  /// What goes through a connection's pipeline besides what came.
  enum Signal: Sendable {
    /// What was left as it came may be taken.
    case resumed
    /// Some time has gone by.
    case ticked
  }

  private let channel: any Channel
  private let limits: NetworkLimits
  private let held: HeldBytes
  private let state = Mutex(State())
  /// Changed only under the lock.
  private let paused = Atomic<Bool>(false)

  private struct State {
    /// Requests, and their bytes.
    var count = 0
    var bytes = 0
    /// Bytes of answers.
    var unsentBytes = 0
    var noted = SteppedBytes()
    var isStopped = false
    /// Whether anything was held since the last tick.
    var isUsed = false

    /// What all of it takes: a request is more than its bytes.
    var heldBytes: Int { bytes + count * ConnectionLoad.requestCost + unsentBytes }
  }

  /// About how many bytes it takes to work on a request, besides its own.
  static var requestCost: Int { 1 << 10 }

  init(of channel: any Channel, _ limits: NetworkLimits, in held: HeldBytes) {
    self.channel = channel
    self.limits = limits
    self.held = held
  }

  /// How many requests there are.
  var count: Int { state.withLock { $0.count } }

  /// Whether nothing is worked on, and all answers were taken.
  var isIdle: Bool { state.withLock { $0.heldBytes == 0 } }

  /// Whether no more requests are to be taken for now.
  var isPaused: Bool { paused.load(ordering: .relaxed) }

  /// Takes no more, for good.
  func stop() {
    state.withLock { state in
      state.isStopped = true
      paused.store(true, ordering: .relaxed)
    }
    channel.eventLoop.execute {
      // A connection that is gone reads nothing more.
      try? self.channel.syncOptions?.setOption(.autoRead, value: false)
    }
  }

  func begin(bytes: Int) {
    change { state in
      state.count += 1
      state.bytes += bytes
    }
  }

  func end(_ count: Int, bytes: Int) {
    change { state in
      state.count -= count
      state.bytes -= bytes
    }
  }

  /// Notes how many more bytes of answers there are; fewer, where the number is below zero.
  func addUnsent(_ bytes: Int) {
    change { $0.unsentBytes += bytes }
  }

  /// Whether others hold so much that a peer must take its answers first, of which so many wait.
  func isTooMuch(unsent bytes: Int) -> Bool { held.isTooMuch(bytes) }

  /// Looks again whether there is room, which others may have made.
  func look() {
    change { _ in }
  }

  /// Has the connection looked after, if there is anything to look after.
  func tick() {
    let isNeeded = state.withLock { state in
      defer { state.isUsed = state.heldBytes != 0 }
      return state.isUsed || isPaused
    }
    if isNeeded { signal(.ticked) }
  }

  private func signal(_ signal: Signal) {
    // Never at once: the connection's own thread may be in the middle of something.
    channel.eventLoop.execute { self.channel.pipeline.fireUserInboundEventTriggered(signal) }
  }

  private func change(_ body: (inout State) -> Void) {
    let mustResume = state.withLock { state in
      body(&state)
      if state.heldBytes != 0 { state.isUsed = true }
      let more = state.noted.tell(state.heldBytes)
      if more != 0 { held.add(more) }
      return decide(state)
    }
    if mustResume { signal(.resumed) }
  }

  /// Pauses where there is much, and goes on once there is little.
  ///
  /// - Returns: Whether to go on, after a pause.
  private func decide(_ state: State) -> Bool {
    if !isPaused {
      if isMuch(state) { paused.store(true, ordering: .relaxed) }
      return false
    }
    if state.isStopped || !isLittle(state) { return false }
    paused.store(false, ordering: .relaxed)
    return true
  }

  private func isMuch(_ state: State) -> Bool {
    state.count >= limits.requestsMax || state.bytes >= limits.requestBytesMax
      || state.unsentBytes >= limits.roomMax || held.isTooMuch(state.heldBytes)
  }

  private func isLittle(_ state: State) -> Bool {
    state.count <= limits.requestsMax / 2 && state.bytes <= limits.requestBytesMax / 2
      && state.unsentBytes <= limits.roomMax / 2 && !held.isTooMuch(2 * state.heldBytes)
  }
}
