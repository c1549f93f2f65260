/// The guesses that a text asks for before it explains: its section *Predict*.
///
/// A numbered list of questions, and behind it, folded away, one of answers.
struct Predictions: Equatable {
  /// A question and its answer, as the text has them, without line breaks in the midst of one.
  struct Item: Equatable {
    let question: String
    let answer: String
  }

  /// Them, in order.
  let items: [Item]

  private static let title = "## Predict"

  /// Reads them out of a text; there are none where it has no such section.
  ///
  /// - Parameters:
  ///   - text: The chapter, or a part of it.
  ///   - name: What it is called in a message.
  /// - Throws: ``CourseError`` if there are not as many answers as questions.
  init(_ text: String, name: String) throws(CourseError) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.firstIndex(of: Self.title[...]) else {
      items = []
      return
    }
    let section = lines[(first + 1)...].prefix { !$0.hasPrefix("## ") }
    let fold = section.firstIndex { $0.hasPrefix("<details>") } ?? section.endIndex
    let end = section.firstIndex { $0.hasPrefix("</details>") } ?? section.endIndex
    let questions = Self.numbered(section[..<fold])
    let answers = Self.numbered(section[fold..<max(fold, end)])
    guard questions.count == answers.count, !questions.isEmpty else {
      throw CourseError(
        "\(name): 'Predict' has \(questions.count) questions and \(answers.count) answers"
      )
    }
    items = zip(questions, answers).map { Item(question: $0, answer: $1) }
  }

  /// The items of a list that is numbered from 1 on.
  private static func numbered(_ lines: ArraySlice<Substring>) -> [String] {
    var items: [String] = []
    for line in lines {
      let mark = "\(items.count + 1). "
      if line.hasPrefix(mark) {
        items.append(String(line.dropFirst(mark.count)))
      } else if line.hasPrefix("   "), let last = items.indices.last {
        items[last] += " " + line.drop { $0 == " " }
      }
    }
    return items
  }
}

extension String {
  /// Text as a terminal shows it: no marks of Markdown, and lines of this width, indented.
  func prose(width: Int = 88, indentation: Int = 0) -> String {
    let plain = replacing("**", with: "").replacing(/(^|[ (])\*([^* ][^*]*)\*/) { "\($0.1)\($0.2)" }
    let blanks = String(repeating: " ", count: indentation)
    var lines = [blanks]
    for word in plain.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.count + word.count >= width, last != blanks {
        lines.append(blanks + word)
      } else {
        lines[lines.count - 1] += (last == blanks ? "" : " ") + word
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension Project {
  /// The texts of a chapter in which something is to be predicted, in the order of reading.
  ///
  /// - Throws: ``CourseError`` if there is no such chapter, or a text's lists do not match.
  func predictions(
    of number: Int
  ) throws(CourseError) -> [(text: String, items: [Predictions.Item])] {
    let known = try chapters()
    guard let chapter = known.first(where: { $0.number == number }) else {
      let numbers = known.map { String($0.number) }.joined(separator: ", ")
      throw CourseError("there is no chapter \(number); there are: \(numbers)")
    }
    let folder = try folder(of: chapter)
    let parts = (chapter.parts ?? []).map(\.text).filter { $0 != "README.md" }
    var found: [(text: String, items: [Predictions.Item])] = []
    for name in ["README.md"] + parts {
      let path = "\(folder)/\(name)"
      let items = try Predictions(read(path), name: path).items
      if !items.isEmpty { found.append((path, items)) }
    }
    return found
  }

  /// Those of one part of a chapter.
  ///
  /// Parts are named by the number in front of their files' names; the chapter's own page comes
  /// right before the first of them.
  ///
  /// - Throws: ``CourseError`` if that part asks for none.
  func predictions(
    of number: Int,
    part: Int
  ) throws(CourseError) -> [(text: String, items: [Predictions.Item])] {
    let texts = try predictions(of: number)
    let numbers = texts.map { text in
      Int((text.text.split(separator: "/").last ?? "").prefix { $0.isNumber })
    }
    let first = (numbers.compactMap(\.self).min() ?? 2) - 1
    let own = zip(texts, numbers).filter { ($1 ?? first) == part }.map(\.0)
    guard own.isEmpty else { return own }
    throw CourseError("chapter \(number) has no part \(part) that asks for predictions")
  }
}
