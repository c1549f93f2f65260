/// The text of a source file, and how parts of it are found.
struct SourceText: Equatable {
  /// Its lines.
  let lines: [String]

  /// A file's text.
  init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
  }

  /// What stands between the markers of an exercise, and what the marker says is to be done.
  func region(of exercise: String) -> (lines: Range<Int>, task: String)? {
    let begin = "// exercise \(exercise): "
    guard let first = lines.firstIndex(where: { $0.trimmed.hasPrefix(begin) }),
      let last = lines[first...].firstIndex(where: { $0.trimmed == "// end \(exercise)" })
    else { return nil }
    return (first + 1..<last, String(lines[first].trimmed.dropFirst(begin.count)))
  }

  /// The comment that a file begins with.
  var top: Range<Int> {
    0..<(lines.firstIndex { !$0.hasPrefix("//") } ?? lines.count)
  }

  /// Some steps of a session, `2-4`, counted from 1.
  ///
  /// A step is a line typed and what came back.
  func steps(_ numbers: some StringProtocol) -> Range<Int>? {
    let bounds = numbers.split(separator: "-").compactMap { Int($0) }
    let starts = lines.indices.filter { lines[$0].hasPrefix("corfu>") }
    guard bounds.count == 2, 1 <= bounds[0], bounds[0] <= bounds[1], bounds[1] <= starts.count
    else { return nil }
    var end = bounds[1] < starts.count ? starts[bounds[1]] : lines.count
    while lines[end - 1].isEmpty { end -= 1 }
    return starts[bounds[0] - 1]..<end
  }

  /// A declaration with its documentation: `TailRace`, or `ModelLog.append` for one inside another.
  func declaration(_ path: String) -> Range<Int>? {
    var range = lines.indices
    for name in path.split(separator: ".") {
      guard let first = range.first(where: { declares(String(name), in: lines[$0]) }),
        let end = end(ofDeclarationAt: first)
      else { return nil }
      range = first..<end
    }
    var first = range.lowerBound
    while first > 0, lines[first - 1].isDocumentation { first -= 1 }
    return first..<range.upperBound
  }

  /// Lines without the indentation that they have in common.
  func text(of range: Range<Int>) -> String {
    let indentation =
      lines[range].filter { !$0.trimmed.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines[range].map { $0.dropFirst(indentation) + "\n" }.joined()
  }

  /// The bodies of the functions in a range, each from behind its `{` to before its `}`.
  func bodies(in range: Range<Int>) -> [Range<Int>] {
    var bodies: [Range<Int>] = []
    var braces = BraceCounter()
    var first: Int?
    for index in range {
      let depth = braces.depth
      braces.read(lines[index])
      if depth == 0, braces.depth == 1 { first = index + 1 }
      if depth > 0, braces.depth == 0, let begin = first {
        bodies.append(begin..<index)
        first = nil
      }
    }
    return bodies
  }

  private func declares(_ name: String, in line: String) -> Bool {
    let keywords = [
      "struct", "class", "enum", "protocol", "extension", "func", "init", "var", "let",
    ]
    let trimmed = line.trimmed
    if trimmed.hasPrefix("//") { return false }
    let words = trimmed.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    if name == "init" { return words.contains("init") }
    return zip(words, words.dropFirst()).contains { keywords.contains(String($0)) && $1 == name }
  }

  private func end(ofDeclarationAt first: Int) -> Int? {
    var braces = BraceCounter()
    for index in first..<lines.count {
      braces.read(lines[index])
      let goesOn = braces.parentheses > 0 || lines[index].hasSuffix(")") && !braces.wasOpened
      // A closure among the parameters is not the body.
      if braces.depth == 0, braces.wasOpened, braces.parentheses == 0 { return index + 1 }
      // A requirement of a protocol, or a stored property: it ends where the next line begins anew.
      let next = index + 1 < lines.count ? lines[index + 1].trimmed : ""
      let nextGoesOn = [")", "->", "{", "where "].contains { next.hasPrefix($0) }
      if !braces.wasOpened, braces.parentheses == 0, !(goesOn && nextGoesOn), !nextGoesOn {
        return index + 1
      }
    }
    return nil
  }
}

/// Counts braces and parentheses, those in strings and comments left out.
struct BraceCounter {
  private(set) var depth = 0
  private(set) var parentheses = 0
  /// Whether there was a brace at all.
  private(set) var wasOpened = false
  private var isInLongString = false

  /// Reads a line.
  mutating func read(_ line: String) {
    var isInString = false
    var previous: Character = " "
    var rest = line[...]
    while let character = rest.popFirst() {
      if character == "\"", rest.hasPrefix("\"\"") {
        rest.removeFirst(2)
        isInLongString.toggle()
      } else if isInLongString {
        continue
      } else if isInString {
        if character == "\\" {
          _ = rest.popFirst()
        } else if character == "\"" {
          isInString = false
        }
      } else if character == "\"" {
        isInString = true
      } else if character == "/", previous == "/" {
        return
      } else {
        count(character)
      }
      previous = character
    }
  }

  private mutating func count(_ character: Character) {
    switch character {
    case "{":
      depth += 1
      wasOpened = true
    case "}": depth -= 1
    case "(": parentheses += 1
    case ")": parentheses -= 1
    default: break
    }
  }
}

extension String {
  /// Without blanks at its ends.
  var trimmed: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  fileprivate var isDocumentation: Bool {
    trimmed.hasPrefix("///") || trimmed.hasPrefix("@")
  }
}
