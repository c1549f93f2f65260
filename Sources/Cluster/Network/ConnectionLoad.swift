internal import NIOCore
internal import Synchronization

/// How many requests of a connection are worked on: above the limit no more are read.
final class ConnectionLoad: Sendable {
  private let channel: any Channel
  private let requestsMax: Int
  private let state = Mutex((count: 0, isPaused: false, isStopped: false))

  init(of channel: any Channel, requestsMax: Int) {
    self.channel = channel
    self.requestsMax = requestsMax
  }

  /// How many there are.
  var count: Int { state.withLock { $0.count } }

  /// Reads no more, for good.
  func stop() {
    state.withLock { ($0.isPaused, $0.isStopped) = (true, true) }
    setReading(false)
  }

  func begin() {
    let mustPause = state.withLock { state in
      state.count += 1
      if state.count < requestsMax || state.isPaused { return false }
      state.isPaused = true
      return true
    }
    if mustPause { setReading(false) }
  }

  func end(_ count: Int) {
    let mustResume = state.withLock { state in
      state.count -= count
      if !state.isPaused || state.isStopped || state.count > requestsMax / 2 { return false }
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
