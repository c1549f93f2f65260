// Goal: sessions tell what they are, how far a check is, and stop it when asked. Method: sessions
// on simulated disks and on folders; the greeting read line by line.
import CorfuGlobalLog
import CorfuSimulation
import CorfuStages
import Testing

@testable import CorfuRepl

@Suite struct SessionTests {
  @Test("The greeting says where the next entry goes, and proposes what this log can do")
  func greetings() async throws {
    let session = ModelSession()
    let empty = await Greeting.lines(for: session)
    #expect(empty[1] == "The log is in memory; it is empty so far. It ends with this session.")
    #expect(empty[2].hasPrefix("Try 'append hello', then 'scan';"))
    _ = try await session.append(batch: [[1], [2], [3]])
    let written = await Greeting.lines(for: session)
    #expect(written[1].contains("memory; the next entry goes to position 3."))
    #expect(written[2].hasPrefix("Try 'scan tail-10...' for the last entries, or 'append hello';"))
  }

  @Test("One who may only look on is not told to append")
  func greetingOfAWatcher() async throws {
    let folder = try TemporaryFolder()
    let owner = try await fileSession(folder.path)
    #expect(WatchingSession.reason(for: folder.path) == .inUse)
    try await owner.close()
    #expect(WatchingSession.reason(for: folder.path) == nil)
    let watching = try WatchingSession(folder: folder.path, because: .noPermission)
    let lines = await Greeting.lines(for: watching)
    #expect(lines[1].contains("\(folder.path), which can only be read; it is empty so far."))
    #expect(lines[2].contains("'follow'") && !lines[2].contains("append"))
    await #expect(throws: ReplError.log(.failed(.noPermission(folder.path)))) {
      _ = try await watching.reopen()
    }
  }

  @Test("A check tells how far it is, and ends when it is told to")
  func checksTellAndStop() async throws {
    let session = try SimulatedSession<Stage1<SimulatedDevice, TailRace>>(seed: 1)
    _ = try await session.log.append([1])
    var told: [Int] = []
    let report = try await session.verify { done, whole throws(ReplError) in
      #expect(whole == 2)
      told.append(done)
    }
    #expect(told == [0, 1] && report.files.count == 2)
    await #expect(throws: ReplError.refused("enough")) {
      _ = try await session.verify { _, _ throws(ReplError) in
        throw .refused("enough")
      }
    }
    await session.close()
  }

  @Test("Ctrl-C stops a check")
  func checksAreCancelled() async throws {
    let output = Output.captured()
    let session = try SimulatedSession<Stage1<SimulatedDevice, TailRace>>(seed: 1)
    let interpreter = Interpreter(
      session: session,
      output: output,
      errors: output,
      clock: StillClock()
    )
    await withTaskGroup(of: Void.self) { group in
      group.cancelAll()
      group.addTask { #expect(await interpreter.run(Array("verify".utf8)) == .failed) }
    }
    #expect(String(decoding: output.take(), as: UTF8.self) == "cancelled\n")
  }

  @Test(arguments: [
    ("help; .mode json; quit", LogNeed.nothing), ("tail", .reading), ("read x", .nothing),
    ("help\nverify\n", .reading), (".watch 1 tail", .reading), ("tail; append x", .writing),
    (".watch 1 append x", .writing), ("race 2 2", .writing), (".read file", .writing),
    ("fill 1", .nothing),
  ])
  func scriptsTellWhatTheyNeed(text: String, need: LogNeed) {
    #expect(Interpreter.Script.text(text).need(stage: 1) == need)
  }

  private func fileSession(_ folder: String) async throws -> FileSession<
    Stage1<FileDevice, TailRace>
  > {
    try await FileSession(folder: folder, clock: StillClock())
  }
}
