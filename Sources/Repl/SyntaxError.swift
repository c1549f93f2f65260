/// Why a line was not understood.
///
/// Nothing of such a line was done.
public enum SyntaxError: Error, Hashable, Sendable {
  /// A quote was opened and the line ended.
  case unclosedQuote(column: Int)
  /// A quote was closed and the word goes on.
  case textAfterQuote(column: Int)
  /// A backslash in double quotes with something unknown behind it.
  case badEscape(String, column: Int)
  /// There is no such command; perhaps this one was meant.
  case unknownCommand(String, suggestion: String?)
  /// The command comes with a later chapter.
  case later(String, chapter: Int)
  /// A word where something else belongs. `expected` says what. Column 0: it came alone, not in a
  /// line.
  case unexpected(String, column: Int, expected: String)
  /// Something the command needs is not there.
  case missing(String, command: String, usage: String)
  /// More words than the command takes.
  case extra(String, column: Int, command: String, usage: String)
}

extension SyntaxError: CustomStringConvertible {
  /// The words for people.
  public var description: String {
    switch self {
    case .unclosedQuote(let column):
      "unclosed quote at column \(column)"
    case .textAfterQuote(let column):
      "the quote is closed, but text follows at column \(column): "
        + "leave a blank there, or put all of it in quotes of the other kind"
    case .badEscape(let escape, let column):
      "unknown escape '\(escape)' at column \(column): use \\n, \\t, \\r, \\\\, \\\" or \\xNN, "
        + "or single quotes"
    case .unknownCommand(let name, let suggestion?):
      "unknown command '\(name)': did you mean '\(suggestion)'?"
    case .unknownCommand(let name, nil):
      "unknown command '\(name)': 'help' lists the commands"
    case .later(let name, let chapter):
      "'\(name)' arrives in chapter \(chapter): 'corfu repl --stage \(chapter)' has it"
    case .unexpected(let word, let column, let expected):
      "'\(word)'\(at(column)) is not \(expected)"
    case .missing(let what, let command, let usage):
      "'\(command)' needs \(what): \(usage)"
    case .extra(let word, let column, _, let usage):
      "'\(word)'\(at(column)) is one word too many: \(usage)"
    }
  }

  private func at(_ column: Int) -> String {
    column > 0 ? " at column \(column)" : ""
  }
}
