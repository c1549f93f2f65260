/// A word for whoever waits: on a terminal only, and only if it really takes long.
///
/// For work that shows nothing until it is done. What shows how far it is has ``Progress``.
public enum Silence {
  /// For so long nobody wonders.
  private static let lengthMax = Duration.seconds(2)

  /// Does something, and tells from time to time that it is still at it.
  ///
  /// - Parameters:
  ///   - what: What is done: "opening the log".
  ///   - remedy: What Ctrl-C does meanwhile: "stops it".
  ///   - errors: Where the word goes; it is no result.
  ///   - clock: What the wait is measured by.
  ///   - body: The work. What it prints must stay unflushed until it is done.
  /// - Returns: What the work returns.
  /// - Throws: What the work throws.
  public static func broken<Value>(
    by what: String,
    _ remedy: String,
    on errors: Output,
    clock: any Clock<Duration>,
    _ body: () async throws(ReplError) -> Value
  ) async throws(ReplError) -> Value {
    guard errors.isTerminal else { return try await body() }
    let stopwatch = Stopwatch.started(on: clock)
    // Cancelled, and waited for, when the work is done.
    async let _: Void = tell(what, remedy, on: errors, clock, stopwatch)
    return try await body()
  }

  private static func tell(
    _ what: String,
    _ remedy: String,
    on errors: Output,
    _ clock: any Clock<Duration>,
    _ stopwatch: Stopwatch
  ) async {
    var isShown = false
    do {
      try await clock.sleep(for: lengthMax)
      while true {
        let seconds = Int(stopwatch.elapsed() / .seconds(1))
        let advice =
          Interruption.isRaised ? "asked to stop; Ctrl-C twice more ends corfu" : "Ctrl-C \(remedy)"
        let line = "\(what): \(seconds) s so far; \(advice)".prefix((errors.width ?? 80) - 1)
        isShown = true
        try errors.write("\r\u{1b}[K\(line)".utf8)
        try errors.flush()
        try await clock.sleep(for: .milliseconds(500))
      }
    } catch {
      // The work is done, or nobody looks.
      if isShown { erase(on: errors) }
    }
  }

  private static func erase(on errors: Output) {
    do {
      try errors.write("\r\u{1b}[K".utf8)
      try errors.flush()
    } catch {
      return  // Nobody looks any more.
    }
  }
}

extension Command {
  /// What it does while nothing is shown; `nil` for one that shows how far it is, or is done at
  /// once.
  var silentWork: String? {
    switch self {
    case .append: "appending"
    case .read: "reading"
    case .tail: "looking for the end"
    case .stats: "counting"
    case .crash: "cutting the power"
    case .reopen: "opening the log again"
    case .race: "racing"
    case .fill: "filling"
    case .trim, .trimRange, .trimPrefix: "trimming"
    case .cluster(.healing(.wait)): "waiting"
    case .cluster: "waiting for the servers"
    case .appendLines, .scan, .follow, .verify, .help, .mode, .timing, .bail, .script, .output,
      .watch, .quit:
      nil
    }
  }
}
