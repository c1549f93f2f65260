/// Colours, where they are wanted.
enum Style {
  /// Less important: titles, holes, notes.
  static func dim(_ text: String, on output: Output) -> String {
    coloured(text, "2", on: output)
  }

  /// Something went wrong.
  static func red(_ text: String, on output: Output) -> String {
    coloured(text, "31", on: output)
  }

  private static func coloured(_ text: String, _ code: String, on output: Output) -> String {
    output.usesColour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
