// Goal: what we print is JSON. Method: known texts, and another reader's opinion on random strings.
import CorfuSimulation
import Foundation
import Testing

@testable import CorfuRepl

@Suite struct JSONTests {
  @Test(arguments: [
    (JSON.null, "null"), (.bool(true), "true"), (.integer(-5), "-5"), (.number(0.5), "0.5"),
    (.number(.infinity), "null"), (.number(.nan), "null"), (.array([]), "[]"),
    (.array([1, "a"]), "[1,\"a\"]"),
    (.object([.init("b", 1), .init("a", .object([]))]), "{\"b\":1,\"a\":{}}"),
    (.string("é🙂"), "\"é🙂\""),
    (.string("\"\\/\n\r\t\u{0}\u{1f}\u{7f}"), #""\"\\/\n\r\t\u0000\u001f\u007f""#),
    (.whole(UInt64.max), "9223372036854775807"),
  ])
  func text(document: JSON, expected: String) {
    #expect(document.text == expected)
  }

  @Test func anotherReaderAgrees() throws {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<2000 {
      let length = Int.random(in: 0..<12, using: &generator)
      let scalars = (0..<length).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0...0x2ff, using: &generator))
      }
      let text = String(String.UnicodeScalarView(scalars))
      let data = Data(JSON.object([.init(text, .string(text))]).bytes)
      let read = try #require(try JSONSerialization.jsonObject(with: data) as? [String: String])
      #expect(read[text].map { Array($0.utf8) } == Array(text.utf8))
    }
  }
}
