/// Measures time on whatever clock it is given.
struct Stopwatch: Sendable {
  /// How long ago it was started.
  let elapsed: @Sendable () -> Duration

  /// Starts now.
  static func started(on clock: some Clock<Duration>) -> Stopwatch {
    let start = clock.now
    return Stopwatch { start.duration(to: clock.now) }
  }
}
