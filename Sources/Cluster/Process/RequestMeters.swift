internal import CorfuProtocol
internal import Metrics

/// How many requests a node was asked, how many it refused, and how long they took, by kind; and
/// how many transactions it refused.
struct RequestMeters: Sendable {
  private struct Kind: Sendable {
    let timer: Metrics.Timer
    let counter: Counter
    let refusals: Counter
  }

  /// By the kind's number: every request is noted, and a name would have to be looked up.
  private let kinds: [Kind?]
  private let commits: CommitMeters

  /// The meters of this process, made anew by the factory of the metrics system.
  init(factory: any MetricsFactory = MetricsSystem.factory) {
    commits = CommitMeters(factory: factory)
    let names = Request.kindNames
    kinds = (0...(names.keys.max() ?? 0)).map { number in
      guard let name = names[number] else { return nil }
      let labels = [("kind", name)]
      return Kind(
        timer: Timer(label: "corfu_request_seconds", dimensions: labels, factory: factory),
        counter: Counter(label: "corfu_requests", dimensions: labels, factory: factory),
        refusals: Counter(label: "corfu_refusals", dimensions: labels, factory: factory)
      )
    }
  }

  /// Notes a request that was answered on the spot.
  func count(_ request: Request, _ reply: Reply) {
    guard let kind = kinds[request.kindNumber] else { return }
    kind.counter.increment()
    switch reply {
    case .refused: kind.refusals.increment()
    case .grants(let grants): commits.count(grants)
    default: break
    }
  }

  /// Notes a request that took its time.
  func record(_ request: Request, _ reply: Reply, _ duration: Duration) {
    count(request, reply)
    kinds[request.kindNumber]?.timer.record(duration: duration)
  }
}
