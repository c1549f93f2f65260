// Goal: what commands do beyond what a transcript shows: bytes, files, damage, limits,
// cancellation. Method: an interpreter over the model, its output captured.
import CorfuGlobalLog
import CorfuSimulation
import Synchronization
import Testing

@testable import CorfuRepl

@Suite struct InterpreterTests {
  private let output = Output.captured()
  private let errors = Output.captured()

  private func interpreter(
    _ session: any ReplSession = ModelSession(stage: 5),
    mode: RenderingMode = .table
  ) -> Interpreter {
    Interpreter(
      session: session,
      output: output,
      errors: errors,
      clock: StillClock(),
      mode: mode
    )
  }

  private func text(_ output: Output) -> String { String(decoding: output.take(), as: UTF8.self) }

  @Test func aFileComesBackByteForByte() async throws {
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 3)
    var bytes = Array("\n\r\nCRLF\r\n\n".utf8)
    for _ in 0..<5000 {
      let count = Int.random(in: 0..<60, using: &generator)
      bytes += (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) } + [10]
    }
    let file = try folder.write("in", bytes)
    let interpreter = interpreter()
    let line = "append -f \(file); .output \(folder.path)/out; .mode raw; scan; .output stdout"
    #expect(await interpreter.run(Array(line.utf8)) == .done)
    #expect(try folder.read("out") == bytes)
    #expect(text(errors) == "")
  }

  @Test func aLastLineWithoutEndGetsOne() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("in", Array("a\nb".utf8))
    let interpreter = interpreter(mode: .raw)
    _ = await interpreter.run(Array("append -f \(file); scan".utf8))
    #expect(text(output) == "appended 2 entries at 0...1\na\nb\n")
  }

  @Test func aLineOverTheLimitKeepsThoseBeforeIt() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("in", Array("a\nb\n123456789\nc\n".utf8))
    let session = ModelSession(payloadBytesMax: 8)
    #expect(await interpreter(session).run(Array("append -f \(file)".utf8)) == .failed)
    #expect(
      text(errors) == """
        error: line 3 of \(file) is longer than the limit of 8 bytes; before that, 2 entries at \
        0...1 were appended

        """
    )
    #expect(try await session.tail() == Position(2))
  }

  @Test func aFailureHalfWayTellsWhatWasAcknowledged() async throws {
    let folder = try TemporaryFolder()
    let lines = (0..<3000).map { "\($0)\n" }.joined()
    let file = try folder.write("in", Array(lines.utf8))
    let session = FaultySession(appendsMax: 2500)
    #expect(await interpreter(session).run(Array("append -f \(file)".utf8)) == .failed)
    let note = text(errors)
    #expect(note.hasPrefix("error: the disk is full"))
    #expect(note.contains("; before that, 2,048 entries at 0...2047 were appended; "))
    #expect(note.contains("of the next 952 lines some may be in the log"))
    #expect(note.count { $0 == "\n" } == 1)
  }

  @Test func positionsOfALaterLineMayBeLower() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("in", Array("a\nb\nc\n".utf8))
    let session = FaultySession(reverses: true)
    _ = await interpreter(session).run(Array("append -f \(file)".utf8))
    #expect(text(output).contains("3 entries at 0...2"))
  }

  @Test func aScanShowsAllThatCanBeRead() async throws {
    let session = FaultySession(damaged: [Position(0), Position(5), Position(6), Position(99)])
    for index in 0..<100 { _ = try await session.append(Array("entry \(index)".utf8)) }
    #expect(await interpreter(session, mode: .raw).run(Array("scan".utf8)) == .failed)
    let shown = text(output).split(separator: "\n")
    #expect(shown.count == 96 && shown.first == "entry 1" && shown.last == "entry 98")
    #expect(text(errors) == "error: position 0 is damaged, and there is no other copy to read\n")
    _ = await interpreter(session).run(Array("scan 4...7".utf8))
    let table = """
      position  entry
             4  entry 4
           5...6  (damaged)
             7  entry 7
      2 entries, 2 damaged

      """
    #expect(text(output).split(separator: "\n").count == table.split(separator: "\n").count)
  }

  @Test("What is told to be lost counts like an entry: a scan of a lost chain ends as well")
  func lostPositionsCount() async throws {
    let mixed = FaultySession(lost: [Position(1), Position(3), Position(4)])
    for index in 0..<10 { _ = try await mixed.append(Array("entry \(index)".utf8)) }
    #expect(await interpreter(mixed).run(Array("scan count 4".utf8)) == .failed)
    let shown = text(output)
    #expect(shown.hasSuffix("2  entry 2\n       3  (lost)\n2 entries, 2 lost\n"), "\(shown)")
    _ = await interpreter(mixed).run(Array("follow from 0 count 3".utf8))
    #expect(text(output).hasSuffix("1  (lost)\n       2  entry 2\n"))
    let gone = FaultySession(lost: Set((0..<10 as Range<UInt64>).map { Position($0) }))
    for index in 0..<10 { _ = try await gone.append(Array("entry \(index)".utf8)) }
    _ = await interpreter(gone).run(Array("scan count 3".utf8))
    #expect(text(output).hasSuffix("   0...2  (lost)\nno entries, 3 lost\n"))
    _ = text(errors)
  }

  @Test func largeEntriesAreReadInSmallChunks() async throws {
    let session = FaultySession()
    let large = [UInt8](repeating: 0x78, count: 1 << 20)
    for _ in 0..<40 { _ = try await session.append(large) }
    _ = await interpreter(session, mode: .raw).run(Array("scan".utf8))
    #expect(output.take().count == 40 * ((1 << 20) + 1))
    // The first chunk does not know yet what it will find.
    #expect(session.chunks.withLock { $0.prefix(3).last ?? 0 } <= 4)
  }

  @Test("A table never shows a large entry whole; it tells the length, and raw shows all")
  func largeEntriesAreShortened() async throws {
    let session = ModelSession()
    let large = [UInt8](repeating: 0x78, count: 1 << 20)
    _ = try await session.append(large)
    let interpreter = interpreter(session)
    for command in ["scan", "read 0", "follow from 0 count 1"] {
      _ = await interpreter.run(Array(command.utf8))
      let shown = text(output)
      #expect(shown.utf8.count < 4200 && shown.contains("xxx… (1,048,576 bytes)\n"))
      let remark = text(errors)
      #expect(remark.contains("'.mode raw'") == (command == "read 0"))
    }
    _ = await interpreter.run(Array(".mode raw; read 0".utf8))
    #expect(output.take() == large + [0x0a])
  }

  @Test func smallEntriesAreReadInLargeChunks() async throws {
    let session = FaultySession()
    _ = try await session.append(batch: [[UInt8]](repeating: [1], count: 10_000))
    _ = await interpreter(session, mode: .raw).run(Array("scan".utf8))
    #expect(session.chunks.withLock { $0.max() ?? 0 } == 1024)
  }

  @Test func damageMakesVerifyFail() async {
    #expect(await interpreter(FaultySession()).run(Array("verify".utf8)) == .failed)
    #expect(
      text(output) == """
        file          state   records  bytes  damage
        00000000.seg  open          3  4,096  none
        00000001.seg  sealed        2  1,000  2 places
        00000001.seg: record at 64: payload checksum
        00000001.seg: record at 128: header checksum
        2 files, 5 records, 5,096 bytes

        """
    )
    #expect(text(errors) == "error: 1 file is damaged; nothing was changed\n")
  }

  @Test func scriptsGoOnUnlessToldToBail() async throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("a.corfu", Array("tail\nread x\ntail\n".utf8))
    let going = interpreter()
    #expect(await going.run(Array(".read \(script)".utf8)) == .failed)
    #expect(text(output) == "0\n0\n")
    #expect(text(errors).hasPrefix("error: \(script):2: 'x' at column 6 is not a position"))
    #expect(await going.failures == 1)
    let bailing = interpreter()
    #expect(await bailing.run(Array(".bail on; .read \(script); tail".utf8)) == .failed)
    #expect(text(output) == "0\n")
  }

  @Test func scriptsThatCallThemselvesEnd() async throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("loop", Array(".read \(folder.path)/loop\n".utf8))
    #expect(await interpreter().run(Array(".read \(script)".utf8)) == .failed)
    #expect(text(errors).contains("scripts call each other more than 16 deep"))
  }

  /// Runs a line in a task that was cancelled, as by Ctrl-C.
  private func runCancelled(
    _ line: String,
    on interpreter: Interpreter
  ) async -> Interpreter.Outcome? {
    await withTaskGroup(of: Interpreter.Outcome.self) { group in
      group.cancelAll()
      group.addTask { await interpreter.run(Array(line.utf8)) }
      return await group.next()
    }
  }

  @Test func aCancelledCommandSaysSo() async {
    let interpreter = interpreter()
    #expect(await runCancelled(".watch 1 tail; tail", on: interpreter) == .failed)
    #expect(text(errors) == "cancelled\n")
    #expect(text(output) == "0\n")
    #expect(await interpreter.failures == 1)
  }

  @Test("Ctrl-C is how one ends 'follow': it tells how far it came, and is no failure")
  func anEndedFollowTellsHowFarItCame() async throws {
    let interpreter = interpreter()
    #expect(await runCancelled("follow; tail", on: interpreter) == .failed)
    #expect(text(errors) == "(no entries shown; follow would go on from 0)\n")
    #expect(text(output) == "")
    #expect(await interpreter.failures == 0)
    // What is behind the limit of this clock is cancelled, too.
    let later = Interpreter(
      session: ModelSession(stage: 5),
      output: output,
      errors: errors,
      clock: StillClock(limit: .seconds(1))
    )
    _ = await later.run(Array("append a; append b; follow from 0".utf8))
    #expect(text(errors) == "(2 entries shown; follow would go on from 2)\n")
    #expect(text(output).hasSuffix("\n       0  a\n       1  b\n"))
    #expect(await later.failures == 0)
  }

  @Test func errorsAreDocumentsInJSONMode() async {
    let interpreter = interpreter(mode: .json)
    #expect(await interpreter.run(Array("read x".utf8), at: "s:3") == .failed)
    #expect(
      text(errors) == #"{"error":"'x' at column 6 is not a position: use a number, 'tail' or "#
        + #"'tail-3'","at":"s:3"}"# + "\n"
    )
  }

  @Test func filesThatCannotBeWrittenChangeNothing() async throws {
    let interpreter = interpreter()
    #expect(await interpreter.run(Array(".output /no/such/file".utf8)) == .failed)
    #expect(await interpreter.run(Array("tail".utf8)) == .done)
    #expect(text(output) == "0\n")
    #expect(text(errors) == "error: /no/such/file: no such file or directory\n")
  }
}
