/// The words of a line: letters, digits and `_`, without what stands between.
private func words(of line: Substring) -> [Substring] {
  line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
}

/// Whether a word has the form of a rule's number: `R` or `D` and one or two digits.
private func isRule(_ word: Substring) -> Bool {
  guard let letter = word.first, letter == "R" || letter == "D" else { return false }
  return (2...3).contains(word.count) && word.dropFirst().allSatisfy { ("0"..."9").contains($0) }
}

/// The numbers of the rules that a document states, each in bold where it is stated.
func rules(statedIn source: MarkdownSource) -> Set<String> {
  Set(
    source.prose.flatMap { $0.text.matches(of: /\*\*([RD][0-9]{1,2})\*\*/).map { String($0.1) } }
  )
}

/// The rules that a line names.
func rules(namedIn line: Substring) -> [String] {
  words(of: line).filter(isRule).map { String($0) }
}

/// The rules that the comments of an enumeration's cases name.
func rulesOfCases(in source: SwiftSource) -> [String] {
  var found: [String] = []
  var comment: [Substring] = []
  for line in source.lines.map({ $0.drop { $0 == " " } }) {
    if line.hasPrefix("///") {
      comment.append(line)
      continue
    }
    if line.hasPrefix("case ") { found += comment.flatMap(rules(namedIn:)) }
    comment = []
  }
  return found
}

/// Mentions of rules that no document states.
func unknownRules(
  in path: String,
  lines: [(line: Int, text: Substring)],
  stated: Set<String>
) -> [Finding] {
  lines.flatMap { line, text in
    words(of: text).filter { isRule($0) && !stated.contains(String($0)) }.map { word in
      let message =
        "\(word) is stated neither in docs/protocol.md nor in docs/reliability.md: correct it"
      return Finding(path: path, line: line, message: message)
    }
  }
}

/// Paths that exist on one machine only.
func machinePaths(in path: String, text: String) -> [Finding] {
  // In pieces, so that this file does not name them itself.
  let folders = ["work", "root", "home", "Users", "opt/swift-packages"].map { "/\($0)/" }
  return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap {
    index,
    line in
    folders.filter { isAbsolute($0, in: line) }.map { folder in
      let message = "'\(folder)' is a place on one machine: name it from the package's folder"
      return Finding(path: path, line: index + 1, message: message)
    }
  }
}

/// Whether a path begins in a line, rather than going on there.
private func isAbsolute(_ folder: String, in line: Substring) -> Bool {
  line.ranges(of: folder).contains { range in
    guard let before = line[..<range.lowerBound].last else { return true }
    return !before.isLetter && !before.isNumber && !".~_-)}*".contains(before)
  }
}
