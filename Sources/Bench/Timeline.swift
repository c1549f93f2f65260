/// Appends before and after a process was killed, and how long that was felt.
public struct Timeline: Hashable, Sendable {
  /// Who was killed: "a unit".
  public let victim: String
  /// For how long each count is.
  public let width: Duration
  /// How many appends were acknowledged, in one stretch of time after the other.
  public let counts: [Int]
  /// The stretch in which the process was killed.
  public let death: Int
  /// The longest time after the death in which nothing was acknowledged.
  public let outage: Duration

  /// A timeline.
  ///
  /// - Parameters:
  ///   - victim: Who was killed.
  ///   - width: For how long each count is.
  ///   - counts: How many appends were acknowledged, stretch after stretch.
  ///   - death: The stretch in which the process was killed.
  ///   - outage: The longest time after that without any.
  public init(victim: String, width: Duration, counts: [Int], death: Int, outage: Duration) {
    self.victim = victim
    self.width = width
    self.counts = counts
    self.death = death
    self.outage = outage
  }

  /// What counts as being as fast as before.
  public static let share = 0.9
  /// So many stretches together must be as fast: one by itself says little.
  private static let window = 10

  /// Appends per second before the death.
  public var usual: Double {
    let sum = counts.prefix(death).reduce(0, +)
    return Double(sum) / (width.seconds * Double(max(1, death)))
  }

  /// From the death until appends were nine tenths as fast as before; `nil` if they never were.
  public var recovery: Duration? { recoveryPlace.map { width * ($0 - death) } }

  /// The stretch from which on they were.
  private var recoveryPlace: Int? {
    let wanted = Self.share * usual * width.seconds * Double(Self.window)
    // Where nothing was done before, nothing can come back.
    guard wanted > 0 else { return nil }
    var place = silence.upperBound
    while place + Self.window <= counts.count {
      let sum = counts[place..<(place + Self.window)].reduce(0, +)
      if Double(sum) >= wanted { return place }
      place += 1
    }
    return nil
  }

  /// The longest run of stretches without any append, from the death on; empty if there is none.
  private var silence: Range<Int> {
    var longest = death..<death
    var begin = death
    for place in counts.indices.dropFirst(death) {
      if counts[place] > 0 {
        begin = place + 1
      } else if place + 1 - begin > longest.count {
        longest = begin..<(place + 1)
      }
    }
    return longest
  }

  /// A picture of it, in a file of this name.
  func plot(named file: String) -> Report.Plot {
    let labelled = [10, 20, 50, 100, 200, 500].first { counts.count <= 8 * $0 } ?? 1000
    let milliseconds = Int(width / .milliseconds(1))
    var plot = LinePlot(
      title: "Appends while \(victim) is killed",
      xTitle: "milliseconds from the death on",
      xLabels: counts.indices.map { place in
        (place - death).isMultiple(of: labelled) ? "\((place - death) * milliseconds)" : ""
      },
      yTitle: "acknowledged, in steps of \(milliseconds) ms",
      unit: .perSecond,
      lines: [LinePlot.Line("appends", counts.map { Double($0) / width.seconds })]
    )
    plot.marks = [LinePlot.Mark("killed", at: death)]
    if let recoveryPlace { plot.marks.append(LinePlot.Mark("90 % again", at: recoveryPlace)) }
    return Report.Plot(file, plot)
  }
}
