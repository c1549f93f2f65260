internal import CorfuProtocol
internal import Synchronization

/// What a node measured last: to find out what it has counted costs far more than to ask for it, so
/// whoever asks without end is told the same again.
final class MeterMemory: Sendable {
  /// How long it may be told.
  static let ageMax = Duration.milliseconds(200)

  private struct Measured: Sendable {
    var meters: NodeMeters
    var time: ContinuousClock.Instant
  }

  private let last = Mutex<Measured?>(nil)
  private let measuring = Turn()

  /// What was measured a moment ago, or else what a measurement says now: one at a time.
  func meters(_ measure: () async -> NodeMeters) async -> NodeMeters {
    if let known { return known }
    await measuring.take()
    defer { measuring.end() }
    // Most often the one before has done it.
    if let known { return known }
    let meters = await measure()
    last.withLock { $0 = Measured(meters: meters, time: .now) }
    return meters
  }

  private var known: NodeMeters? {
    last.withLock { measured in
      measured.flatMap { $0.time.duration(to: .now) < Self.ageMax ? $0.meters : nil }
    }
  }
}
