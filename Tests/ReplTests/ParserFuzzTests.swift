// Goal: no byte string traps the parser, and what it accepts is stable. Method: seeded random
// lines, made of random bytes and of pieces of the grammar.
import CorfuRepl
import CorfuSimulation
import Testing

@Suite struct ParserFuzzTests {
  private static let pieces: [[UInt8]] = [
    "append ", "read ", "scan ", "follow ", "from ", "count ", "for ", "tail", "tail-", "race ",
    "fill ", "trim ", "before ", "help ", ".mode ", ".output ", ".read ", ".watch ", "times ",
    ".timing ", "on", "json", "-f ", "-", "0x", "ff", "5", "99999999999999999999", "..<", "...",
    "map ", "m ", "put ", "(", ")", ",", "cas ", "nothing ", "at ", "stream ", "list ", "insert ",
    "'", "\"", "\\", "\\x4", "\\n", ";", "#", "\n", "\r\n", " ", "\t", "é", "🙂", "\u{202e}",
  ].map { Array($0.utf8) }

  private static func line(using generator: inout SeededGenerator) -> [UInt8] {
    var line: [UInt8] = []
    for _ in 0..<Int.random(in: 0...10, using: &generator) {
      if Int.random(in: 0..<4, using: &generator) == 0 {
        line.append(UInt8.random(in: 0...255, using: &generator))
      } else {
        line += pieces.randomElement(using: &generator) ?? []
      }
    }
    return line
  }

  @Test(arguments: [5, 7]) func anyLineParsesOrIsRefusedInOneLine(stage: Int) {
    var generator = SeededGenerator(seed: 2026)
    let parser = Parser(stage: stage)
    var accepted = 0
    for _ in 0..<100_000 {
      let line = Self.line(using: &generator)
      do throws(SyntaxError) {
        accepted += try parser.parse(line).isEmpty ? 0 : 1
      } catch {
        let message = error.description
        var isOneLine = !message.isEmpty
        for byte in message.utf8 where byte < 0x20 || byte == 0x7f { isOneLine = false }
        if !isOneLine { Issue.record("\(line): \(message)") }
      }
    }
    // A run that accepts nothing would show nothing.
    #expect(accepted > 2000)
  }

  @Test func nestingDoesNotExhaustTheStack() {
    let line = String(repeating: ".watch 1 ", count: 50_000)
    #expect(throws: SyntaxError.self) { try Parser(stage: 1).parse(line) }
  }
}
