import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuSequencer
import CorfuStripeMirror
import CorfuWriteOnce
import SequencerExercises
import StripeMirrorExercises
import WriteOnceExercises

/// A cluster's parts, yours where you have written them.
enum MyParts: Parts {
  typealias Tokens = SequencerExercises.Sequencer
  typealias Mapping = StripeMirrorExercises.RoundRobin
  typealias Writer = StripeMirrorExercises.ChainWriter
  typealias Reader = StripeMirrorExercises.ChainReader
  typealias Gate = WriteOnceExercises.EpochGate
  typealias Filler = WriteOnceExercises.ChainFiller
  typealias Resolver = WriteOnceExercises.AppendResolver
}

/// Chapter 5: the prompt over a cluster of your parts; a simulated one unless a folder is named.
func prompt(_ options: Options) async throws {
  let clock = ContinuousClock()
  let session: any ReplSession
  if let folder = options.folder {
    session = try await ClusterSessions.onFiles(
      in: folder,
      shape: nil,
      clock: clock,
      parts: MyParts.self
    )
  } else {
    session = try await ClusterSessions.simulated(seed: 0, parts: MyParts.self)
  }
  let output = Output.standardOutput()
  let interpreter = Interpreter(
    session: session,
    output: output,
    errors: .standardError(),
    clock: clock
  )
  if Terminal.isInteractive {
    try await Prompt(interpreter, on: Terminal(stage: 5), clock: clock)
      .run(greeting: await Greeting.lines(for: session))
  } else {
    _ = await interpreter.run(script: .input)
  }
  try output.flush()
  try await session.close()
}
