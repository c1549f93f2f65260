internal import CorfuGlobalLog
internal import CorfuWriteOnce
internal import Metrics

/// Counts what happens in a unit, by kind.
struct EventMeters: Sendable {
  private let counters: [String: Counter]

  /// The meters of this process, made by the factory of its metrics system.
  init(factory: any MetricsFactory = MetricsSystem.factory) {
    counters = Dictionary(
      uniqueKeysWithValues: Self.names.map { name in
        let labels = [("event", name)]
        return (
          name, Counter(label: "corfu_unit_events", dimensions: labels, factory: factory)
        )
      }
    )
  }

  /// Notes an event.
  func count(_ event: UnitEvent) { counters[Self.name(of: event)]?.increment() }

  static let names = [
    "opened", "carried", "kept", "torn_tail", "loss_found", "segments_missing", "copy_damaged",
    "closed", "dropped", "retired", "rewritten", "given_up", "space_short", "space_back", "failed",
    "rot_found", "repaired", "scrubbed", "gate_changed",
  ]

  private static func name(of event: UnitEvent) -> String {
    switch event {
    case .gateChanged: "gate_changed"
    case .store(let event): name(of: event)
    }
  }

  private static func name(of event: StoreEvent) -> String {
    switch event {
    case .opened: "opened"
    case .carried: "carried"
    case .kept: "kept"
    case .tornTail: "torn_tail"
    case .lossFound: "loss_found"
    case .segmentsMissing: "segments_missing"
    case .copyDamaged: "copy_damaged"
    case .closed: "closed"
    case .dropped: "dropped"
    case .retired: "retired"
    case .rewritten: "rewritten"
    case .givenUp: "given_up"
    case .spaceShort: "space_short"
    case .spaceBack: "space_back"
    case .failed: "failed"
    case .rotFound: "rot_found"
    case .repaired: "repaired"
    case .scrubbed: "scrubbed"
    }
  }
}
