import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror

/// The prompt over a log of your parts; a simulated one unless a folder is named.
func prompt(_ options: Options, _ parts: MyParts) async throws {
  switch options.stage {
  case 1: try await promptOfRacers(options, parts.race)
  case 2: try await promptWithTokens(options, parts.tokens)
  case 3, 4: try await promptOfMirrors(options, parts.all)
  default: try await promptOfCluster(options, parts.all)
  }
}

/// Chapter 1's.
private func promptOfRacers<Race: AppendRace>(_ options: Options, _: Race.Type) async throws {
  guard let folder = options.folder else {
    return try await converse(on: try SimulatedSession<Stage1<SimulatedDevice, Race>>(seed: 0))
  }
  let clock = ContinuousClock()
  try await converse(
    on: try await FileSession<Stage1<FileDevice, Race>>(folder: folder, clock: clock)
  )
}

/// Chapter 2's.
private func promptWithTokens<Tokens: TokenSource>(
  _ options: Options,
  _: Tokens.Type
) async throws {
  guard let folder = options.folder else {
    return try await converse(on: try SimulatedSession<Stage2<SimulatedDevice, Tokens>>(seed: 0))
  }
  let clock = ContinuousClock()
  try await converse(
    on: try await FileSession<Stage2<FileDevice, Tokens>>(folder: folder, clock: clock)
  )
}

/// Chapter 3's and 4's, over several disks.
private func promptOfMirrors(_ options: Options, _ parts: (some CopyParts).Type) async throws {
  guard let folder = options.folder else {
    return try await converse(
      on: try await ClusterSessions.simulatedMirrors(stage: options.stage, seed: 0, parts: parts)
    )
  }
  try await converse(
    on: try await ClusterSessions.mirrored(
      stage: options.stage,
      in: folder,
      shape: nil,
      clock: ContinuousClock(),
      parts: parts
    )
  )
}

/// Chapters 5 to 7.
private func promptOfCluster(_ options: Options, _ parts: (some Parts).Type) async throws {
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
  try await converse(on: session)
}

/// Talks with whoever sits at the terminal, or runs what is piped in.
private func converse(on session: any ReplSession) async throws {
  let clock = ContinuousClock()
  let output = Output.standardOutput()
  let interpreter = Interpreter(
    session: session,
    output: output,
    errors: .standardError(),
    clock: clock
  )
  if Terminal.isInteractive {
    try await Prompt(interpreter, on: Terminal(stage: session.stage), clock: clock)
      .run(greeting: await Greeting.lines(for: session))
  } else {
    _ = await interpreter.run(script: .input)
  }
  try output.flush()
  try await session.close()
}
