/// A run of `mycorfu` that a chapter shows.
struct ShownRun: Equatable {
  /// The words behind the program's name.
  let words: [String]
  /// What it printed, as far as two runs have it in common.
  let lines: [String]

  private static let command = "$ swift run --package-path Exercises mycorfu"

  /// Those in a text.
  static func all(in text: String) -> [ShownRun] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.filter { lines[$0].hasPrefix(command) }.map { index in
      let end = lines[index...].firstIndex { $0.hasPrefix("```") } ?? lines.endIndex
      return ShownRun(
        words: lines[index].dropFirst(command.count).split(separator: " ").map { String($0) },
        lines: inCommon(lines[(index + 1)..<end])
      )
    }
  }

  /// Lines without their numbers, and without those that say whose the parts are.
  static func inCommon(_ lines: some Sequence<Substring>) -> [String] {
    lines.filter { !$0.isEmpty && !$0.hasPrefix("yours:") && !$0.hasPrefix("ours:") }
      .map { String($0.replacing(/[0-9]+/, with: "…")) }
  }
}
