/// Shows bytes to people: as text where they are text, else in hexadecimal; safe for a terminal.
enum PayloadText {
  /// How much is shown of something that is shown alone.
  static let wholeMax = 4096

  /// Bytes on one line of at most `width` columns (nil: as many as it takes).
  ///
  /// With `quotes`, what could be misread (nothing at all, blanks at the ends, control characters)
  /// is shown in quotes, in the prompt's own grammar.
  static func shown(_ bytes: [UInt8], width: Int?, quotes: Bool = true) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return hexadecimal(bytes, width: width)
    }
    if !quotes || isPlain(text) { return fitting(text, bytes: bytes.count, width: width) }
    return quoted(bytes, width: width)
  }

  /// Text in quotes, in the prompt's own grammar; bytes that are no text in hexadecimal.
  static func quoted(_ bytes: [UInt8], width: Int?) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return hexadecimal(bytes, width: width)
    }
    return "\"" + fitting(text, bytes: bytes.count, width: width.map { $0 - 2 }, closing: "\"")
  }

  /// What stands at the end of bytes that were cut.
  static func note(bytes: Int) -> String { "… (\(Numbers.grouped(bytes)) bytes)" }

  /// Whether text can be shown as it is without being taken for something else.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.first, let last = text.last else { return false }
    if first == " " || last == " " || first == "\"" || text.hasPrefix("0x") { return false }
    if text == "(empty)" || text == "(junk)" || text == "(trimmed)" { return false }
    return text.unicodeScalars.allSatisfy { !needsEscape($0) }
  }

  private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value >= 0x20, scalar.value < 0x7f { return false }
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    // Marks that turn the direction of writing could make a line read as something else; the joiner
    // of compound pictures could not.
    case .format: return scalar.value != 0x200d
    default: return false
    }
  }

  /// As much of a text as fits, escaped, with a note of its size where it was cut.
  private static func fitting(
    _ text: String,
    bytes: Int,
    width: Int?,
    closing: String = ""
  ) -> String {
    let isQuoted = !closing.isEmpty
    let note = note(bytes: bytes)
    let columnsMax = width.map { max($0, note.count + 1) } ?? Int.max
    var shown = ""
    var columns = 0
    // Where to cut if the rest turns out too long: the last place where the note still fits.
    var cut = shown.endIndex
    for character in text {
      let piece = escaped(character, isQuoted: isQuoted)
      columns += DisplayWidth.of(piece)
      if columns > columnsMax { return shown[..<cut] + closing + note }
      shown += piece
      if columns <= columnsMax - note.count { cut = shown.endIndex }
    }
    return shown + closing
  }

  private static func escaped(_ character: Character, isQuoted: Bool) -> String {
    if isQuoted {
      switch character {
      case "\n": return "\\n"
      case "\t": return "\\t"
      case "\r": return "\\r"
      case "\r\n": return "\\r\\n"
      case "\"": return "\\\""
      case "\\": return "\\\\"
      default: break
      }
    }
    guard character.unicodeScalars.contains(where: { needsEscape($0) }) else {
      return String(character)
    }
    var shown = ""
    for scalar in character.unicodeScalars {
      if needsEscape(scalar) {
        for byte in String(scalar).utf8 { shown += "\\x" + Hexadecimal.text([byte]) }
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  static func hexadecimal(_ bytes: [UInt8], width: Int?) -> String {
    guard let width, 2 + 2 * bytes.count > width else { return "0x" + Hexadecimal.text(bytes) }
    let note = note(bytes: bytes.count)
    let bytesMax = max(1, (width - 2 - note.count) / 2)
    return "0x" + Hexadecimal.text(bytes.prefix(bytesMax)) + note
  }
}
