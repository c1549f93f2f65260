public import Metrics
internal import Synchronization

/// Makes the meters of a program, and tells what they show, as text for Prometheus.
///
///     let factory = PrometheusFactory()
///     MetricsSystem.bootstrap(factory)
///     Counter(label: "corfu_requests").increment()
///     print(factory.text)
///
/// Meters with the same label and dimensions are one. A counter's name ends in `_total`, a timer's
/// in `_seconds`. Noting something takes a lock of the meter alone.
public final class PrometheusFactory: MetricsFactory {
  private let state = Mutex<[String: Shelf]>([:])

  /// All meters of a name.
  private struct Shelf {
    let kind: MetricFamily.Kind
    /// The meters by their labels, and how many hold each.
    var meters: [String: (meter: any Meter, labels: [(name: String, value: String)], users: Int)]
  }

  /// A factory without meters.
  public init() {}

  /// The factory that the program's metrics system was set up with, if it is one of these.
  public static var current: PrometheusFactory? { MetricsSystem.factory as? PrometheusFactory }

  /// What all meters show.
  public var text: String { PrometheusText.of(families) }

  /// What all meters show, by name.
  var families: [MetricFamily] {
    state.withLock { shelves in
      shelves.sorted { $0.key < $1.key }.map { name, shelf in
        let meters = shelf.meters.sorted { $0.key < $1.key }.map(\.value)
        let samples = meters.flatMap { entry in
          entry.meter.samples.map { sample in
            var sample = sample
            sample.labels = entry.labels + sample.labels
            return sample
          }
        }
        return MetricFamily(name: name, kind: shelf.kind, samples: samples)
      }
    }
  }

  /// The meter of a name with some labels: the one there is, or a new one.
  private func meter<New: Meter>(
    _ label: String,
    _ suffix: String,
    _ dimensions: [(String, String)],
    _ kind: MetricFamily.Kind,
    _ make: () -> New
  ) -> New {
    let labels = dimensions.map { (name: PrometheusText.name($0.0), value: $0.1) }
    let key = labels.map { "\($0.name)=\($0.value)" }.joined(separator: "\u{0}")
    var name = PrometheusText.name(label)
    if !name.hasSuffix(suffix) { name += suffix }
    return state.withLock { shelves in
      // A name has one kind: whoever wants another gets a name of its own.
      if let shelf = shelves[name], shelf.kind != kind { name += "_\(kind.rawValue)" }
      var shelf = shelves[name] ?? Shelf(kind: kind, meters: [:])
      defer { shelves[name] = shelf }
      if let known = shelf.meters[key], let meter = known.meter as? New {
        shelf.meters[key]?.users += 1
        return meter
      }
      let meter = make()
      shelf.meters[key] = (meter, labels, 1)
      return meter
    }
  }

  /// Forgets a meter that nobody uses any more.
  private func drop(_ handler: AnyObject) {
    state.withLock { shelves in
      for (name, shelf) in shelves {
        guard let found = shelf.meters.first(where: { $0.value.meter === handler }) else {
          continue
        }
        if found.value.users > 1 {
          shelves[name]?.meters[found.key]?.users -= 1
        } else {
          shelves[name]?.meters[found.key] = nil
          if shelves[name]?.meters.isEmpty == true { shelves[name] = nil }
        }
        return
      }
    }
  }
}

extension PrometheusFactory {
  /// Makes what counts, upwards.
  public func makeCounter(
    label: String,
    dimensions: [(String, String)]
  ) -> any CounterHandler {
    meter(label, "_total", dimensions, .counter) { CountMeter() }
  }

  /// Makes what adds up.
  public func makeFloatingPointCounter(
    label: String,
    dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    meter(label, "_total", dimensions, .counter) { SumMeter() }
  }

  /// Makes what knows how much there is of something.
  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    meter(label, "", dimensions, .gauge) { LevelMeter() }
  }

  /// Makes what knows the last number, or the sum of all if they are to be put together.
  public func makeRecorder(
    label: String,
    dimensions: [(String, String)],
    aggregate: Bool
  ) -> any RecorderHandler {
    if aggregate { return meter(label, "", dimensions, .summary) { SummaryMeter() } }
    return meter(label, "", dimensions, .gauge) { LevelMeter() }
  }

  /// Makes what knows how many durations were how long.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    meter(label, "_seconds", dimensions, .histogram) { TimeMeter() }
  }

  /// Forgets a counter.
  public func destroyCounter(_ handler: any CounterHandler) { drop(handler) }

  /// Forgets a sum.
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
    drop(handler)
  }

  /// Forgets a level.
  public func destroyMeter(_ handler: any MeterHandler) { drop(handler) }

  /// Forgets a recorder.
  public func destroyRecorder(_ handler: any RecorderHandler) { drop(handler) }

  /// Forgets a timer.
  public func destroyTimer(_ handler: any TimerHandler) { drop(handler) }
}
