/// The words of `help`, made from the table of commands.
enum Help {
  /// The list of commands at a stage.
  static func overview(stage: Int) -> Report {
    let specs = CommandTable.all.filter { $0.chapter <= stage }.map { $0.shown(at: stage) }
    var lines: [String] = []
    let width = specs.map { short($0.usage).count }.max() ?? 0
    for group in CommandSpec.Group.allCases {
      let members = specs.filter { $0.group == group }
      if members.isEmpty { continue }
      if !lines.isEmpty { lines.append("") }
      lines.append(group.rawValue)
      for spec in members {
        let usage = Table.padded(short(spec.usage), to: width, isNumeric: false)
        lines.append("  \(usage)  \(spec.summary)")
      }
    }
    let later = later(stage: stage)
    if !later.isEmpty { lines += ["", "In later chapters"] }
    for (chapter, names) in later {
      lines += wrapped("  \(chapter)  " + names.joined(separator: ", "), indent: 5)
    }
    lines += ["", "'help append' tells more about a command. Ctrl-C stops one, Ctrl-D leaves."]
    return Report(
      lines: lines,
      json: ["commands": .array(specs.map { json($0) })],
      raw: specs.map(\.name.rawValue)
    )
  }

  /// What is to know about one command, which may be one of a later chapter.
  static func about(_ name: String, stage: Int) -> Report {
    CommandTable.meaning(of: name).map { about($0, stage: stage) } ?? overview(stage: stage)
  }

  /// The reference of all commands as a page of Markdown.
  static func reference() -> String {
    var page = "# Commands\n"
    for group in CommandSpec.Group.allCases {
      page += "\n## \(group.rawValue)\n"
      for spec in CommandTable.all where spec.group == group {
        page += "\n### `\(spec.name.rawValue)`\n\n```\n\(spec.usage)\n```\n\n\(spec.summary)\n"
        for line in spec.explanation { page += line + "\n" }
        if spec.chapter > 1 { page += "From chapter \(spec.chapter) on.\n" }
        if !spec.aliases.isEmpty {
          page += "Also: " + spec.aliases.map { "`\($0)`" }.joined(separator: ", ") + ".\n"
        }
        page += "\n```\n" + spec.examples.map { "corfu> \($0)\n" }.joined() + "```\n"
      }
    }
    return page
  }

  private static func about(_ spec: CommandSpec, stage: Int) -> Report {
    let spec = spec.shown(at: stage)
    var lines = [spec.usage, "  " + spec.summary]
    lines += spec.explanation.flatMap { wrapped("  " + $0, indent: 4) }
    if spec.chapter > stage {
      let stage = "'corfu repl --stage \(spec.chapter)' has it"
      lines.append("  It arrives in chapter \(spec.chapter): \(stage).")
    }
    if !spec.aliases.isEmpty { lines.append("  Also: " + spec.aliases.joined(separator: ", ")) }
    lines.append(spec.examples.count == 1 ? "Example" : "Examples")
    lines += spec.examples.map { "  " + $0 }
    return Report(lines: lines, json: json(spec))
  }

  /// The columns of a usage in the list, so that the list fits a narrow terminal.
  private static let usageMax = 32

  /// A usage for the list: its first form, if all do not fit.
  private static func short(_ usage: String) -> String {
    let form = usage.firstRange(of: " | ").map { usage[..<$0.lowerBound] } ?? usage[...]
    if usage.count <= usageMax { return usage }
    // A form that was cut inside of its brackets tells nothing.
    if form.count <= usageMax, !form.contains("[") || form.contains("]") { return String(form) }
    return form.prefix { $0 != " " } + " ..."
  }

  /// A line cut into several of at most 80 columns, at blanks; the later ones indented.
  private static func wrapped(_ line: String, indent: Int) -> [String] {
    let text = line.prefix { $0 == " " }.endIndex
    guard line.count > 80, let end = line.prefix(81).lastIndex(of: " "), end > text else {
      return [line]
    }
    let rest = String(repeating: " ", count: indent) + line[line.index(after: end)...]
    return [String(line[..<end])] + wrapped(rest, indent: indent)
  }

  private static func later(stage: Int) -> [(chapter: Int, names: [String])] {
    let specs = CommandTable.all.filter { $0.chapter > stage }
    let chapters = specs.map(\.chapter)
    guard let last = chapters.max(), let first = chapters.min() else { return [] }
    return (first...last).compactMap { chapter in
      let names = specs.filter { $0.chapter == chapter }.map(\.name.rawValue)
      return names.isEmpty ? nil : (chapter, names)
    }
  }

  private static func json(_ spec: CommandSpec) -> JSON {
    [
      "name": .string(spec.name.rawValue), "usage": .string(spec.usage),
      "summary": .string(spec.summary), "chapter": .whole(spec.chapter),
      "explanation": .array(spec.explanation.map { .string($0) }),
      "examples": .array(spec.examples.map { .string($0) }),
    ]
  }
}
