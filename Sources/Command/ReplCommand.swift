import ArgumentParser
import CorfuRepl

/// `corfu repl`: the prompt, or a script without one.
struct ReplCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl",
    abstract: "Work with a log at a prompt.",
    discussion: """
      On a terminal this is a conversation with completion and a history (~/.corfu_history, or the \
      file that CORFU_HISTORY names). With -c, with -f, or in a pipe it runs commands and ends; a \
      command that fails does not stop the others unless '.bail on', but the exit status is 1 at \
      the end. Of a line with a mistyped command nothing is done.
      """
  )

  @OptionGroup var options: SessionOptions

  @Option(
    name: [.customShort("c"), .customLong("command")],
    help: "Run these commands and end. May be given several times."
  )
  var commands: [String] = []

  @Option(
    name: [.customShort("f"), .customLong("file")],
    help: "Run the commands in this file and end."
  )
  var file: String?

  @Flag(help: "Print the reference of all commands as Markdown and end.")
  var reference = false

  func validate() throws {
    if !commands.isEmpty, file != nil {
      throw ValidationError("-c and -f exclude each other: say '-c \".read FILE; …\"' instead")
    }
  }

  func run() async throws {
    if reference {
      let output = Output.standardOutput()
      try output.write(CommandReference.markdown.utf8)
      return try output.flush()
    }
    let script = file.map { Interpreter.Script.file($0) } ?? Self.typedScript(commands)
    let session = try await Silence.broken(
      by: "opening the log",
      "stops it",
      on: .standardError(),
      clock: ContinuousClock()
    ) { () throws(ReplError) in try await openSession(for: script) }
    try await Self.converse(on: session, running: script)
  }

  /// Talks with a person about a log, or runs a script on it, and closes it.
  static func converse(
    on session: any ReplSession,
    running script: Interpreter.Script?
  ) async throws {
    let clock = ContinuousClock()
    let errors = Output.standardError()
    let output = Output.standardOutput()
    let interpreter = Interpreter(
      session: session,
      output: output,
      errors: errors,
      clock: clock,
      tellsNews: true
    )
    let ending = await result { () throws(ReplError) in
      if let script {
        _ = await interpreter.run(script: script)
      } else {
        let prompt = Prompt(interpreter, on: Terminal(stage: session.stage), clock: clock)
        try await prompt.run(greeting: await Greeting.lines(for: session))
      }
    }
    let closing = await result { () throws(ReplError) in
      try await Shell.leave(session, errors, clock)
    }
    // What went wrong first is what counts.
    try ending.get()
    if await interpreter.failures == 0 { try closing.get() }
    if script != nil, await interpreter.failures > 0 { throw ExitCode(1) }
  }

  /// What is to be run without a conversation; `nil` if a person sits there.
  static func typedScript(_ commands: [String]) -> Interpreter.Script? {
    if !commands.isEmpty { return .text(commands.joined(separator: "\n")) }
    return Terminal.isInteractive ? nil : .input
  }

  /// Opens what a script needs: one that only reads makes no log.
  private func openSession(
    for script: Interpreter.Script?
  ) async throws(ReplError) -> any ReplSession {
    let stage = try options.stage()
    return switch script?.need(stage: stage) ?? .writing {
    case .nothing: ModelSession(stage: stage)
    case .reading: try await CorfuCommand.openSession(options, for: .reading)
    case .writing: try await CorfuCommand.openSession(options, for: .anything)
    }
  }

  private static func result(
    _ body: () async throws(ReplError) -> Void
  ) async -> Result<Void, ReplError> {
    do throws(ReplError) {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}
