import CorfuGlobalLog
import CorfuSequencer
import CorfuStages
import CorfuStripeMirror

// The log of chapters 1 to 4 with your parts in it: clients append at once, and the numbers show
// what it cost. From chapter 5 on, or with --prompt, the prompt.

guard let options = Options(CommandLine.arguments.dropFirst()) else {
  print("mycorfu [--stage 1|2|3|4|5|6|7] [--data FOLDER] [--clients N] [--appends N]")
  print("        [--prompt]       commands instead of a race, at stages 1 to 4, too")
  print("        [--mine 2,3.1]   your parts of these chapters and exercises, checked or not")
  Options.exit(status: 2)
}

let choice = Choice(mine: options.mine)
let parts = MyParts(choice: choice)
note(choice.summary(of: MyParts.used(at: options.stage)))

do {
  if options.stage >= 5 || options.wantsPrompt {
    try await prompt(options, parts)
  } else if let folder = options.folder {
    try await run(options, parts) { FileDevice(path: folder + $0) }
  } else {
    try await run(options, parts) { _ in MemoryDevice() }
  }
} catch {
  print("mycorfu: \(error)")
  Options.exit(status: 1)
}

/// Opens a log, lets clients append to it, and tells how they fared.
///
/// - Parameters:
///   - options: What is wanted.
///   - parts: Whose parts it is made of.
///   - makeDevice: The folder of the log, or of one of its units, by the end of its name.
/// - Throws: What keeps the log from being opened, or from its work.
func run<Storage: Device>(
  _ options: Options,
  _ parts: MyParts,
  makeDevice: @escaping @Sendable (String) -> Storage
) async throws {
  if options.stage == 1 {
    let device = makeDevice("")
    try await race(on: device, options, parts.race)
    try readAgain(device, parts.codec, parts.judge)
  }
  if options.stage == 2 { try await takeTokens(on: makeDevice(""), options, parts.tokens) }
  if options.stage == 3 { try await mirror(options, parts.all, makeDevice) }
  if options.stage == 4 { try await forget(options, parts.all, makeDevice) }
}

/// Chapter 1: whoever is first has the position.
func race<Storage: Device, Race: AppendRace>(
  on device: Storage,
  _ options: Options,
  _: Race.Type
) async throws {
  var random = SystemRandomNumberGenerator()
  let stage = try await Stage1<Storage, Race>.open(device, using: &random)
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
func takeTokens<Storage: Device, Tokens: TokenSource>(
  on device: Storage,
  _ options: Options,
  _: Tokens.Type
) async throws {
  var random = SystemRandomNumberGenerator()
  let stage = try await Stage2<Storage, Tokens>.open(device, using: &random)
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

/// Chapter 3: every entry on two disks, and then one of them is killed.
func mirror<Storage: Device, Parts: MirrorParts>(
  _ options: Options,
  _: Parts.Type,
  _ makeDevice: @escaping @Sendable (String) -> Storage
) async throws {
  var random = SystemRandomNumberGenerator()
  let stage = try await Stage3<Storage, Parts>.open(
    in: makeDevice(""),
    using: &random,
    makeDevice: { makeDevice("/\($0)") }
  )
  let logs = (0..<options.clients).map { _ in stage.client(using: &random) }
  let reader = stage.client(using: &random)
  try await work(
    logs,
    options,
    // A thread for each unit; one that gets none shares the others'.
    run: { _ in await stage.run { try? ThreadExecutor() } },
    close: {
      for unit in stage.units {
        guard let counters = unit.counters else { continue }
        print("\(unit.name)  \(counters.records) records  \(counters.syncs) syncs")
      }
      let tail = stage.tail
      try await stage.kill(NodeID(1))
      let slots = try await reader.read(Position.zero..<tail)
      let found = slots.count { $0.isTaken }
      print(
        "the log ends at \(tail); n1 is killed, and \(found) of \(slots.count) entries are there"
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
