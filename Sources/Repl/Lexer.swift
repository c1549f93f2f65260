/// Cuts a line into statements, and those into words.
///
/// Any byte string gives either words or an error.
///
/// Words are separated by blanks, statements by `;` or a new line. A `#` where a word could begin
/// starts a comment. Quotes count where a word begins, and end it: single quotes keep everything as
/// it is; double quotes know `\n \t \r \\ \"` and `\xNN`. Anywhere else a quote is a character like
/// any other, so that `{"a":1}` is one word.
///
/// In a statement about an object, a word that begins with a parenthesis goes on to the one that
/// closes it, blanks and quoted texts included: `(a, "b c")` is one word there.
struct Lexer {
  private let bytes: [UInt8]
  private(set) var index = 0
  // Columns are counted on from the last one asked for: a line's length counts once, not once per
  // word.
  private var counted = 0
  private var columns = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The statements of the line, those without words left out.
  static func statements(_ bytes: [UInt8]) throws(SyntaxError) -> [[Token]] {
    var lexer = Lexer(bytes)
    return try lexer.statements()
  }

  private mutating func statements() throws(SyntaxError) -> [[Token]] {
    var statements: [[Token]] = []
    var words: [Token] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        index += 1
      case UInt8(ascii: "#"):
        skipComment()
      case UInt8(ascii: ";"), UInt8(ascii: "\n"):
        index += 1
        if byte == UInt8(ascii: "\n") {
          counted = index
          columns = 0
        }
        if !words.isEmpty { statements.append(words) }
        words = []
      case UInt8(ascii: "(") where words.first.map(Self.takesTuples) == true:
        words.append(try tuple())
      default:
        words.append(try word())
      }
    }
    if !words.isEmpty { statements.append(words) }
    return statements
  }

  /// Whether a statement may have tuples in it, by its first word.
  private static func takesTuples(_ first: Token) -> Bool {
    switch CommandName(rawValue: first.text) {
    case .map, .set, .list, .queue, .register, .at, .history, .watch: true
    default: false
    }
  }

  /// The byte that comes next; `nil` at the end.
  var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipComment() {
    while let byte = peek, byte != UInt8(ascii: "\n") { index += 1 }
  }

  private mutating func word() throws(SyntaxError) -> Token {
    let column = column(index)
    guard peek == UInt8(ascii: "'") || peek == UInt8(ascii: "\"") else {
      let start = index
      while let byte = peek, !Self.endsWord(byte) { index += 1 }
      return Token(bytes: Array(bytes[start..<index]), column: column)
    }
    let word = try quoted()
    // In 'it's so' the quote closed too early: guessing what was meant would append something else.
    if let byte = peek, !Self.endsWord(byte) {
      throw .textAfterQuote(column: self.column(index))
    }
    return Token(bytes: word, isQuoted: true, column: column)
  }

  /// A tuple, with all that stands in it, as it was typed.
  private mutating func tuple() throws(SyntaxError) -> Token {
    let column = column(index)
    let start = index
    var depth = 0
    while let byte = peek, byte != UInt8(ascii: "\n") {
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        // Elsewhere a quote is a character like any other.
        let last = bytes[index - 1]
        if "(, \t".utf8.contains(last) { _ = try quoted() } else { index += 1 }
        continue
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      default: break
      }
      index += 1
      if depth == 0 { break }
    }
    if depth > 0 {
      throw .unexpected("(", column: column, expected: "a tuple that ends: ')' is missing")
    }
    if let byte = peek, !Self.endsWord(byte) {
      while let byte = peek, !Self.endsWord(byte) { index += 1 }
    }
    return Token(bytes: Array(bytes[start..<index]), column: column)
  }

  /// The text in the quotes that come next.
  mutating func quoted() throws(SyntaxError) -> [UInt8] {
    var text: [UInt8] = []
    if peek == UInt8(ascii: "'") {
      try singleQuoted(into: &text)
    } else {
      try doubleQuoted(into: &text)
    }
    return text
  }

  /// All that comes before one of these bytes, or before the end.
  mutating func bareWord(upTo ends: [UInt8]) -> [UInt8] {
    let start = index
    while let byte = peek, !ends.contains(byte) { index += 1 }
    return Array(bytes[start..<index])
  }

  mutating func skipBlanks() {
    while peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") { index += 1 }
  }

  /// Skips the next byte.
  mutating func skip() { index += 1 }

  /// Skips the next byte if it is this one.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    index += 1
    return true
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"),
      UInt8(ascii: ";"):
      true
    default: false
    }
  }

  private mutating func singleQuoted(into word: inout [UInt8]) throws(SyntaxError) {
    let column = column(index)
    index += 1
    while let byte = peek, byte != UInt8(ascii: "\n") {
      index += 1
      if byte == UInt8(ascii: "'") { return }
      word.append(byte)
    }
    throw .unclosedQuote(column: column)
  }

  private mutating func doubleQuoted(into word: inout [UInt8]) throws(SyntaxError) {
    let column = column(index)
    index += 1
    while let byte = peek, byte != UInt8(ascii: "\n") {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return
      case UInt8(ascii: "\\"):
        word.append(try escape(quoteColumn: column))
      default:
        index += 1
        word.append(byte)
      }
    }
    throw .unclosedQuote(column: column)
  }

  private mutating func escape(quoteColumn: Int) throws(SyntaxError) -> UInt8 {
    let start = index
    index += 1
    guard let byte = peek, byte != UInt8(ascii: "\n") else {
      throw .unclosedQuote(column: quoteColumn)
    }
    index += 1
    switch byte {
    case UInt8(ascii: "n"): return UInt8(ascii: "\n")
    case UInt8(ascii: "t"): return UInt8(ascii: "\t")
    case UInt8(ascii: "r"): return UInt8(ascii: "\r")
    case UInt8(ascii: "\\"), UInt8(ascii: "\""): return byte
    case UInt8(ascii: "x"):
      guard index + 1 < bytes.count, let high = Hexadecimal.value(bytes[index]),
        let low = Hexadecimal.value(bytes[index + 1])
      else { throw .badEscape("\\x", column: column(start)) }
      index += 2
      return high << 4 | low
    default:
      let shown = byte > 0x20 && byte < 0x7f ? "\\" + String(UnicodeScalar(byte)) : "\\"
      throw .badEscape(shown, column: column(start))
    }
  }

  /// The column of an index: characters since the start of its line, from 1.
  private mutating func column(_ index: Int) -> Int {
    columns += String(decoding: bytes[counted..<index], as: UTF8.self).count
    counted = index
    return columns + 1
  }
}
