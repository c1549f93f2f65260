import ArgumentParser
import CorfuRepl

/// Runs one command of the prompt for the shell: the same grammar, the same words.
enum Shell {
  /// What Unix programs answer when Ctrl-C ended them.
  static let interrupted: Int32 = 130

  /// Opens a log, runs a command on it and closes it again.
  ///
  /// Throws the exit status unless that is 0.
  static func run(
    _ command: Command,
    on options: DataOptions,
    mode: RenderingMode,
    output: Output = .standardOutput(),
    for purpose: Purpose = .reading
  ) async throws {
    try await run(command, mode: mode, output: output) { () throws(ReplError) in
      try await openSession(options.session, for: purpose)
    }
  }

  /// Opens a session, runs a command on it and closes it again.
  ///
  /// Throws the exit status unless that is 0.
  static func run(
    _ command: Command,
    mode: RenderingMode,
    output: Output = .standardOutput(),
    opening open: () async throws(ReplError) -> any ReplSession
  ) async throws {
    let clock = ContinuousClock()
    let errors = Output.standardError()
    let session = try await Silence.broken(
      by: "opening the log",
      "stops it",
      on: errors,
      clock: clock,
      open
    )
    let interpreter = Interpreter(
      session: session,
      output: output,
      errors: errors,
      clock: clock,
      mode: mode,
      errorPrefix: "corfu: "
    )
    Interruption.catchFromNowOn()
    let ending = await Interruption.cancelling(on: clock) { await interpreter.run(command) }
    var closing: ReplError?
    do throws(ReplError) {
      try await leave(session, errors, clock)
    } catch {
      closing = error
    }
    if ending.wasInterrupted { throw ExitCode(interrupted) }
    if ending.outcome == .failed { throw ExitCode(1) }
    if let closing { throw closing }
  }

  /// Closes a log.
  ///
  /// Whoever has no patience for that may press Ctrl-C: what was acknowledged is on disk already.
  static func leave(
    _ session: any ReplSession,
    _ errors: Output,
    _ clock: ContinuousClock
  ) async throws(ReplError) {
    Interruption.letGo()
    try await Silence.broken(
      by: "closing the log",
      "leaves at once, and loses nothing that was acknowledged",
      on: errors,
      clock: clock
    ) { () throws(ReplError) in try await session.close() }
  }

  /// The command that some words make.
  ///
  /// Throws ``ReplError/syntax(_:)``.
  static func command(_ words: [String], stage: Int) throws(ReplError) -> Command {
    do {
      return try Parser(stage: stage).parse(words: words)
    } catch {
      throw .syntax(error)
    }
  }
}

extension RenderingOptions {
  /// The mode that the flags ask for.
  var mode: RenderingMode { json ? .json : raw ? .raw : .table }
}
