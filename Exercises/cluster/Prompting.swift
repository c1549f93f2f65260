import CorfuProtocol
import CorfuRepl

/// Chapters 5 to 7: the prompt over a cluster of your parts; a simulated one unless a folder is
/// named.
func prompt(_ options: Options, _ parts: (some Parts).Type) async throws {
  let clock = ContinuousClock()
  let session: any ReplSession
  if let folder = options.folder {
    session = try await ClusterSessions.onFiles(
      stage: options.stage,
      in: folder,
      shape: nil,
      clock: clock,
      parts: parts
    )
  } else {
    session = try await ClusterSessions.simulated(
      stage: options.stage,
      seed: 0,
      parts: parts
    )
  }
  let output = Output.standardOutput()
  let interpreter = Interpreter(
    session: session,
    output: output,
    errors: .standardError(),
    clock: clock
  )
  if Terminal.isInteractive {
    try await Prompt(interpreter, on: Terminal(stage: options.stage), clock: clock)
      .run(greeting: await Greeting.lines(for: session))
  } else {
    _ = await interpreter.run(script: .input)
  }
  try output.flush()
  try await session.close()
}
