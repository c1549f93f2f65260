/// A line of a report: what was measured, beside its baseline, and held against its budget.
public struct Figure: Hashable, Sendable {
  /// What was measured.
  public var name: String
  /// The median over the rounds.
  public var value: Double
  /// What the value counts.
  public var unit: Unit
  /// How far the rounds lie apart, as a part of the value; `nil` where there was one round.
  public var spread: Double?
  /// The median latency, in seconds.
  public var p50: Double?
  /// The latency that one operation in a hundred exceeds, in seconds.
  public var p99: Double?
  /// What the value is compared with.
  public var baseline: Baseline?
  /// What it must reach.
  public var budget: Budget?

  /// What a figure is compared with.
  public struct Baseline: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The figure, or one of its latencies, divided by it.
    public var ratio: Double

    /// A baseline.
    public init(name: String, ratio: Double) {
      self.name = name
      self.ratio = ratio
    }
  }

  /// A figure.
  public init(_ name: String, _ value: Double, _ unit: Unit) {
    self.name = name
    self.value = value
    self.unit = unit
  }

  /// How the figure stands to its budget.
  public var verdict: Verdict {
    guard let budget else { return .none }
    switch budget.subject {
    case .value: return budget.isMet(by: value) ? .met : .missed
    case .ratio:
      guard let baseline else { return .none }
      return budget.isMet(by: baseline.ratio) ? .met : .missed
    }
  }
}

extension Figure {
  /// A figure of operations per second, with latencies where there are any.
  public init(_ name: String, rate series: Series) {
    self.init(name, series.median(\.operationsPerSecond), .perSecond)
    spread = series.spread(\.operationsPerSecond)
    noteLatencies(of: series)
  }

  /// A figure of bytes per second, with latencies where there are any.
  public init(_ name: String, throughput series: Series) {
    self.init(name, series.median(\.bytesPerSecond), .bytesPerSecond)
    spread = series.spread(\.bytesPerSecond)
    noteLatencies(of: series)
  }

  /// A figure of something else that was measured, without latencies.
  public init(_ name: String, _ series: Series, _ value: (Measurement) -> Double, _ unit: Unit) {
    self.init(name, series.median(value), unit)
    spread = series.spread(value)
  }

  /// The same figure beside a baseline.
  public func against(_ name: String, ratio: Double, budget: Budget? = nil) -> Figure {
    var figure = self
    figure.baseline = Baseline(name: name, ratio: ratio)
    figure.budget = budget ?? self.budget
    return figure
  }

  /// The same figure with a budget.
  public func within(_ budget: Budget) -> Figure {
    var figure = self
    figure.budget = budget
    return figure
  }

  private mutating func noteLatencies(of series: Series) {
    guard series.measurements.contains(where: { $0.latencies.count > 0 }) else { return }
    p50 = series.median(\.p50)
    p99 = series.median(\.p99)
  }
}
