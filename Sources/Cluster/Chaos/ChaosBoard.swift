internal import CorfuGlobalLog
internal import Synchronization

/// What those who write, read and break things in a round tell each other.
final class ChaosBoard: Sendable {
  private struct State {
    var recent: [ChaosRecord.Acknowledgement] = []
    var lastAppend = ContinuousClock.now
    var longestGap = Duration.zero
    var reads = 0
    var silences = 0
    var violations: [ChaosViolation] = []
  }

  private let state = Mutex(State())

  /// Notes an append that was acknowledged.
  func note(_ acknowledgement: ChaosRecord.Acknowledgement) {
    state.withLock { state in
      let end = acknowledgement.time.upperBound
      state.longestGap = max(state.longestGap, end - state.lastAppend)
      state.lastAppend = max(state.lastAppend, end)
      if state.recent.count >= Self.recentMax { state.recent.removeFirst(Self.recentMax / 2) }
      state.recent.append(acknowledgement)
    }
  }

  /// Notes what stood where an entry was acknowledged.
  func note(_ slot: Slot, at acknowledgement: ChaosRecord.Acknowledgement) {
    let (entry, position) = (acknowledgement.entry, acknowledgement.position)
    state.withLock { state in
      state.reads += 1
      guard case .data(let data) = slot else {
        return state.violations.append(.lost(entry, position))
      }
      if data.payload != entry.payload { state.violations.append(.changed(position)) }
    }
  }

  /// Notes a read that nobody answered: what stands there is seen at the end of the round.
  func noteSilence() { state.withLock { $0.silences += 1 } }

  /// One of the last that were acknowledged; `nil` if none was yet.
  func recent() -> ChaosRecord.Acknowledgement? { state.withLock { $0.recent.randomElement() } }

  /// Adds what was seen to a report.
  func add(to report: inout ChaosReport) {
    state.withLock { state in
      report.reads += state.reads
      report.silences += state.silences
      report.longestGap = max(report.longestGap, state.longestGap)
      report.violations += state.violations
    }
  }

  private static var recentMax: Int { 1024 }
}
