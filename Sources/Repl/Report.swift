import CorfuGlobalLog

/// What a command has to say, in a form for each mode.
struct Report: Equatable {
  /// For people: lines before the table, the table, lines after it.
  var heading: [String] = []
  var table: Table?
  var lines: [String] = []
  /// For programs.
  var json: JSON
  /// For the raw mode, if it is neither the table's rows nor the lines.
  var raw: [String]?
  /// Whether people see less of it than the raw mode shows.
  var isShortened = false

  /// Prints it, as a mode wants it.
  func print(to output: Output, mode: RenderingMode) throws(ReplError) {
    switch mode {
    case .table:
      for line in heading { try output.line(line) }
      if let table {
        for (index, line) in table.lines().enumerated() {
          let isTitle = index == 0 && table.hasTitles
          try output.line(isTitle ? Style.dim(line, on: output) : line)
        }
      }
      for line in lines { try output.line(line) }
    case .json:
      try output.line(json.text)
    case .raw:
      for line in raw ?? table?.tabbed() ?? lines { try output.line(line) }
    }
  }
}

extension Report {
  /// Names and values, a row each.
  static func facts(_ facts: [Fact]) -> Report {
    var table = Table(columns: [.init("name"), .init("value", isNumeric: true)], hasTitles: false)
    table.rows = facts.map { [$0.name, $0.value.shown] }
    var report = Report(table: table, json: json(facts))
    report.raw = facts.map { $0.name + "\t" + $0.value.plain }
    return report
  }

  /// A word and its facts in a line: "reopened: tail 3, writes cut off 1".
  static func sentence(_ word: String, _ facts: [Fact], then advice: String = "") -> Report {
    let list = facts.map { "\($0.name) \($0.value.shown)" }.joined(separator: ", ")
    return Report(lines: [word + (list.isEmpty ? "" : ": " + list) + advice], json: json(facts))
  }

  /// How the clients of a race fared.
  static func race(_ racers: [Racer]) -> Report {
    var table = Table(columns: [
      .init("client"), .init("appends", isNumeric: true), .init("retries", isNumeric: true),
    ])
    table.rows = racers.map {
      [$0.name, Numbers.grouped($0.appends), Numbers.grouped($0.retries)]
    }
    let appends = racers.reduce(0) { $0 + $1.appends }
    let retries = racers.reduce(0) { $0 + $1.retries }
    var report = Report(
      json: [
        "clients": .array(
          racers.map {
            [
              "name": .string($0.name), "appends": .whole($0.appends),
              "retries": .whole($0.retries),
            ]
          }
        ),
        "appends": .whole(appends), "retries": .whole(retries),
      ])
    report.raw = racers.map { "\($0.name)\t\($0.appends)\t\($0.retries)" }
    table.rows.append(["all", Numbers.grouped(appends), Numbers.grouped(retries)])
    report.table = table
    return report
  }

  /// What a check of the files found.
  static func verify(_ verified: VerifyReport) -> Report {
    let isCounted = verified.files.contains { $0.liveBytes != nil }
    let live: [Table.Column] = isCounted ? [.init("live", isNumeric: true)] : []
    var table = Table(
      columns: [
        .init("file"), .init("state"), .init("records", isNumeric: true),
        .init("bytes", isNumeric: true),
      ] + live + [.init("damage")]
    )
    var lines: [String] = []
    for file in verified.files {
      let live = isCounted ? [file.liveBytes.map(Numbers.grouped) ?? ""] : []
      let found = [
        file.name, file.state, Numbers.grouped(file.records), Numbers.grouped(file.bytes),
      ]
      let damages = [
        file.damage.isEmpty ? "none" : Numbers.count(file.damage.count, "place", "places")
      ]
      table.rows.append(found + live + damages)
      lines += file.damage.map { "\(file.name): \($0)" }
      if let torn = file.tornBytes, torn > 0 { lines.append("\(file.name): \(tornWords(torn))") }
    }
    lines += verified.flaws.map { "\($0.what): \($0.advice)" }
    let records = verified.files.reduce(0) { $0 + $1.records }
    let bytes = verified.files.reduce(0) { $0 + $1.bytes }
    let sums =
      Numbers.count(verified.files.count, "file", "files") + ", "
      + Numbers.count(records, "record", "records") + ", " + Numbers.count(bytes, "byte", "bytes")
    var report = Report(table: table, json: json(verified, records: records, bytes: bytes))
    report.lines = lines + [sums + (verified.isSound ? ": all sound" : "")]
    report.raw = verified.files.map { file in
      let live = file.liveBytes.map { "\($0)" } ?? ""
      let torn = file.tornBytes.map { "\($0)" } ?? ""
      let damage = file.damage.joined(separator: "; ")
      return [
        file.name, file.state, String(file.records), String(file.bytes), live, damage, torn,
      ].joined(separator: "\t")
    }
    // Of no file: only the column of the damage has something.
    report.raw? += verified.flaws.map { "\t\t\t\t\t\($0.what): \($0.advice)\t" }
    return report
  }

