/// A chapter's text, with code blocks that are the sources' own.
///
/// The line before such a block names its source: a file, and in it a declaration (`#Position`,
/// `#ModelLog.append`), an exercise (`#exercise 1.3`), the comment at the top (`#top`) or, in a
/// session, some of its steps (`#steps 1-4`):
///
/// ```
/// <!-- source: Sources/GlobalLog/Position.swift#Position -->
/// ```
struct ChapterText: Equatable {
  /// The text, its blocks as the sources have them.
  let woven: String
  /// What is wrong, with line numbers.
  let findings: [String]

  private static let marker = "<!-- source: "

  /// Weaves a text.
  ///
  /// - Parameters:
  ///   - text: The chapter.
  ///   - read: Gives a source's text, or says why not.
  init(_ text: String, read: (String) throws(CourseError) -> String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var woven: [String] = []
    var findings: [String] = []
    var index = 0
    while index < lines.count {
      let line = lines[index]
      woven.append(String(line))
      index += 1
      guard line.hasPrefix(Self.marker), line.hasSuffix(" -->") else { continue }
      let name = String(line.dropFirst(Self.marker.count).dropLast(" -->".count))
      guard index < lines.count, lines[index].hasPrefix("```"),
        let end = lines[(index + 1)...].firstIndex(of: "```")
      else {
        findings.append("line \(index): no code block follows")
        continue
      }
      let block = lines[(index + 1)..<end].map { $0 + "\n" }.joined()
      woven.append(String(lines[index]))
      do {
        let source = try Self.part(name, read: read)
        if source != block { findings.append("line \(index): the block differs from \(name)") }
        woven += source.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
          .map { String($0) }
      } catch {
        findings.append("line \(index): \(error)")
        woven += lines[(index + 1)..<end].map { String($0) }
      }
      woven.append("```")
      index = end + 1
    }
    self.woven = woven.joined(separator: "\n")
    self.findings = findings
  }

  private static func part(
    _ name: String,
    read: (String) throws(CourseError) -> String
  ) throws(CourseError) -> String {
    let halves = name.split(separator: "#", maxSplits: 1).map { String($0) }
    guard halves.count == 2 else { throw CourseError("'\(name)' names no part of a file") }
    let source = SourceText(try read(halves[0]))
    let range: Range<Int>?
    if halves[1].hasPrefix("steps ") {
      range = source.steps(halves[1].dropFirst("steps ".count))
    } else if halves[1].hasPrefix("exercise ") {
      range = source.region(of: String(halves[1].dropFirst("exercise ".count)))?.lines
    } else {
      range = halves[1] == "top" ? source.top : source.declaration(halves[1])
    }
    guard let range, !range.isEmpty else { throw CourseError("\(name) is not there") }
    return source.text(of: range)
  }
}

extension Project {
  /// How long a part of a chapter may take to read.
  static let partMinutesMax = 60

  /// What is wrong with the parts of a chapter; `nil` if nothing is, or it has none.
  func problem(withPartsOf chapter: Chapter) throws(CourseError) -> String? {
    guard let parts = chapter.parts else { return nil }
    let folder = try folder(of: chapter)
    for part in parts {
      if !exists("\(folder)/\(part.text)") { return "'\(part.text)' is not there" }
      if part.minutes > Self.partMinutesMax { return "'\(part.text)' takes too long" }
    }
    let minutes = parts.reduce(0) { $0 + $1.minutes }
    if minutes != chapter.minutes { return "they take \(minutes) minutes in all" }
    let exercises = parts.flatMap(\.exercises)
    return exercises.sorted() == chapter.exercises.map(\.id).sorted()
      ? nil : "their exercises are not the chapter's"
  }

  /// Where a chapter lies.
  func folder(of chapter: Chapter) throws(CourseError) -> String {
    let folder = try names(in: "Chapters").first { name in
      let digits = name.prefix { $0 != "-" }
      return Int(digits) == chapter.number
    }
    guard let folder else { throw CourseError("chapter \(chapter.number) has no folder") }
    return "Chapters/" + folder
  }

  /// The files of a chapter's module that its text does not name: each is walked there, or marked
  /// *later* or *under the hood*.
  func unnamedFiles(of chapter: Chapter) throws(CourseError) -> [String] {
    guard let sources = chapter.sources else { return [] }
    let text = try read(folder(of: chapter) + "/README.md")
    return try names(in: sources).filter { !isNamed($0, in: text) }
  }

  private func isNamed(_ file: String, in text: String) -> Bool {
    !file.hasSuffix(".swift") || text.contains("`" + file) || text.contains("/" + file)
  }

  /// What several chapters share: each of its files is named in one of them.
  private static let sharedFolders = ["Sources/Protocol", "Sources/Client", "Sources/Node"]

  /// The files of the shared modules that no chapter names.
  func unnamedSharedFiles() throws(CourseError) -> [String] {
    var all = ""
    for path in try texts() { all += try read(path) }
    var unnamed: [String] = []
    for folder in Self.sharedFolders {
      unnamed += try names(in: folder).filter { !isNamed($0, in: all) }.map { folder + "/" + $0 }
    }
    return unnamed
  }

  /// The Markdown files of the course.
  func texts() throws(CourseError) -> [String] {
    var paths: [String] = []
    for name in try names(in: "Chapters") {
      let path = "Chapters/" + name
      if name.hasSuffix(".md") {
        paths.append(path)
      } else if exists(path + "/README.md") {
        // A chapter in parts has a text for each.
        paths += try names(in: path).filter { $0.hasSuffix(".md") }.map { "\(path)/\($0)" }
      }
    }
    return paths
  }

  /// All texts whose code blocks are the sources': the course's, and the libraries' documentation.
  func wovenTexts() throws(CourseError) -> [String] {
    let catalogue = "Sources/Client/CorfuClient.docc"
    guard exists(catalogue) else { return try texts() }
    let articles = try names(in: catalogue).filter { $0.hasSuffix(".md") }
    return try texts() + articles.map { "\(catalogue)/\($0)" }
  }
}
