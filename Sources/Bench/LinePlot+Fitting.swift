internal import Foundation

extension LinePlot {
  /// A plot whose axis at the side is as long as its values want it, with their unit.
  ///
  /// - Parameters:
  ///   - title: What it shows.
  ///   - xTitle: What is below.
  ///   - xLabels: The places below.
  ///   - yTitle: What is at the side.
  ///   - unit: What the values count.
  ///   - isLogarithmic: Whether each step is ten times the one before.
  ///   - lines: The lines.
  public init(
    title: String,
    xTitle: String,
    xLabels: [String],
    yTitle: String,
    unit: Unit,
    isLogarithmic: Bool = false,
    lines: [Line]
  ) {
    let values = lines.flatMap(\.values).filter { $0.isFinite && $0 > 0 }
    let (least, most) = (Self.power(below: values.min() ?? 1), values.max() ?? 1)
    self.init(
      title: title,
      xTitle: xTitle,
      xLabels: xLabels,
      yTitle: yTitle,
      yMax: isLogarithmic ? Self.powerAbove(most, from: least) : Self.roundEnd(above: most),
      lines: lines
    )
    self.unit = unit
    if isLogarithmic { scale = .logarithmic(from: least) }
  }

  /// The least of 1, 2, 4 and 8 times a power of ten that is not below a value: its quarters are
  /// short to write.
  static func roundEnd(above value: Double) -> Double {
    let power = power(below: value)
    let factor = [1.0, 2, 4, 8].first { value <= $0 * power } ?? 10
    return factor * power
  }

  /// The largest power of ten that is not above a value.
  private static func power(below value: Double) -> Double {
    pow(10, floor(log10(value)))
  }

  /// The smallest multiple of `least` by a power of ten that is not below a value, and above
  /// `least`.
  private static func powerAbove(_ value: Double, from least: Double) -> Double {
    // A value that is a power of ten must not get a step of its own for a rounding error.
    least * pow(10, max(1, (log10(value / least) - 1e-9).rounded(.up)))
  }
}
