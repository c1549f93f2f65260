import CorfuGlobalLog
import CorfuSequencer
import CorfuStages
import GlobalLogExercises
import SequencerExercises

// The log of chapter 1 or 2 with your parts in it: clients append at once, and the numbers show
// what it cost. From chapter 5 on, the prompt.

guard let options = Options(CommandLine.arguments.dropFirst()) else {
  print("mycorfu [--stage 1|2|5] [--data FOLDER] [--clients N] [--appends N]")
  Options.exit(status: 2)
}

do {
  if options.stage == 5 {
    try await prompt(options)
  } else if let folder = options.folder {
    try await run(on: FileDevice(path: folder), options)
  } else {
    try await run(on: MemoryDevice(), options)
  }
} catch {
  print("mycorfu: \(error)")
  Options.exit(status: 1)
}

/// Opens a log on a device, lets clients append to it, and tells how they fared.
func run(on device: some Device, _ options: Options) async throws {
  if options.stage == 1 { try await race(on: device, options) }
  if options.stage == 2 { try await takeTokens(on: device, options) }
}

/// Chapter 1: whoever is first has the position.
func race<Storage: Device>(on device: Storage, _ options: Options) async throws {
  var random = SystemRandomNumberGenerator()
  // `GlobalLogExercises.TailRace` is yours; `CorfuGlobalLog.TailRace` would be the reference's.
  let stage = try await Stage1<Storage, GlobalLogExercises.TailRace>.open(device, using: &random)
  let logs = (0..<options.clients).map { _ in stage.client(using: &random) }
  try await work(
    logs,
    options,
    run: { await stage.run(on: $0) },
    close: {
      for (index, log) in logs.enumerated() {
        let counters = log.counters
        print("client \(index + 1)  \(counters.appends) appends  \(counters.lostRaces) lost races")
      }
      print("the log ends at \(stage.store.tail()); \(stage.store.counters.syncs) syncs")
      try await stage.close()
    }
  )
}

/// Chapter 2: whoever has a token has the position.
func takeTokens<Storage: Device>(on device: Storage, _ options: Options) async throws {
  var random = SystemRandomNumberGenerator()
  // `SequencerExercises.Sequencer` is yours.
  let stage = try await Stage2<Storage, SequencerExercises.Sequencer>.open(device, using: &random)
  let logs = (0..<options.clients).map { _ in stage.client(using: &random) }
  try await work(
    logs,
    options,
    run: { await stage.run(on: $0) },
    close: {
      for (index, log) in logs.enumerated() {
        let counters = log.counters
        print(
          "client \(index + 1)  \(counters.appends) appends  \(counters.lostPositions) lost positions"
        )
      }
      let tokens = stage.sequencer.counters.tokens
      print(
        "the log ends at \(stage.store.tail()); \(tokens) tokens, "
          + "\(stage.store.counters.syncs) syncs"
      )
      try await stage.close()
    }
  )
}

/// Lets clients append, all at once, while the store does its work.
func work(
  _ logs: [some SharedLog],
  _ options: Options,
  run: @escaping @Sendable (ThreadExecutor) async -> Void,
  close: () async throws -> Void
) async throws {
  let thread = try ThreadExecutor()
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await run(thread) }
    try await withThrowingTaskGroup(of: Void.self) { clients in
      for (index, log) in logs.enumerated() {
        clients.addTask {
          for number in 1...options.appends {
            _ = try await log.append(Array("client \(index + 1), entry \(number)".utf8))
          }
        }
      }
      try await clients.waitForAll()
    }
    try await close()
  }
  thread.stop()
}
