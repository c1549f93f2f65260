// Goal: lines come out as they went in, whatever their bytes and wherever pieces are cut. Method:
// files of known lines, through small limits.
import Testing

@testable import CorfuRepl

@Suite struct LineReaderTests {
  private func lines(_ text: [UInt8]) throws -> [[UInt8]] {
    let reader = LineReader(text: text, name: "test")
    var lines: [[UInt8]] = []
    while let line = try reader.next() { lines.append(line) }
    return lines
  }

  @Test(arguments: [
    ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb", ["a", "", "b"]),
    ("a\r\nb\r\n", ["a\r", "b\r"]), ("\n\n", ["", ""]),
  ])
  func cuts(text: String, expected: [String]) throws {
    #expect(try lines(Array(text.utf8)) == expected.map { Array($0.utf8) })
  }

  @Test func filesComeInBatches() throws {
    let folder = try TemporaryFolder()
    let text = (0..<20_000).map { "line \($0) \(String(repeating: "x", count: $0 % 70))\n" }
    let name = try folder.write("lines", Array(text.joined().utf8))
    let reader = try LineReader(file: name)
    var lines: [String] = []
    while true {
      let batch = try reader.batch(linesMax: 700, bytesMax: 1 << 20)
      if batch.isEmpty { break }
      #expect(batch.entries.count <= 700 && !batch.isOfPieces)
      lines += batch.entries.map { String(decoding: $0, as: UTF8.self) + "\n" }
    }
    #expect(lines == text)
    #expect(reader.bytesRead == reader.bytesTotal)
  }

  @Test func aLineTooLongIsRefusedAfterThoseBeforeIt() throws {
    let folder = try TemporaryFolder()
    let long = [UInt8](repeating: 0x78, count: 1000)
    for text in [Array("a\nb\n".utf8) + long + [10], Array("a\nb\n".utf8) + long] {
      let reader = try LineReader(file: try folder.write("lines", text), lineBytesMax: 999)
      #expect(try reader.batch(linesMax: 10, bytesMax: 1 << 20).entries.count == 2)
      #expect(throws: ReplError.lineTooLong(3, of: reader.name, bytesMax: 999)) {
        try reader.batch(linesMax: 10, bytesMax: 1 << 20)
      }
    }
    let fits = try LineReader(file: try folder.write("fits", long + [10]), lineBytesMax: 1000)
    #expect(try fits.next() == long)
  }

  /// What is no whole line comes by itself, and says so.
  @Test(
    arguments: [
      ("", []), ("a", ["-a"]), ("a\n", ["+a"]), ("a\nb\nc", ["+a b", "-c"]),
      ("1234\n", ["+1234"]), ("1234", ["-1234"]), ("12345\n6\n", ["-1234", "+5 6"]),
      ("12345", ["-1234 5"]), ("12341234\n", ["-1234", "+1234"]), ("12341234", ["-1234 1234"]),
      ("a\n1234123412\nb\n12345", ["+a", "-1234 1234", "+12 b", "-1234 5"]),
    ] as [(String, [String])]
  )
  func piecesAreToldApart(text: String, expected: [String]) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("in", Array(text.utf8))
    let reader = try LineReader(file: file, lineBytesMax: 4, tellsPieces: true)
    var batches: [String] = []
    while true {
      let batch = try reader.batch(linesMax: 100, bytesMax: 1000)
      if batch.isEmpty { break }
      let words = batch.entries.map { String(decoding: $0, as: UTF8.self) }
      batches.append((batch.isOfPieces ? "-" : "+") + words.joined(separator: " "))
    }
    #expect(batches == expected)
    // A long line counts once, as long as it is.
    let lines = text.split(separator: "\n")
    #expect(reader.linesCut == lines.count { $0.utf8.count > 4 })
    #expect(reader.lines == lines.count)
  }

  @Test func piecesAreNoMoreThanABatch() throws {
    let folder = try TemporaryFolder()
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 % 251 + 11) }
    let file = try folder.write("in", bytes)
    let reader = try LineReader(file: file, lineBytesMax: 1000, tellsPieces: true)
    var back: [UInt8] = []
    while true {
      let batch = try reader.batch(linesMax: 50, bytesMax: 30_000)
      if batch.isEmpty { break }
      #expect(batch.isOfPieces && batch.entries.count <= 30)
      #expect(batch.entries.allSatisfy { $0.count == 1000 })
      back += batch.entries.joined()
    }
    #expect(back == bytes && reader.linesCut == 1)
  }

  @Test func foldersAndMissingFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ReplError.file(folder.path, reason: "is a folder, a file is needed")) {
      try LineReader(file: folder.path)
    }
    #expect(throws: ReplError.file("/no/such", reason: "no such file or directory")) {
      try LineReader(file: "/no/such")
    }
  }
}
