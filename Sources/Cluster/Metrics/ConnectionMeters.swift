internal import Metrics

/// Counts the connections that a server closes, by reason: each one, also of those that the log
/// tells of together.
struct ConnectionMeters: Sendable {
  private let counters: [ClosingReason: Counter]

  /// The meters of this process, made by the factory of its metrics system.
  init(factory: any MetricsFactory = MetricsSystem.factory) {
    counters = Dictionary(
      uniqueKeysWithValues: ClosingReason.allCases.map { reason in
        let labels = [("reason", reason.rawValue)]
        return (
          reason,
          Counter(label: "corfu_connections_closed", dimensions: labels, factory: factory)
        )
      }
    )
  }

  /// Notes an event.
  func count(_ event: ServerEvent) {
    switch event {
    case .closed(let reason): counters[reason]?.increment()
    case .complained: break  // It was counted when it was closed.
    case .waiting: break  // None was closed.
    }
  }
}
