/// The names that the protocols of some files ask for.
func requirements(of sources: [SwiftSource]) -> Set<String> {
  var names: Set<String> = []
  for source in sources {
    for index in source.tokens.indices where source.tokens[index].text == "protocol" {
      guard let open = source.tokens[index...].firstIndex(where: { $0.text == "{" }) else {
        continue
      }
      for place in open..<source.closing(of: open) {
        if let name = declaredName(in: source, at: place) { names.insert(name) }
      }
    }
  }
  return names
}

/// Public declarations that say nothing, unless a protocol says it for them.
///
/// - Parameters:
///   - source: The file.
///   - witnessed: The names whose meaning a protocol gives.
/// - Returns: What lacks a comment.
func undocumented(in source: SwiftSource, witnessed: Set<String>) -> [Finding] {
  source.tokens.indices.compactMap { index in
    let token = source.tokens[index]
    // `public private(set)`, and not the `set` of it; an import or an extension has nothing to say.
    guard token.text == "public", folder(of: source.path) != nil,
      let (name, place) = nextDeclaration(in: source, after: index),
      source.comment(at: token.line)?.contains("///") != true
    else { return nil }
    let isMember = source.lines[source.tokens[place].line - 1].first == " "
    guard !isMember || !witnessed.contains(name) else { return nil }
    let message = "'\(name)' is public and has no comment: say in a sentence what it is"
    return Finding(path: source.path, line: token.line, message: message)
  }
}

/// The name that a declaration's keyword at an index introduces; an initializer's is `init`.
private func declaredName(in source: SwiftSource, at index: Int) -> String? {
  let keyword = source.tokens[index].text
  if keyword == "init" || keyword == "subscript" { return keyword }
  let keywords = [
    "actor", "associatedtype", "class", "enum", "func", "let", "protocol", "struct", "typealias",
    "var",
  ]
  guard keywords.contains(keyword), index + 1 < source.tokens.count else { return nil }
  return source.tokens[index + 1].text
}

/// What is declared behind an index, modifiers left aside; `nil` for an import or an extension.
private func nextDeclaration(
  in source: SwiftSource,
  after index: Int
) -> (name: String, place: Int)? {
  for place in source.tokens.indices.dropFirst(index + 1).prefix(8) {
    if ["import", "extension"].contains(source.tokens[place].text) { return nil }
    // `class func` declares a function.
    let isModifier = source.has(["class", "func"], at: place)
    if !isModifier, let name = declaredName(in: source, at: place) { return (name, place) }
  }
  return nil
}
