internal import CorfuSequencer
internal import Metrics

/// Counts the transactions that the sequencer refuses a position, by reason: each try by itself.
struct CommitMeters: Sendable {
  /// Why one was refused, as the label says it.
  enum Reason: String, CaseIterable {
    case conflict
    case newSequencer = "new_sequencer"
    case forgotten

    init(_ refusal: CommitRefusal) {
      switch refusal {
      case .conflict: self = .conflict
      case .newSequencer: self = .newSequencer
      case .forgotten: self = .forgotten
      }
    }
  }

  private let counters: [Reason: Counter]

  /// The meters of this process, made by the factory of its metrics system.
  init(factory: any MetricsFactory = MetricsSystem.factory) {
    counters = Dictionary(
      uniqueKeysWithValues: Reason.allCases.map { reason in
        let labels = [("reason", reason.rawValue)]
        return (
          reason,
          Counter(label: "corfu_transactions_refused", dimensions: labels, factory: factory)
        )
      }
    )
  }

  /// Notes what a sequencer said to some reservations.
  func count(_ grants: [Grant]) {
    for case .refused(let refusal) in grants { counters[Reason(refusal)]?.increment() }
  }
}
