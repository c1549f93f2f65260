// Goal: an object's name alone shows a bounded part of it, and large values are not echoed whole,
// except where a program reads. Method: a cluster in simulated time at the prompt.
import CorfuProtocol
import CorfuTransactions
import Testing

@testable import CorfuRepl

@Suite struct ObjectEchoTests {
  /// What the prompt prints for some lines, and where errors and remarks go.
  private func say(_ lines: [String]) async throws -> (output: String, errors: String) {
    let session = try await ClusterSessions.simulated(
      stage: 7,
      seed: 7,
      parts: ReferenceParts.self
    )
    let (output, errors) = (Output.captured(), Output.captured())
    let interpreter = Interpreter(
      session: session,
      output: output,
      errors: errors,
      clock: StillClock()
    )
    _ = await interpreter.run(script: .text(lines.joined(separator: "\n")))
    try await session.close()
    return (
      String(decoding: output.take(), as: UTF8.self), String(decoding: errors.take(), as: UTF8.self)
    )
  }

  private static let objects: [(String, String, String)] = [
    ("map m put", "map m", "keys"), ("set s add", "set s", "members"),
    ("list l append", "list l", "values"), ("queue q push", "queue q", "values wait"),
  ]

  @Test(arguments: objects)
  func aNameAloneShowsTheFirstFew(change: String, name: String, words: String) async throws {
    let isMap = name.hasPrefix("map")
    let changes = (100..<123).map { "\(change) \($0)" + (isMap ? " x" : "") }
    let (text, errors) = try await say(changes + [name])
    let shown = text.split(separator: "\n").suffix(isMap ? 22 : 21)
    let note = "23 \(words), 3 more than are shown: 'list' behind the name shows all"
    #expect(errors == "", "\(errors)")
    #expect(shown.last.map(String.init) == note)
    #expect(shown.dropLast().last?.contains("119") == true, "\(shown)")
    let few = try await say(Array(changes.prefix(2)) + [name]).output
    #expect(few.hasSuffix("101\(isMap ? "  x" : "")\n2 \(words)\n"), "\(few)")
    let json = try await say(changes + [".mode json", name]).output
    #expect(json.split(separator: "\n").last?.hasSuffix(",\"count\":23}") == true, "\(json)")
  }

  @Test func largeValuesAreNotEchoed() async throws {
    let large = String(repeating: "x", count: 5000)
    for change in [
      "map m put k", "set s add", "list l append", "register r write", "queue q push",
      "map m put", "begin; map m put k",
    ] {
      let line = "\(change) \(large)" + (change == "map m put" ? " v" : "")
      let (text, _) = try await say([line, line])
      #expect(text.utf8.count < 400, "\(change): \(text.utf8.count) bytes")
    }
    let (text, _) = try await say(["register r write \(large)", "history r"])
    #expect(text.contains("(5,000 bytes)") && text.utf8.count < 600, "\(text.utf8.count) bytes")
  }

  @Test func largeValuesAreShownInPartUnlessAProgramReads() async throws {
    let large = String(repeating: "x", count: 5000)
    let put = "map m put k \(large)"
    let (text, errors) = try await say([put, "map m get k"])
    #expect(text.utf8.count < 4400 && text.hasSuffix("… (5,000 bytes)\n"), "\(text.utf8.count)")
    #expect(errors.contains("'.mode raw'"), "\(errors)")
    let raw = try await say([put, ".mode raw", "map m get k"])
    #expect(raw.output.hasSuffix("\n\(large)\n") && raw.errors == "")
    let json = try await say([put, ".mode json", "history m k"])
    #expect(json.output.contains(large))
  }

  @Test func keysAreCutToAboutAWidth() {
    let many = LogKey.tuple((0..<1000).map { .integer(Int64($0)) })
    let bytes = LogKey.bytes([UInt8](repeating: 0xab, count: 1000))
    let nested = LogKey.tuple([many, bytes, .string(String(repeating: "y", count: 1000))])
    for key in [many, bytes, nested] {
      #expect(KeyParser.word(for: key, width: 60).count < 130)
      #expect(KeyParser.word(for: key).count > 1000)
    }
    #expect(KeyParser.word(for: ["a", 7], width: 60) == "(a, 7)")
    #expect(KeyParser.word(for: many, width: 24) == "(0, 1, 2, 3, 4, 5, 6, 7, … 1,000 in all)")
  }
}
