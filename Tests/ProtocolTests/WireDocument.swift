import Foundation
import Testing

/// What `docs/wire.md` says of the protocol: its tables, read as a machine reads them.
struct WireDocument {
  /// A field, which has a name where its type does not say enough.
  struct Field: Equatable {
    let name: String?
    let type: String
  }

  /// Something with fields.
  struct Record {
    let code: String
    let bytes: String
    let fields: [Field]
  }

  /// One of several, with its number.
  struct Choice {
    let number: UInt8
    let code: String
    let name: String
    let bytes: String
    let fields: [Field]
  }

  /// How many bytes something has: so many, or so many at least.
  struct Size: Equatable, CustomStringConvertible {
    var bytesMin: Int
    var isFixed: Bool

    var description: String { isFixed ? "\(bytesMin)" : "≥ \(bytesMin)" }

    static func + (one: Size, other: Size) -> Size {
      Size(
        bytesMin: one.bytesMin + other.bytesMin,
        isFixed: one.isFixed && other.isFixed
      )
    }
  }

  /// Types with fields, by their names.
  private(set) var records: [String: Record] = [:]
  /// Types that are one of several, by their names; messages among them.
  private(set) var choices: [String: [Choice]] = [:]
  /// The replies and the refusals that each request may get.
  private(set) var answers: [String: (replies: [String], refusals: [String])] = [:]
  /// The examples: each the lines of a block.
  private(set) var examples: [[String]] = []

  /// All of it.
  let text: String

  /// Reads the document.
  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    try self.init(
      text: String(contentsOf: root.appending(path: "docs/wire.md"), encoding: .utf8)
    )
  }

  /// Reads a text in place of the document.
  init(text: String) throws {
    self.text = text
    for section in Self.sections(of: text) {
      switch section.title {
      case "Things with fields": try takeRecords(section.rows)
      case "One of several", "Errors": try takeChoices(section.rows)
      case "The greeting": try takeMessages(section.rows, of: "greeting", code: "Message")
      case "Requests":
        try takeMessages(section.rows, of: "request", code: "Request")
        for row in section.rows where row.count == 6 {
          let name = Self.names(in: row[1]).joined()
          answers[name] = (Self.names(in: row[4]), Self.names(in: row[5]))
        }
      case "Replies": try takeMessages(section.rows, of: "reply", code: "Reply")
      case "Examples": examples = section.blocks
      default: break
      }
    }
  }

  // MARK: - Sizes

  /// How many bytes the values of a type have; `nil` for a type that is not in the document.
  func size(of type: String) -> Size? {
    let builtIn = [
      "u8": Size(bytesMin: 1, isFixed: true), "u16": Size(bytesMin: 2, isFixed: true),
      "u32": Size(bytesMin: 4, isFixed: true), "u64": Size(bytesMin: 8, isFixed: true),
      "i64": Size(bytesMin: 8, isFixed: true), "bool": Size(bytesMin: 1, isFixed: true),
      "bytes": Size(bytesMin: 4, isFixed: false), "text": Size(bytesMin: 4, isFixed: false),
      "layout": Size(bytesMin: 4, isFixed: false),
    ]
    if let size = builtIn[type] { return size }
    for (word, bytesMin) in [("list of ", 4), ("set of ", 4), ("perhaps ", 1)]
    where type.hasPrefix(word) {
      let element = size(of: String(type.dropFirst(word.count)))
      return element.map { _ in Size(bytesMin: bytesMin, isFixed: false) }
    }
    if let record = records[type] { return size(of: record.fields) }
    guard let sizes = choices[type]?.compactMap({ size(of: $0) }),
      let bytesMin = sizes.map(\.bytesMin).min()
    else { return nil }
    let isFixed = sizes.allSatisfy { $0 == Size(bytesMin: bytesMin, isFixed: true) }
    return Size(bytesMin: bytesMin, isFixed: isFixed)
  }

  /// How many bytes a choice has, its number among them.
  func size(of choice: Choice) -> Size? {
    // The number of a greeting is in the header of its frame.
    let number = Size(bytesMin: choice.code == "Message" ? 0 : 1, isFixed: true)
    return size(of: choice.fields).map { number + $0 }
  }

  /// How many bytes fields have together.
  func size(of fields: [Field]) -> Size? {
    var sum = Size(bytesMin: 0, isFixed: true)
    for field in fields {
      guard let size = size(of: field.type) else { return nil }
      sum = sum + size
    }
    return sum
  }

  // MARK: - Tables

  private struct Section {
    let title: Substring
    var rows: [[String]] = []
    var blocks: [[String]] = []
    var isInBlock = false
  }

  private static func sections(of text: String) -> [Section] {
    var sections = [Section(title: "")]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let last = sections.count - 1
      if line.hasPrefix("```") {
        if !sections[last].isInBlock { sections[last].blocks.append([]) }
        sections[last].isInBlock.toggle()
      } else if sections[last].isInBlock {
        sections[last].blocks[sections[last].blocks.count - 1].append(String(line))
      } else if line.hasPrefix("#") {
        sections.append(Section(title: line.drop { "# ".contains($0) }))
      } else if line.hasPrefix("|") {
        // The line above this one is the table's head.
        if line.hasPrefix("|---") {
          sections[last].rows.removeLast()
        } else {
          sections[last].rows.append(cells(of: line))
        }
      }
    }
    return sections
  }

  private static func cells(of line: Substring) -> [String] {
    line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// What stands in backticks in a cell.
  private static func names(in cell: String) -> [String] {
    cell.matches(of: /`([^`]+)`/).map { String($0.1) }
  }

  private static func fields(in cell: String) throws -> [Field] {
    if cell.isEmpty { return [] }
    return try cell.split(separator: " · ").map { part in
      guard part.hasPrefix("`") else { return Field(name: nil, type: String(part)) }
      let match = try #require(part.wholeMatch(of: /`([^`]+)` (.+)/), "\(part)")
      return Field(name: String(match.1), type: String(match.2))
    }
  }

  private mutating func takeRecords(_ rows: [[String]]) throws {
    for row in rows {
      try #require(row.count == 4, "\(row)")
      let code = Self.names(in: row[3]).joined()
      #expect(records[row[0]] == nil, "two types are named '\(row[0])'")
      records[row[0]] = Record(code: code, bytes: row[1], fields: try Self.fields(in: row[2]))
    }
  }

  private mutating func takeChoices(_ rows: [[String]]) throws {
    var type = ""
    for row in rows {
      try #require(row.count == 6, "\(row)")
      // A type is named in the first of its rows.
      if !row[0].isEmpty { type = row[0] }
      let code = Self.names(in: row[2]).joined().split(separator: ".").map(String.init)
      try #require(code.count == 2, "\(row)")
      try take(row[1], code[0], code[1], row[3], row[4], of: type)
    }
  }

  private mutating func takeMessages(_ rows: [[String]], of type: String, code: String) throws {
    for row in rows {
      try #require(row.count >= 4, "\(row)")
      try take(row[0], code, Self.names(in: row[1]).joined(), row[2], row[3], of: type)
    }
  }

  private mutating func take(
    _ number: String,
    _ code: String,
    _ name: String,
    _ bytes: String,
    _ fields: String,
    of type: String
  ) throws {
    let choice = Choice(
      number: try #require(UInt8(number)),
      code: code,
      name: name,
      bytes: bytes,
      fields: try Self.fields(in: fields)
    )
    let isThere = choices[type, default: []].contains { $0.number == choice.number }
    #expect(!isThere, "\(type) has two of number \(number)")
    choices[type, default: []].append(choice)
  }
}
