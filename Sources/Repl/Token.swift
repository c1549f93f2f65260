/// A word of a command line, with its quotes and escapes taken out.
///
/// Words are bytes: what is appended need not be text.
public struct Token: Hashable, Sendable {
  /// What the word says.
  public let bytes: [UInt8]
  /// Whether it stood in quotes: then it is text, whatever it looks like.
  public let isQuoted: Bool
  /// Where it begins, counted from 1 in characters.
  public let column: Int

  /// A word.
  public init(bytes: [UInt8], isQuoted: Bool = false, column: Int = 1) {
    self.bytes = bytes
    self.isQuoted = isQuoted
    self.column = column
  }

  /// The word as text; bytes that are no text become question marks in diamonds.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The word for a message: short, and without what could confuse a terminal.
  var shown: String { PayloadText.shown(bytes, width: 40, quotes: false) }

  /// Whether the word, unquoted, is exactly this.
  public func isWord(_ word: String) -> Bool {
    !isQuoted && bytes.elementsEqual(word.utf8)
  }
}
