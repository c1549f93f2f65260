/// The conversation at a terminal: reads a line, runs it, and begins again.
public struct Prompt {
  /// What stands before each line.
  public static let text = "corfu> "

  private let interpreter: Interpreter
  private let terminal: Terminal
  private let clock: any Clock<Duration>

  /// A conversation that has an interpreter do what is typed.
  public init(_ interpreter: Interpreter, on terminal: Terminal, clock: any Clock<Duration>) {
    self.interpreter = interpreter
    self.terminal = terminal
    self.clock = clock
  }

  /// Goes on until Ctrl-D or `quit`.
  public func run(greeting: [String]) async throws(ReplError) {
    let output = Output.standardOutput()
    for line in greeting { try output.line(line) }
    try output.flush()
    while true {
      switch terminal.readLine(prompt: Self.text) {
      case .interrupted:
        continue
      case .end:
        // The shell's prompt should not stand on this line.
        try output.line("")
        try output.flush()
        return
      case .line(let line):
        if await run(Array(line.utf8)) == .leave { return }
      }
    }
  }

  /// Runs a line; Ctrl-C cancels the task that does.
  private func run(_ line: [UInt8]) async -> Interpreter.Outcome {
    let interpreter = interpreter
    return await Interruption.cancelling(on: clock) { await interpreter.run(line) }.outcome
  }
}
