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
      #expect(batch.count <= 700)
      lines += batch.map { String(decoding: $0, as: UTF8.self) + "\n" }
    }
    #expect(lines == text)
    #expect(reader.bytesRead == reader.bytesTotal)
  }

  @Test func aLineTooLongIsRefusedAfterThoseBeforeIt() throws {
    let folder = try TemporaryFolder()
    let long = [UInt8](repeating: 0x78, count: 1000)
    for text in [Array("a\nb\n".utf8) + long + [10], Array("a\nb\n".utf8) + long] {
      let reader = try LineReader(file: try folder.write("lines", text), lineBytesMax: 999)
      #expect(try reader.batch(linesMax: 10, bytesMax: 1 << 20).count == 2)
      #expect(throws: ReplError.lineTooLong(3, of: reader.name, bytesMax: 999)) {
        try reader.batch(linesMax: 10, bytesMax: 1 << 20)
      }
    }
    let fits = try LineReader(file: try folder.write("fits", long + [10]), lineBytesMax: 1000)
    #expect(try fits.next() == long)
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
