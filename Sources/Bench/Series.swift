/// What a trial gave in each round.
public struct Series: Sendable {
  /// A measurement per round, in order.
  public private(set) var measurements: [Measurement]

  /// The measurements of a trial.
  public init(_ measurements: [Measurement] = []) {
    self.measurements = measurements
  }

  /// Takes in another round.
  public mutating func append(_ measurement: Measurement) {
    measurements.append(measurement)
  }

  /// The median over the rounds of something measured.
  public func median(_ value: (Measurement) -> Double) -> Double {
    measurements.map(value).median
  }

  /// The median over the rounds of the ratio to a baseline, each round against its own.
  ///
  /// What slowed both for a while cancels.
  public func ratio(to baseline: Series, _ value: (Measurement) -> Double) -> Double {
    ratio(to: baseline, value, value)
  }

  /// The same where the two are measured by different values.
  public func ratio(
    to baseline: Series,
    _ value: (Measurement) -> Double,
    _ baseValue: (Measurement) -> Double
  ) -> Double {
    zip(measurements, baseline.measurements).map { value($0) / baseValue($1) }.median
  }

  /// How far the rounds lie apart: the largest minus the smallest, as a part of the median.
  public func spread(_ value: (Measurement) -> Double) -> Double {
    let values = measurements.map(value)
    guard let lowest = values.min(), let highest = values.max(), values.median != 0 else {
      return 0
    }
    return (highest - lowest) / values.median
  }
}

extension [Double] {
  /// The value in the middle, or the mean of the two in the middle; zero where there are none.
  public var median: Double {
    let sorted = sorted()
    let middle = count / 2
    if isEmpty { return 0 }
    return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
