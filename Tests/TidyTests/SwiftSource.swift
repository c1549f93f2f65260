/// A word, a punctuation mark, or `""` for a string literal, as it stands in Swift code.
struct Token: Equatable {
  let text: String
  let line: Int
  /// Whether nothing, not even a blank, stands between it and the token before.
  let isGlued: Bool
}

/// A Swift file as the rules see it: code without comments and string literals.
///
/// Code inside a string's interpolation counts as code.
struct SwiftSource {
  /// The file's path from the package's root.
  let path: String
  /// The file's lines as they are.
  let lines: [Substring]
  /// The code.
  let tokens: [Token]
  /// The comments' text by line.
  let comments: [Int: String]

  init(path: String, text: String) {
    var lexer = Lexer(text)
    lexer.readCode(inInterpolation: false)
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    tokens = lexer.tokens
    comments = lexer.comments
  }

  /// Whether some tokens stand at an index.
  func has(_ pattern: [String], at index: Int) -> Bool {
    guard index >= 0, index + pattern.count <= tokens.count else { return false }
    return zip(tokens[index...], pattern).allSatisfy { $0.text == $1 }
  }

  /// The index of the mark that closes what opens at an index, or of the last token.
  func closing(of index: Int) -> Int {
    let open = tokens[index].text
    let close = open == "(" ? ")" : open == "[" ? "]" : "}"
    var depth = 0
    for place in index..<tokens.count {
      if tokens[place].text == open { depth += 1 }
      if tokens[place].text == close { depth -= 1 }
      if depth == 0 { return place }
    }
    return tokens.count - 1
  }

  /// The comment on a line, or the block of comments right above it, attributes left aside.
  func comment(at line: Int) -> String? {
    if let comment = comments[line] { return comment }
    var above = line - 1
    while above >= 1, comments[above] == nil,
      lines[above - 1].drop(while: { $0 == " " }).hasPrefix("@")
    {
      above -= 1
    }
    var block: [String] = []
    while let comment = comments[above] {
      block.insert(comment, at: 0)
      above -= 1
    }
    return block.isEmpty ? nil : block.joined(separator: "\n")
  }
}

/// Cuts Swift code into tokens, knowing as much of the language as the rules need.
private struct Lexer {
  private let bytes: [UInt8]
  private var index = 0
  private var line = 1
  /// Where the last token ended.
  private var endOfToken = 0
  private(set) var tokens: [Token] = []
  private(set) var comments: [Int: String] = [:]

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// Reads to the end, or to the `)` that ends an interpolation.
  mutating func readCode(inInterpolation: Bool) {
    var depth = 0
    while index < bytes.count {
      if isAt("\n") {
        line += 1
        index += 1
      } else if isAt(" ") || isAt("\t") || isAt("\r") {
        index += 1
      } else if isAt("//") {
        readLineComment()
      } else if isAt("/*") {
        readBlockComment()
      } else if let pounds = poundsBeforeQuote() {
        readString(pounds: pounds)
      } else if isAt("/"), let end = endOfRegex() {
        add("\"\"")
        index = end
      } else if isWord(bytes[index]) {
        readWord()
      } else {
        if isAt("(") { depth += 1 }
        if isAt(")") {
          if inInterpolation && depth == 0 { return index += 1 }
          depth -= 1
        }
        add(text(index..<index + 1))
        index += 1
        endOfToken = index
      }
    }
  }

  private mutating func readWord() {
    let begin = index
    while index < bytes.count, isWord(bytes[index]) { index += 1 }
    let word = text(begin..<index)
    tokens.append(Token(text: word, line: line, isGlued: endOfToken == begin))
    endOfToken = index
  }

  private mutating func add(_ text: String) {
    tokens.append(Token(text: text, line: line, isGlued: endOfToken == index))
  }

  private mutating func readLineComment() {
    let begin = index
    while index < bytes.count, !isAt("\n") { index += 1 }
    comments[line, default: ""] += text(begin..<index)
  }

  private mutating func readBlockComment() {
    var depth = 0
    var begin = index
    repeat {
      if isAt("\n") {
        comments[line, default: ""] += text(begin..<index)
        begin = index + 1
        line += 1
      } else if isAt("/*") || isAt("*/") {
        depth += isAt("/*") ? 1 : -1
        index += 1
      }
      index += 1
    } while depth > 0 && index < bytes.count
    comments[line, default: ""] += text(begin..<min(index, bytes.count))
  }

  private mutating func readString(pounds: Int) {
    add("\"\"")
    index += pounds
    let quotes = isAt("\"\"\"") ? 3 : 1
    index += quotes
    let escape = "\\" + String(repeating: "#", count: pounds)
    let end = String(repeating: "\"", count: quotes) + String(repeating: "#", count: pounds)
    while index < bytes.count {
      if isAt(end) { return index += end.utf8.count }
      if isAt(escape) {
        index += escape.utf8.count
        if isAt("(") {
          index += 1
          readCode(inInterpolation: true)
          continue
        }
      }
      if isAt("\n") {
        if quotes == 1 { return }
        line += 1
      }
      index += 1
    }
  }

  /// How many `#` stand before a quote at this place; `nil` where no string begins.
  private func poundsBeforeQuote() -> Int? {
    var place = index
    while place < bytes.count, bytes[place] == UInt8(ascii: "#") { place += 1 }
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return nil }
    return place - index
  }

  /// Where a regular expression that begins here ends; `nil` for a division.
  private func endOfRegex() -> Int? {
    let before = tokens.last?.text ?? "("
    guard "(,=[{:#".contains(before), index + 1 < bytes.count, bytes[index + 1] != 0x20
    else { return nil }
    var place = index + 1
    while place < bytes.count, bytes[place] != UInt8(ascii: "\n") {
      if bytes[place] == UInt8(ascii: "/") { return place + 1 }
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  private func isAt(_ text: String) -> Bool {
    var place = index
    for byte in text.utf8 {
      guard place < bytes.count, bytes[place] == byte else { return false }
      place += 1
    }
    return true
  }

  private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}
