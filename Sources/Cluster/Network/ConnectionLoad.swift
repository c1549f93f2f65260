internal import NIOCore
internal import Synchronization

/// How many requests of a connection are worked on, and how large they are: above the limits no
/// more are read.
final class ConnectionLoad: Sendable {
  private let channel: any Channel
  private let limits: NetworkLimits
  private let state = Mutex(State())

  private struct State {
    var count = 0
    var bytes = 0
    var isPaused = false
    var isStopped = false
  }

  init(of channel: any Channel, _ limits: NetworkLimits) {
    self.channel = channel
    self.limits = limits
  }

  /// How many there are.
  var count: Int { state.withLock { $0.count } }

  /// Reads no more, for good.
  func stop() {
    state.withLock { ($0.isPaused, $0.isStopped) = (true, true) }
    setReading(false)
  }

  func begin(bytes: Int) {
    let mustPause = state.withLock { state in
      state.count += 1
      state.bytes += bytes
      let isMuch = state.count >= limits.requestsMax || state.bytes >= limits.requestBytesMax
      if !isMuch || state.isPaused { return false }
      state.isPaused = true
      return true
    }
    if mustPause { setReading(false) }
  }

  func end(_ count: Int, bytes: Int) {
    let mustResume = state.withLock { state in
      state.count -= count
      state.bytes -= bytes
      let isMuch =
        state.count > limits.requestsMax / 2 || state.bytes > limits.requestBytesMax / 2
      if !state.isPaused || state.isStopped || isMuch { return false }
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
