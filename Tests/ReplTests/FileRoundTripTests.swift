// Goal: a file that was appended comes back byte for byte, whatever is in it, also where entries
// changed places in the log. Method: files of all kinds through an interpreter, over a log in which
// a quarter of all entries take later positions; then over clusters, in memory.
import CorfuGlobalLog
import CorfuProtocol
import CorfuRepl
import CorfuSimulation
import Testing

@Suite struct FileRoundTripTests {
  private let folder: TemporaryFolder
  private let output = Output.captured()
  private let errors = Output.captured()

  init() throws {
    folder = try TemporaryFolder()
  }

  private func interpreter(
    _ session: any ReplSession,
    mode: RenderingMode = .raw
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

  /// Appends a file.
  ///
  /// - Returns: What is said of it.
  private func append(
    _ bytes: [UInt8],
    to session: any ReplSession,
    mode: RenderingMode = .table
  ) async throws -> String {
    let file = try folder.write("in", bytes)
    _ = await interpreter(session, mode: mode).run(Array("append -f \(file)".utf8))
    #expect(text(errors) == "")
    return text(output)
  }

  /// What a scan prints, payloads alone.
  private func scanned(
    _ session: any ReplSession,
    _ command: Command = .scan(.all, count: nil)
  ) async -> [UInt8] {
    #expect(await interpreter(session).run(command) == .done)
    #expect(text(errors) == "")
    return output.take()
  }

  /// Bytes of which some are new lines.
  private func noise(_ count: Int, newLines: Double, seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      random.chance(newLines) ? 10 : UInt8(random.number(in: 0...255))
    }
  }

  @Test(
    arguments: [
      "", "\n", "a", "a\n", "a\nb", "\n\n", "\na", "a\n\n\nb\n", "a\r\nb\r", "1234567\n",
      "12345678\n", "12345678", "123456789\n", "123456789", "1234567812345678\n",
      "1234567812345678", "\n12345678123456781\n\n1\n123456789123456789",
    ]
  )
  func smallFilesComeBack(text: String) async throws {
    let session = ShufflingSession(seed: 1, payloadBytesMax: 8)
    _ = try await append(Array(text.utf8), to: session)
    let back = await scanned(session)
    #expect(String(decoding: back, as: UTF8.self) == text)
  }

  @Test(arguments: 1...12) func filesOfAllKindsComeBack(seed: UInt64) async throws {
    // From one line in two bytes to hardly any; entries of 16 bytes, or as many as there are.
    let newLines = [0.5, 0.1, 0.02, 0.0001][Int(seed) % 4]
    let bytes = noise(60_000, newLines: newLines, seed: seed)
    let session = ShufflingSession(seed: seed, payloadBytesMax: seed % 3 == 0 ? 16 : 1 << 20)
    _ = try await append(bytes, to: session)
    #expect(await scanned(session) == bytes)
    // And in another one's log behind it.
    session.changeClient()
    _ = try await append(bytes, to: session)
    #expect(await scanned(session) == bytes + bytes)
  }

  @Test func theLogsOrderIsThereForWhoWantsIt() async throws {
    let lines = (0..<2000).map { "line \($0)\n" }
    let session = ShufflingSession(seed: 3)
    _ = try await append(Array(lines.joined().utf8), to: session)
    let back = await scanned(session, .scan(.all, count: nil, order: .log))
    let found = String(decoding: back, as: UTF8.self).split(separator: "\n").map { "\($0)\n" }
    #expect(found != lines && found.sorted() == lines.sorted())
    // It is what tables and documents have, 'read' of a range, and whoever follows.
    var entries: [String] = []
    for slot in try await session.read(Position(0)..<session.tail()) {
      guard case .data(let entry) = slot else { continue }
      entries.append(String(decoding: entry.payload, as: UTF8.self) + "\n")
    }
    #expect(found == entries)
    for command in ["read 0...", "follow from 0 count 2000"] {
      #expect(await interpreter(session).run(Array(command.utf8)) == .done)
      #expect(text(output) == entries.joined())
    }
    #expect(await interpreter(session, mode: .json).run(Array("scan".utf8)) == .done)
    let numbers = text(output).split(separator: "\n").compactMap { line in
      line.firstMatch(of: /"position":(\d+),/).flatMap { Int($0.1) }
    }
    #expect(numbers == Array(0..<numbers.count) && numbers.count > 2000)
  }

  @Test func aCountChoosesByPosition() async throws {
    let session = ShufflingSession(seed: 4)
    _ = try await append(Array((0..<100).map { "\($0)\n" }.joined().utf8), to: session)
    let first = await scanned(session, .scan(.all, count: 10, order: .log))
    let ordered = await scanned(session, .scan(.all, count: 10))
    let numbers = { (bytes: [UInt8]) in
      String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }
    }
    #expect(numbers(first).count == 10)
    #expect(numbers(ordered) == numbers(first).sorted())
  }

  @Test func linesThatAreCutAreTold() async throws {
    let bytes = Array("a\n123456789\nb\n12345678123456781".utf8)
    let session = ShufflingSession(seed: 5, payloadBytesMax: 8)
    let told = try await append(bytes, to: session)
    #expect(told.hasPrefix("appended 7 entries "), "\(told)")
    #expect(told.hasSuffix("; 2 lines longer than 8 bytes stand in pieces\n"), "\(told)")
    let document = try await append(bytes, to: session, mode: .json)
    #expect(document.contains(#""entries":7"#) && document.hasSuffix(#","linesCut":2}"# + "\n"))
    #expect(await interpreter(session, mode: .json).run(Array("scan".utf8)) == .done)
    let lines = text(output).split(separator: "\n")
    #expect(lines.count { $0.hasSuffix(#""payload":"12345678","endsLine":false}"#) } == 6)
    #expect(lines.count { $0.hasSuffix(#""payload":"1","endsLine":false}"#) } == 2)
    #expect(lines.count { $0.hasSuffix(#""payload":"9"}"#) } == 2)
  }

  /// Where entries say nothing a last line gets a new line, and one that is too long is refused.
  @Test func withoutPiecesALineIsALine() async throws {
    let session = ShufflingSession(seed: 6, payloadBytesMax: 8, tellsPieces: false)
    _ = try await append(Array("a\nb".utf8), to: session)
    #expect(await scanned(session) == Array("a\nb\n".utf8))
    let file = try folder.write("long", Array("c\n123456789\n".utf8))
    let outcome = await interpreter(session).run(Array("append -f \(file)".utf8))
    #expect(outcome == .failed)
    #expect(text(errors).contains("is longer than the limit of 8 bytes; before that, 1 entry at "))
  }

  /// Entries of clusters tell pieces from stage 7 on.
  @Test(arguments: 5...7) func filesComeBackFromClusters(stage: Int) async throws {
    let session = try await ClusterSessions.simulated(
      stage: stage,
      seed: 7,
      shape: EmbeddedShape(stripes: 2, replicas: 2, spares: 1),
      parts: ReferenceParts.self
    )
    let long = [UInt8](repeating: 0x78, count: (2 << 20) + 3)
    let bytes = stage < 7 ? Array("a\n\nb".utf8) : long + Array("\n\na\n".utf8) + long
    let told = try await append(bytes, to: session)
    #expect(told.contains(stage < 7 ? "3 entries" : "8 entries"), "\(told)")
    #expect(await scanned(session) == bytes + (stage < 7 ? [10] : []))
    try await session.close()
  }
}
