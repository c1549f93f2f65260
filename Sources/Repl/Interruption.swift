import CReadline

/// Ctrl-C: it cancels the command under way instead of ending the process.
public enum Interruption {
  /// From now on Ctrl-C is caught.
  ///
  /// Pressed three times during one command it ends the process after all.
  public static func catchFromNowOn() {
    corfu_interrupts_catch()
  }

  /// From now on SIGTERM and SIGHUP count as Ctrl-C does, for what must clean up whoever ends it.
  ///
  /// One that is ignored stays so.
  public static func catchEndingsFromNowOn() {
    corfu_endings_catch()
  }

  /// The exit status of a process that one of these signals ended, the last that came: 130 for
  /// Ctrl-C.
  public static var exitStatus: Int32 { 128 + corfu_last_interrupt() }

  /// From now on Ctrl-C ends the process again: nothing is left to be stopped in good order.
  public static func letGo() {
    corfu_interrupts_let_go()
    corfu_interrupts_clear()
  }

  /// Whether Ctrl-C was pressed since the command began.
  static var isRaised: Bool { corfu_interrupts() > 0 }

  private enum Event: Sendable {
    case ended(Interpreter.Outcome)
    case interrupted
  }

  /// Runs something in a task that Ctrl-C cancels, and tells whether it did.
  public static func cancelling(
    on clock: any Clock<Duration>,
    _ body: @escaping @Sendable () async -> Interpreter.Outcome
  ) async -> (outcome: Interpreter.Outcome, wasInterrupted: Bool) {
    corfu_interrupts_clear()
    return await withTaskGroup(of: Event.self) { group in
      group.addTask { .ended(await body()) }
      group.addTask { await interrupt(on: clock) }
      var outcome = Interpreter.Outcome.done
      // The first to end ends the other: a finished command the watch, Ctrl-C the command.
      while let event = await group.next() {
        group.cancelAll()
        if case .ended(let ending) = event { outcome = ending }
      }
      return (outcome, isRaised)
    }
  }

  /// Ends when Ctrl-C was pressed, or with its task.
  private static func interrupt(on clock: any Clock<Duration>) async -> Event {
    while !isRaised {
      do {
        try await clock.sleep(for: .milliseconds(50))
      } catch {
        // The command ended before anybody lost patience.
        return .interrupted
      }
    }
    return .interrupted
  }
}
