/// Something to run for a while and measure.
public struct Trial: Sendable {
  /// What it is called, among the trials of the same rounds.
  public let name: String
  /// Runs it for about so long.
  public let run: @Sendable (Duration) async throws -> Measurement

  /// A trial.
  public init(_ name: String, run: @escaping @Sendable (Duration) async throws -> Measurement) {
    self.name = name
    self.run = run
  }
}

/// Runs trials in turn, several times: what disturbs the machine for a while disturbs all alike.
public struct Rounds: Sendable {
  /// How often each trial is run and counted.
  public var count = 5
  /// How long a trial runs, over all rounds.
  public var duration: Duration
  /// Hears which trial begins.
  public var onTrial: @Sendable (String) -> Void

  /// Runs before each trial, outside its time: nobody pays for what the one before left behind.
  public var settle: @Sendable () -> Void = {}

  /// Rounds of so long a total per trial.
  public init(
    count: Int = 5,
    duration: Duration,
    onTrial: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.count = count
    self.duration = duration
    self.onTrial = onTrial
  }

  /// Runs all trials, first briefly to warm up, then in rounds whose order turns round each time.
  ///
  /// - Returns: A series for each trial, in their order.
  public func run(_ trials: [Trial]) async throws -> [Series] {
    let duration = duration / count
    for trial in trials {
      onTrial("\(trial.name), warming up")
      settle()
      _ = try await trial.run(duration / 4)
    }
    var series = [Series](repeating: Series(), count: trials.count)
    for round in 0..<count {
      let order = round.isMultiple(of: 2) ? Array(trials.indices) : trials.indices.reversed()
      for index in order {
        onTrial("\(trials[index].name), round \(round + 1) of \(count)")
        settle()
        series[index].append(try await trials[index].run(duration))
      }
    }
    return series
  }
}
