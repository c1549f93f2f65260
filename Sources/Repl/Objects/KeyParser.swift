import CorfuTransactions

/// Reads keys and values as they are typed: `7`, `a`, `"7"`, `0x01`, `(a, 7)`.
struct KeyParser {
  private static let expected =
    "a key: use 7, a, \"7\" (a text), 0x01 (bytes) or (a, 7), and quotes around anything else"

  private var lexer: Lexer

  /// The key that a word stands for.
  static func key(_ word: Token) throws(SyntaxError) -> LogKey {
    if word.isQuoted { return text(word.bytes) }
    var parser = KeyParser(lexer: Lexer(word.bytes))
    guard let key = parser.key(depth: 0), parser.lexer.peek == nil else {
      throw .unexpected(word.shown, column: word.column, expected: expected)
    }
    return key
  }

  /// The word by which a key is typed, which is also how it is shown; with a width, cut to about
  /// that.
  static func word(for key: LogKey, width: Int? = nil) -> String {
    switch key {
    case .integer: return key.description
    case .bytes(let bytes): return PayloadText.hexadecimal(bytes, width: width)
    case .tuple(let parts): return word(for: parts, width: width)
    case .string(let text):
      let isShort = width.map { text.utf8.count <= $0 } ?? true
      return isShort && isPlain(text) ? text : PayloadText.quoted(Array(text.utf8), width: width)
    }
  }

  /// As many parts as fit, the first in any case.
  private static func word(for parts: [LogKey], width: Int?) -> String {
    var list = ""
    for (index, part) in parts.enumerated() {
      let next = (index > 0 ? ", " : "") + word(for: part, width: width)
      if let width, index > 0, list.count + next.count > width {
        return "(\(list), … \(Numbers.grouped(parts.count)) in all)"
      }
      list += next
    }
    return parts.count == 1 ? "(\(list),)" : "(\(list))"
  }

  /// Whether a text means itself, typed without quotes, wherever a key may stand.
  private static func isPlain(_ text: String) -> Bool {
    let isOneWord = text.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "-_.:/@+*".unicodeScalars.contains(scalar)
    }
    guard isOneWord, !text.isEmpty, text != RegisterWords.nothing else { return false }
    var parser = KeyParser(lexer: Lexer(Array(text.utf8)))
    return parser.key(depth: 0) == .string(text)
  }

  /// Bytes that are no text are a key as well.
  private static func text(_ bytes: [UInt8]) -> LogKey {
    String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(bytes)
  }

  /// The next key; `nil` if there is none.
  private mutating func key(depth: Int) -> LogKey? {
    switch lexer.peek {
    case UInt8(ascii: "("): return tuple(depth: depth + 1)
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      // What is wrong with it is told in the words for the whole key.
      return (try? lexer.quoted()).map(Self.text)
    default: return Self.bare(lexer.bareWord(upTo: depth > 0 ? Self.ends : []))
    }
  }

  /// What ends a word within a tuple.
  private static let ends = Array(" \t,()".utf8)

  private mutating func tuple(depth: Int) -> LogKey? {
    guard depth <= LogKey.depthMax else { return nil }
    lexer.skip()
    var parts: [LogKey] = []
    while true {
      lexer.skipBlanks()
      if lexer.skip(UInt8(ascii: ")")) { return .tuple(parts) }
      guard let part = key(depth: depth) else { return nil }
      parts.append(part)
      lexer.skipBlanks()
      guard lexer.skip(UInt8(ascii: ",")) || lexer.peek == UInt8(ascii: ")") else { return nil }
    }
  }

  private static func bare(_ bytes: [UInt8]) -> LogKey? {
    if bytes.isEmpty { return nil }
    if bytes.starts(with: "0x".utf8) {
      return Hexadecimal.bytes(bytes.dropFirst(2)).map { .bytes($0) }
    }
    let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
    let isNumber = !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
    guard isNumber else { return text(bytes) }
    // One number has one spelling: what is written otherwise may be meant as a text.
    guard let number = Int64(String(decoding: bytes, as: UTF8.self)),
      String(number).utf8.elementsEqual(bytes)
    else { return nil }
    return .integer(number)
  }
}

/// What stands for no value where a register is written.
enum RegisterWords {
  static let nothing = "nothing"
}

extension LogKey {
  /// The key in a document: bytes as `0x01`.
  var json: JSON {
    switch self {
    case .integer(let number): .integer(number)
    case .string(let text): .string(text)
    case .bytes: .string(description)
    case .tuple(let parts): .array(parts.map(\.json))
    }
  }
}
