import ArgumentParser

/// A command line that was not understood, and what is said of it.
struct Misuse {
  /// The words behind the program's name.
  let words: [String]

  /// What was wrong, in a line, with the help that tells more.
  ///
  /// - Parameter message: What the parser says, or a command.
  /// - Returns: The line.
  func line(_ message: String) -> String {
    let hint = numberBelowZero(in: message).map { ": numbers are 0 or more, and '\($0)' is not" }
    var line = message.prefix(1).lowercased() + message.dropFirst()
    line += hint ?? ""
    return line + (line.hasSuffix(".") ? "" : ";") + " '\(help)' tells more"
  }

  /// The help of the subcommand that the words begin with.
  private var help: String {
    let path = path
    return path.isEmpty ? "corfu --help" : "corfu help " + path.joined(separator: " ")
  }

  /// The subcommand that the words begin with, by the names that it has itself.
  private var path: [String] {
    var path: [String] = []
    var below = Corfu.configuration.subcommands
    for word in words {
      let next = below.first { command in
        let configuration = command.configuration
        return configuration.commandName == word || configuration.aliases.contains(word)
      }
      guard let next, let name = next.configuration.commandName else { break }
      path.append(name)
      below = next.configuration.subcommands
    }
    return path
  }

  /// The number below zero that the parser has taken for an option; `nil` if there is none.
  private func numberBelowZero(in message: String) -> String? {
    let isOne = { (word: String) in word.hasPrefix("-") && Double(word) != nil }
    let parts = message.split(separator: "'", omittingEmptySubsequences: false)
    let quoted = parts.count > 1 ? parts[1] : ""
    if message.hasPrefix("Missing value for ") {
      let option = quoted.prefix { $0 != " " }
      guard let place = words.firstIndex(of: String(option)) else { return nil }
      return words[(place + 1)...].first.flatMap { isOne($0) ? $0 : nil }
    }
    if message.hasPrefix("Missing expected argument ") { return words.first(where: isOne) }
    return message.hasPrefix("Unknown option ") && isOne(String(quoted)) ? String(quoted) : nil
  }
}
