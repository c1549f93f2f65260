internal import CorfuGlobalLog
internal import Foundation
internal import Synchronization

/// What a mirror has done, and how far its copy is, for whoever asks over HTTP.
public final class MirrorMeters: AdminSource {
  /// Where something had to be tried again.
  enum Side: String, CaseIterable {
    /// Nobody said where the log ends.
    case log
    /// The copy did not take at once what was to be written.
    case copy
  }

  private struct State {
    var lag: MirrorLag?
    var isTooFar = false
    var entries = 0
    var failures: [Side: Int] = [:]
  }

  private let state = Mutex(State())
  /// When the process began, in seconds since 1970.
  private let started = Date().timeIntervalSince1970.rounded()

  /// Nothing is known yet.
  public init() {}

  /// Takes in how far the copy is.
  ///
  /// - Parameters:
  ///   - lag: How far.
  ///   - isTooFar: Whether that is too far behind, and was so for some time.
  public func note(_ lag: MirrorLag, isTooFar: Bool) {
    state.withLock { state in
      state.lag = lag
      state.isTooFar = isTooFar
    }
  }

  /// Takes in what stands in the copy now.
  func note(copied slots: [Slot]) {
    let entries = slots.count { slot in
      if case .data = slot { true } else { false }
    }
    state.withLock { $0.entries += entries }
  }

  /// Takes in that something has to be tried again.
  func noteFailure(of side: Side) { state.withLock { $0.failures[side, default: 0] += 1 } }

  // MARK: - What is told

  /// Nothing is wrong with a mirror that runs: one that cannot go on ends.
  public func ailment() async -> String? { nil }

  /// Why the copy should not be relied on yet, or at the moment.
  public func unreadiness() async -> String? {
    let state = state.withLock { $0 }
    guard let lag = state.lag else { return "the copy has not been compared with the log yet" }
    return state.isTooFar ? "the copy is too far behind: \(lag)" : nil
  }

  /// How far the copy is.
  public func remark() async -> String? { state.withLock { $0.lag?.description } }

  /// The metrics of a mirror, as Prometheus reads them.
  public func metrics() async -> String { PrometheusText.of(families) }

  /// The metrics that there is something to say of.
  var families: [MetricFamily] {
    let state = state.withLock { $0 }
    var sheet = MetricSheet()
    sheet.add("corfu_start_time_seconds", started)
    sheet.add("corfu_mirror_entries_total", Double(state.entries))
    for side in Side.allCases {
      let count = Double(state.failures[side] ?? 0)
      sheet.add("corfu_mirror_failures_total", count, [("side", side.rawValue)])
    }
    guard let lag = state.lag else { return sheet.families }
    sheet.add("corfu_mirror_copied_position", Double(lag.copied.number))
    sheet.add("corfu_mirror_end_position", Double(lag.end.number))
    sheet.add("corfu_mirror_lag_positions", Double(lag.positions))
    sheet.add("corfu_mirror_lag_seconds", lag.age / .seconds(1))
    sheet.add("corfu_mirror_silence_seconds", lag.silence / .seconds(1))
    sheet.add("corfu_mirror_too_far", state.isTooFar ? 1 : 0)
    return sheet.families
  }
}
