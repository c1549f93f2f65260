/// The words behind a command, taken one by one.
struct Arguments {
  let spec: CommandSpec
  private var words: ArraySlice<Token>

  init(spec: CommandSpec, words: ArraySlice<Token>) {
    self.spec = spec
    self.words = words
  }

  /// Takes the next word, if there is one.
  mutating func optionalWord() -> Token? {
    words.popFirst()
  }

  /// Takes the next word, if there is one and it is not this one.
  mutating func optionalWord(unless keyword: String) -> Token? {
    words.first?.isWord(keyword) == true ? nil : words.popFirst()
  }

  /// Takes the next word, which is `what`.
  mutating func word(_ what: String) throws(SyntaxError) -> Token {
    guard let word = words.popFirst() else { throw missing(what) }
    return word
  }

  /// Takes the next word if it is this one.
  mutating func skip(_ word: String) -> Bool {
    guard words.first?.isWord(word) == true else { return false }
    words.removeFirst()
    return true
  }

  /// Takes all words that are left.
  mutating func rest() -> ArraySlice<Token> {
    defer { words = [] }
    return words
  }

  /// Takes a number, if there is a word.
  mutating func number(
    _ range: ClosedRange<Int>,
    _ expected: String
  ) throws(SyntaxError) -> Int? {
    words.isEmpty ? nil : try required(range, expected)
  }

  /// Takes a number.
  mutating func required(
    _ range: ClosedRange<Int>,
    _ expected: String
  ) throws(SyntaxError) -> Int {
    let word = try word(expected)
    guard !word.isQuoted, let number = PositionParser.number(word.bytes[...]),
      let value = Int(exactly: number), range.contains(value)
    else { throw .unexpected(word.shown, column: word.column, expected: expected) }
    return value
  }

  /// Takes all words that are left as an entry: text, or hexadecimal digits.
  mutating func payload() throws(SyntaxError) -> [UInt8] {
    let words = rest()
    guard let first = words.first else { throw missing("a text, or -f and a file") }
    if words.count == 1, !first.isQuoted, first.bytes.starts(with: "0x".utf8) {
      guard let bytes = Hexadecimal.bytes(first.bytes.dropFirst(2)) else {
        throw .unexpected(
          first.shown,
          column: first.column,
          expected: "an even number of hexadecimal digits; put it in quotes to append it as text"
        )
      }
      return bytes
    }
    return Array(words.map(\.bytes).joined(separator: [UInt8(ascii: " ")]))
  }

  /// Whether no word is left.
  var isAtEnd: Bool { words.isEmpty }

  /// Takes a time in seconds: `2`, `0.5`.
  mutating func seconds(from min: Double = 0.01) throws(SyntaxError) -> Duration {
    let expected = "a time in seconds from \(min == 0 ? "0" : "0.01") to 86400"
    let word = try word(expected)
    let isPlain = word.bytes.allSatisfy {
      $0 == UInt8(ascii: ".") || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
    }
    guard isPlain, word.bytes.count <= 16, let seconds = Double(word.text), seconds >= min,
      seconds <= 86400
    else { throw .unexpected(word.shown, column: word.column, expected: expected) }
    return .microseconds(Int((seconds * 1_000_000).rounded()))
  }

  /// Takes `on` or `off`.
  mutating func isOn() throws(SyntaxError) -> Bool {
    let word = try word("'on' or 'off'")
    switch word.text {
    case "on": return true
    case "off": return false
    default: throw .unexpected(word.shown, column: word.column, expected: "'on' or 'off'")
    }
  }

  /// Refuses words that nobody asked for.
  func end() throws(SyntaxError) {
    guard let word = words.first else { return }
    throw .extra(
      word.shown,
      column: word.column,
      command: spec.name.rawValue,
      usage: spec.usage
    )
  }

  /// The error for a word that is not there.
  func missing(_ what: String) -> SyntaxError {
    .missing(what, command: spec.name.rawValue, usage: spec.usage)
  }
}