  /// What is to be said of a write that is not finished.
  private static func tornWords(_ bytes: Int) -> String {
    "\(Numbers.count(bytes, "byte", "bytes")) of a write that is not finished: no damage, nobody "
      + "was promised them, and the next opening cuts them off"
  }

  private static func json(_ verified: VerifyReport, records: Int, bytes: Int) -> JSON {
    [
      "files": .array(
        verified.files.map { file in
          let live = file.liveBytes.map { [JSON.Member("live", .whole($0))] } ?? []
          let torn = file.tornBytes.map { [JSON.Member("torn", .whole($0))] } ?? []
          let counted: [JSON.Member] = live + torn
          return .object(
            [
              .init("name", .string(file.name)), .init("state", .string(file.state)),
              .init("records", .whole(file.records)), .init("bytes", .whole(file.bytes)),
            ] + counted + [.init("damage", .array(file.damage.map { .string($0) }))]
          )
        }
      ),
      "records": .whole(records), "bytes": .whole(bytes),
      "flaws": .array(verified.flaws.map { .string("\($0.what): \($0.advice)") }),
      "sound": .bool(verified.isSound),
    ]
  }

  static func json(_ facts: [Fact]) -> JSON {
    .object(facts.map { .init(memberName($0.name), $0.value.json) })
  }

  /// "trim mark" as a member's name: "trimMark".
  private static func memberName(_ name: String) -> String {
    let words = name.split(separator: " ")
    let rest = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
    return (words.first.map(String.init) ?? "") + rest.joined()
  }
}

extension Fact.Value {
  /// The value for people.
  var shown: String {
    switch self {
    case .count(let count): Numbers.grouped(count)
    case .position(let position): position.description
    case .bytes(let bytes): Numbers.size(bytes)
    case .time(let duration): Numbers.time(duration)
    case .number(let number): Numbers.fixed(number, places: 2)
    case .flag(let isSo): isSo ? "yes" : "no"
    case .list(let names): names.joined(separator: ", ")
    case .text(let text): text
    }
  }

  /// The value for programs that read columns.
  var plain: String {
    switch self {
    case .count(let count): String(count)
    case .position(let position): position.description
    case .bytes(let bytes): String(bytes)
    case .time(let duration): Numbers.fixed(duration / .seconds(1), places: 6)
    case .number(let number): String(number)
    case .flag(let isSo): isSo ? "yes" : "no"
    case .list(let names): names.joined(separator: ",")
    case .text(let text): text
    }
  }

  /// The value in a document; times in seconds.
  var json: JSON {
    switch self {
    case .count(let count): .whole(count)
    case .position(let position): .whole(position.number)
    case .bytes(let bytes): .whole(bytes)
    case .time(let duration): .number(duration / .seconds(1))
    case .number(let number): .number(number)
    case .flag(let isSo): .bool(isSo)
    case .list(let names): .array(names.map { .string($0) })
    case .text(let text): .string(text)
    }
  }
}
