import CorfuGlobalLog
import CorfuStages
import GlobalLogExercises

// The log of chapter 1 with your race in it: clients append at once, and the numbers show what it
// cost.

guard let options = Options(CommandLine.arguments.dropFirst()) else {
  print("mycorfu [--data FOLDER] [--clients N] [--appends N]")
  Options.exit(status: 2)
}

do {
  if let folder = options.folder {
    try await race(on: FileDevice(path: folder), options)
  } else {
    try await race(on: MemoryDevice(), options)
  }
} catch {
  print("mycorfu: \(error)")
  Options.exit(status: 1)
}

/// Opens a log on a device, lets clients race on it, and tells how they fared.
func race<Storage: Device>(on device: Storage, _ options: Options) async throws {
  var random = SystemRandomNumberGenerator()
  // `GlobalLogExercises.TailRace` is yours; `CorfuGlobalLog.TailRace` would be the reference's.
  let stage = try await Stage1<Storage, GlobalLogExercises.TailRace>.open(device, using: &random)
  let logs = (0..<options.clients).map { _ in stage.client(using: &random) }
  let thread = try ThreadExecutor()
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await stage.run(on: thread) }
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
    for (index, log) in logs.enumerated() {
      let counters = log.counters
      print("client \(index + 1)  \(counters.appends) appends  \(counters.lostRaces) lost races")
    }
    let tail = stage.store.tail()
    let counters = stage.store.counters
    print("the log ends at \(tail); \(counters.syncs) syncs")
    try await stage.close()
  }
  thread.stop()
}
