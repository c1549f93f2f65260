internal import CorfuProtocol
internal import Metrics

/// How many requests a node was asked, how many it refused, and how long they took, by kind.
struct RequestMeters: Sendable {
  private let timers: [String: Metrics.Timer]
  private let counters: [String: Counter]
  private let refusals: [String: Counter]

  /// The meters of this process, made anew by the factory of the metrics system.
  init(factory: any MetricsFactory = MetricsSystem.factory) {
    let kinds = Request.kindNames
    func make<Meter>(_ body: (String) -> Meter) -> [String: Meter] {
      Dictionary(uniqueKeysWithValues: kinds.map { ($0, body($0)) })
    }
    timers = make {
      Timer(label: "corfu_request_seconds", dimensions: [("kind", $0)], factory: factory)
    }
    counters = make {
      Counter(label: "corfu_requests", dimensions: [("kind", $0)], factory: factory)
    }
    refusals = make {
      Counter(label: "corfu_refusals", dimensions: [("kind", $0)], factory: factory)
    }
  }

  /// Notes a request that was answered on the spot.
  func count(_ request: Request, _ reply: Reply) {
    let kind = request.kindName
    counters[kind]?.increment()
    if case .refused = reply { refusals[kind]?.increment() }
  }

  /// Notes a request that took its time.
  func record(_ request: Request, _ reply: Reply, _ duration: Duration) {
    count(request, reply)
    timers[request.kindName]?.record(duration: duration)
  }
}
