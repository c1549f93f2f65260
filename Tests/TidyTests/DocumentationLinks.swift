// Links in the documentation of the libraries: names in two backticks, which lead to public
// declarations of the same module. `make docs` refuses others, and takes minutes.

/// The names of a module's declarations, as links have them.
struct LinkTargets {
  /// What anybody may link to, functions with their labels: `read(_:)`.
  private(set) var visible: Set<String> = []
  /// All of it.
  private(set) var all: Set<String> = []

  /// The targets in some files.
  init(in sources: [SwiftSource]) {
    for source in sources {
      for index in source.tokens.indices { take(source, at: index) }
    }
  }

  /// Whether a link leads to something here.
  ///
  /// - Parameters:
  ///   - link: What stands in the backticks.
  ///   - module: The module, by whose name links may begin.
  ///   - isPublic: Whether it stands in what readers of the documentation see.
  /// - Returns: Whether each part of it is declared.
  func has(_ link: Substring, module: String, isPublic: Bool) -> Bool {
    let names = isPublic ? visible : all
    var parts = link.split(separator: "/")
    if parts.count > 0, parts[0] == module { parts.removeFirst() }
    return parts.allSatisfy { part in
      // Which of several functions of a name is meant.
      let end = part.firstRange(of: ")-")?.lowerBound
      return names.contains(String(end.map { part[...$0] } ?? part))
    }
  }

  private mutating func take(_ source: SwiftSource, at index: Int) {
    let keyword = source.tokens[index].text
    switch keyword {
    case "actor", "associatedtype", "class", "enum", "let", "protocol", "struct", "typealias",
      "var", "func":
      guard index + 1 < source.tokens.count else { return }
      let name = source.tokens[index + 1].text
      let labels = keyword == "func" ? source.labels(behind: index + 1) : ""
      note(name + labels, isPublic: source.isPublic(index))
    case "init", "subscript":
      note(keyword + source.labels(behind: index), isPublic: source.isPublic(index))
    case "case":
      // Of a public enumeration or not: who links to one of another looks at it anyway.
      var place = index + 1
      while place < source.tokens.count {
        let labels = source.labels(behind: place)
        note(source.tokens[place].text + labels, isPublic: true)
        if !labels.isEmpty { place = source.closing(of: place + 1) }
        guard source.has([","], at: place + 1) else { return }
        place += 2
      }
    default: return
    }
  }

  private mutating func note(_ name: String, isPublic: Bool) {
    all.insert(name)
    if isPublic { visible.insert(name) }
  }
}

extension SwiftSource {
  /// Whether the declaration that a keyword introduces is public, or a protocol's.
  fileprivate func isPublic(_ index: Int) -> Bool {
    var place = index - 1
    let modifiers = [
      "static", "final", "indirect", "mutating", "nonisolated", "class", "private", "(", "set", ")",
      "override", "convenience", "package",
    ]
    while place >= 0, modifiers.contains(tokens[place].text) { place -= 1 }
    return has(["public"], at: place) || isInProtocol(tokens[index].line)
  }

  /// Whether a line is indented below a public protocol.
  private func isInProtocol(_ line: Int) -> Bool {
    guard lines[line - 1].first == " " else { return false }
    let above = lines[..<(line - 1)].last { !$0.isEmpty && !" /@}".contains($0.first ?? " ") }
    return above?.contains("public protocol ") == true
  }

  /// The labels of the parameters behind a name: `(_:at:)`; nothing, if there are none.
  fileprivate func labels(behind index: Int) -> String {
    var open = index + 1
    // `init?`, and parameters that are types.
    if has(["?"], at: open) { open += 1 }
    if has(["<"], at: open) { open = tokens[open...].firstIndex { $0.text == "(" } ?? open }
    guard has(["("], at: open) else { return "" }
    let close = closing(of: open)
    var labels = ""
    var depth = 0
    var begins = true
    for place in open + 1..<close {
      if begins {
        // A label and a name, a name, or neither, as in a case.
        let isNamed = has([":"], at: place + 1) || has([":"], at: place + 2)
        labels += (isNamed ? tokens[place].text : "_") + ":"
      }
      let text = tokens[place].text
      if "([{<".contains(text) { depth += 1 }
      // The head of an arrow closes nothing.
      if ")]}".contains(text) || text == ">" && !has(["-"], at: place - 1) { depth -= 1 }
      begins = depth == 0 && text == ","
    }
    return "(\(labels))"
  }
}

/// Links that lead nowhere, in comments of a module.
func strayLinks(in source: SwiftSource, to targets: LinkTargets, module: String) -> [Finding] {
  source.comments.keys.sorted().flatMap { line -> [Finding] in
    guard let comment = source.comments[line], comment.hasPrefix("///") else { return [] }
    let isPublic = source.isRead(line)
    return stray(comment[...], to: targets, module, isPublic).map {
      Finding(path: source.path, line: line, message: $0)
    }
  }
}

/// Links that lead nowhere, in an article of a module.
func strayLinks(in source: MarkdownSource, to targets: LinkTargets, module: String) -> [Finding] {
  source.prose.flatMap { line, text in
    stray(text, to: targets, module, true).map {
      Finding(path: source.path, line: line, message: $0)
    }
  }
}

private func stray(
  _ text: Substring,
  to targets: LinkTargets,
  _ module: String,
  _ isPublic: Bool
) -> [String] {
  text.matches(of: /``([^`]+)``/).map(\.1)
    .filter { !targets.has($0, module: module, isPublic: isPublic) }
    .map { "``\($0)`` is no name of \(module), or not public: one backtick makes it code" }
}

extension SwiftSource {
  /// Whether readers of the documentation see the comment on a line: whether what it stands above
  /// is public.
  fileprivate func isRead(_ line: Int) -> Bool {
    var below = line + 1
    while below <= lines.count, comments[below] != nil || isAttribute(below) { below += 1 }
    return below <= lines.count && lines[below - 1].contains("public ")
  }

  private func isAttribute(_ line: Int) -> Bool {
    lines[line - 1].drop { $0 == " " }.hasPrefix("@")
  }
}

/// The modules that a Makefile has the documentation built of: what `DOCUMENTED` lists.
func documentedModules(in makefile: String) -> [String] {
  let line = makefile.split(separator: "\n").first { $0.hasPrefix("DOCUMENTED := ") }
  return line?.split(separator: " ").dropFirst(2).map { String($0) } ?? []
}
