/// A Markdown file as the rules see it: prose without blocks of code.
struct MarkdownSource {
  /// The file's path from the package's root.
  let path: String
  /// The lines outside blocks of code, each with its number.
  let prose: [(line: Int, text: Substring)]
  /// Where blocks of code begin, each with its language and the line above it.
  let blocks: [(line: Int, language: Substring, above: Substring)]

  init(path: String, text: String) {
    var prose: [(Int, Substring)] = []
    var blocks: [(Int, Substring, Substring)] = []
    var fence: String?
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let trimmed = line.drop { $0 == " " }
      if let open = fence {
        if trimmed.hasPrefix(open) { fence = nil }
      } else if trimmed.hasPrefix("```") || trimmed.hasPrefix("~~~") {
        fence = String(trimmed.prefix(3))
        blocks.append((index + 1, trimmed.dropFirst(3), index > 0 ? lines[index - 1] : ""))
      } else {
        prose.append((index + 1, line))
      }
    }
    self.path = path
    self.prose = prose
    self.blocks = blocks
  }

  /// The headings of a level, or of all, without their marks.
  func headings(level: Int? = nil) -> [(line: Int, text: Substring)] {
    prose.compactMap { line, text in
      let marks = text.prefix { $0 == "#" }.count
      guard marks > 0, level == nil || level == marks else { return nil }
      let rest = text.dropFirst(marks)
      return rest.hasPrefix(" ") ? (line, rest.dropFirst()) : nil
    }
  }

  /// The names under which a link reaches the headings, as Git hosts make them.
  var anchors: Set<String> {
    var counts: [String: Int] = [:]
    var anchors: Set<String> = []
    for heading in headings() {
      let name = Self.anchor(of: heading.text)
      let count = counts[name, default: 0]
      counts[name] = count + 1
      anchors.insert(count == 0 ? name : "\(name)-\(count)")
    }
    for (_, text) in prose {
      for match in text.matches(of: /<a (?:id|name)="([^"]+)"/) { anchors.insert(String(match.1)) }
    }
    return anchors
  }

  /// The name of a heading that no heading before it has.
  static func anchor(of heading: Substring) -> String {
    let text = heading.replacing(/\]\([^)]*\)/, with: "")
    let kept = text.lowercased().filter {
      $0.isLetter || $0.isNumber || " -_".contains($0)
    }
    return kept.replacing(" ", with: "-")
  }

  /// The targets of links and pictures.
  var links: [(line: Int, target: String)] {
    prose.flatMap { line, text in
      let plain = text.replacing(/`[^`]*`/, with: "")
      let inline = plain.matches(of: /\]\(<?([^)>\s]+)>?[^)]*\)/).map { (line, String($0.1)) }
      let named = plain.prefixMatch(of: /\s*\[[^\]^]+\]:\s*(\S+)/).map { [(line, String($0.1))] }
      return inline + (named ?? [])
    }
  }
}

/// Files that do not have exactly one title.
func titleFindings(in source: MarkdownSource) -> [Finding] {
  let titles = source.headings(level: 1)
  guard titles.count != 1 else { return [] }
  let message =
    titles.isEmpty
    ? "the file has no title: begin it with a line '# …'"
    : "the file has \(titles.count) titles: make all but the first '## …'"
  return [Finding(path: source.path, line: titles.dropFirst().first?.line ?? 1, message: message)]
}

/// Code in the libraries' documentation that no compiler sees: what does not name its place in the
/// example, where `course weave` has it from.
func unwovenBlocks(in source: MarkdownSource) -> [Finding] {
  guard source.path.contains(".docc/") else { return [] }
  return source.blocks.compactMap { line, language, above in
    let isWoven = above.hasPrefix("<!-- source: Sources/Example/")
    guard !isWoven, language != "sh" else { return nil }
    let message =
      "nobody compiles this code: put it into Sources/Example, and '<!-- source: … -->' above it"
    return Finding(path: source.path, line: line, message: message)
  }
}

/// Links to files or headings that do not exist; links to other hosts are not followed.
///
/// `others` are the Markdown files by path; `exists` tells whether a path leads to something.
func linkFindings(
  in source: MarkdownSource,
  others: [String: MarkdownSource],
  exists: (String) -> Bool
) -> [Finding] {
  source.links.compactMap { line, link in
    guard !link.contains(":") else { return nil }
    let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let target = parts[0].isEmpty ? source.path : resolve(String(parts[0]), from: source.path)
    guard let target, exists(target) else {
      let message = "the link to '\(link)' leads nowhere: correct the path"
      return Finding(path: source.path, line: line, message: message)
    }
    guard parts.count == 2, let other = others[target] else { return nil }
    guard !other.anchors.contains(String(parts[1])) else { return nil }
    let message = "'\(target)' has no heading '#\(parts[1])': correct the link"
    return Finding(path: source.path, line: line, message: message)
  }
}

/// The path from the root of what a file links to; `nil` if it leads out of the project.
func resolve(_ link: String, from path: String) -> String? {
  var parts = path.split(separator: "/").dropLast().map(String.init)
  for part in link.split(separator: "/") {
    if part == ".." {
      guard parts.popLast() != nil else { return nil }
    } else if part != "." {
      parts.append(String(part))
    }
  }
  return parts.joined(separator: "/")
}
