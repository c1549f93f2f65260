/// The limits that a reader's eye sets.
enum Limit {
  /// Above the 300 lines we aim for, because a noun is not cut in two for a dozen lines.
  static let fileLinesMax = 400
  static let functionLinesMax = 70
  static let columnsMax = 100
}

/// A function, initializer, subscript or computed property with a body.
struct Function: Equatable {
  let name: String
  let firstLine: Int
  let lastLine: Int
}

/// The functions of a file, those inside others too.
func functions(of source: SwiftSource) -> [Function] {
  source.tokens.indices.compactMap { index in
    guard let brace = bodyOfFunction(in: source, at: index) else { return nil }
    let token = source.tokens[index]
    let hasName = ["func", "var"].contains(token.text)
    return Function(
      name: hasName ? source.tokens[index + 1].text : token.text,
      firstLine: token.line,
      lastLine: source.tokens[source.closing(of: brace)].line
    )
  }
}

/// Where the body begins of a function that is declared at an index; `nil` if none is.
private func bodyOfFunction(in source: SwiftSource, at index: Int) -> Int? {
  let keyword = source.tokens[index].text
  guard ["func", "init", "deinit", "subscript", "var"].contains(keyword) else { return nil }
  if index > 0, source.tokens[index - 1].text == "." { return nil }
  // A requirement of a protocol has no body: what follows is the next declaration.
  let stops = [
    "func", "init", "deinit", "subscript", "var", "let", "case", "struct", "class", "enum",
    "protocol", "extension", "typealias", "associatedtype", "static", "mutating", "public",
    "private", "package", "internal", "nonisolated", "}", ";",
  ]
  var depth = 0
  for place in (index + 1)..<source.tokens.count {
    let token = source.tokens[place]
    if ["(", "["].contains(token.text) { depth += 1 }
    if [")", "]"].contains(token.text) { depth -= 1 }
    if depth < 0 { return nil }
    guard depth == 0 else { continue }
    if token.text == "{" { return place }
    if stops.contains(token.text) { return nil }
    // A stored property, or a computed one of which only the first line matters.
    let isPastLine = token.line > source.tokens[index].line
    if keyword == "var", isPastLine || token.text == "=" { return nil }
  }
  return nil
}

/// Functions that do not fit a screen.
func longFunctions(in source: SwiftSource) -> [Finding] {
  functions(of: source).compactMap { function in
    let count = function.lastLine - function.firstLine + 1
    guard count > Limit.functionLinesMax else { return nil }
    let message =
      "'\(function.name)' has \(count) lines, at most \(Limit.functionLinesMax) fit a screen: "
      + "give a part of it a name of its own"
    return Finding(path: source.path, line: function.firstLine, message: message)
  }
}

/// A file with more than one noun in it, most likely.
func longFile(_ source: SwiftSource) -> [Finding] {
  // The text after the last line break is no line.
  let count = source.lines.last?.isEmpty == true ? source.lines.count - 1 : source.lines.count
  guard count > Limit.fileLinesMax else { return [] }
  let message =
    "the file has \(count) lines, \(Limit.fileLinesMax) is the most and 300 the aim: "
    + "move a noun to a file of its own"
  return [Finding(path: source.path, line: count, message: message)]
}

/// Lines that need a wider window.
func longLines(in source: SwiftSource) -> [Finding] {
  source.lines.indices.compactMap { index in
    let count = source.lines[index].count
    guard count > Limit.columnsMax else { return nil }
    let message = "the line has \(count) columns, at most \(Limit.columnsMax): break it"
    return Finding(path: source.path, line: index + 1, message: message)
  }
}

/// Files of which no other file uses anything.
func deadFiles(among sources: [SwiftSource]) -> [Finding] {
  let words = sources.map { Set($0.tokens.map(\.text)) }
  return sources.indices.compactMap { index in
    let source = sources[index]
    let names = topLevelNames(of: source)
    guard folder(of: source.path) != nil, !names.isEmpty, !source.path.hasSuffix("/main.swift"),
      !source.tokens.indices.contains(where: { source.has(["@", "main"], at: $0) })
    else { return nil }
    let isUsed = sources.indices.contains { other in
      other != index && !names.isDisjoint(with: words[other])
    }
    guard !isUsed else { return nil }
    let message = "nothing here is used by any other file: use it, test it, or remove it"
    return Finding(path: source.path, line: 1, message: message)
  }
}

/// What a file declares for others, outside of any other declaration; an extension declares
/// nothing.
func topLevelNames(of source: SwiftSource) -> Set<String> {
  let keywords = [
    "struct", "class", "enum", "protocol", "actor", "func", "typealias", "let", "var",
  ]
  var names: Set<String> = []
  var depth = 0
  var isPrivate = false
  for (index, token) in source.tokens.enumerated() {
    if ["{", "(", "["].contains(token.text) { depth += 1 }
    if ["}", ")", "]"].contains(token.text) { depth -= 1 }
    if depth == 0, token.text == "private" { isPrivate = true }
    if depth == 0, keywords.contains(token.text), index + 1 < source.tokens.count {
      if !isPrivate { names.insert(source.tokens[index + 1].text) }
      isPrivate = false
    }
  }
  return names
}
