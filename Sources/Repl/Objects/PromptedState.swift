import CorfuTransactions

/// A state as the prompt speaks of it.
protocol PromptedState: ReplicatedState {
  /// The word for it.
  static var kind: ObjectKind { get }

  /// What an answer depends on; `nil` for all of the object.
  static func keys(for question: ObjectQuestion) -> [LogKey]?

  /// The answer to a question that this kind knows.
  func answer(to question: ObjectQuestion) -> Report

  /// The update that is wished, if this kind knows it.
  static func update(for wish: ObjectChangeWish) -> Update?

  /// Whether what an update does depends on what is there, so that a transaction has read that.
  static func depends(_ update: Update) -> Bool

  /// What an update does: `a = 1`.
  static func words(for update: Update) -> String

  /// What came of an update.
  static func told(_ outcome: Outcome, of update: Update) -> ObjectTold

  /// What is there, of a key or of all, in a word.
  func standing(of key: LogKey?) -> ObjectTold
}

/// What there is to tell of an object: for people, and for programs.
struct ObjectTold {
  let text: String
  let json: JSON

  init(_ text: String, _ json: JSON) {
    self.text = text
    self.json = json
  }

  /// A value, or that there is none.
  init(_ value: LogKey?) {
    self.init(value.map { KeyParser.word(for: $0) } ?? Self.none, value?.json ?? .null)
  }

  /// What stands where nothing is.
  static let none = "(none)"
}

extension PromptedState {
  static func keys(for question: ObjectQuestion) -> [LogKey]? { nil }
  static func depends(_ update: Update) -> Bool { false }
}

extension ObjectKind {
  /// The state behind it.
  var state: any PromptedState.Type {
    switch self {
    case .map: MapState<LogKey>.self
    case .counter: CounterState.self
    case .set: SetState.self
    case .list: ListState<LogKey>.self
    case .queue: QueueState<LogKey>.self
    case .register: RegisterState<LogKey>.self
    }
  }

  /// The kind of what the directory has under a name; `nil` if the prompt does not know it.
  init?(of item: Directory.Item) {
    // A program's map of other values may well be read here, if they are numbers or texts.
    let name = item.type?.prefix { $0 != "<" }
    let kind = Self.allCases.first { kind in
      name.map { "\(kind.state)".hasPrefix($0) } ?? false
    }
    guard let kind else { return nil }
    self = kind
  }
}

extension Report {
  /// A value alone; a text as it is, for whoever cuts.
  static func value(_ value: LogKey?) -> Report {
    let told = ObjectTold(value)
    var report = Report(lines: [told.text], json: ["value": told.json])
    if case .string(let text) = value { report.raw = [text] }
    if value == nil { report.raw = [] }
    return report
  }

  /// Values in a row.
  static func values(_ values: some Sequence<LogKey>, _ one: String, _ many: String) -> Report {
    let all = Array(values)
    var report = Report(json: .array(all.map(\.json)))
    report.heading = all.map { KeyParser.word(for: $0, width: wordMax) }
    report.lines = [Numbers.count(all.count, one, many)]
    report.raw = all.map { KeyParser.word(for: $0) }
    return report
  }

  /// Keys and their values.
  static func pairs(_ pairs: some Sequence<(key: LogKey, value: LogKey)>) -> Report {
    let all = Array(pairs)
    var table = Table(columns: [.init("key"), .init("value")])
    table.rows = all.map { pair in
      [pair.key, pair.value].map { KeyParser.word(for: $0, width: wordMax) }
    }
    var report = Report(
      json: .array(all.map { ["key": $0.key.json, "value": $0.value.json] })
    )
    report.table = all.isEmpty ? nil : table
    report.lines = [Numbers.count(all.count, "key", "keys")]
    report.raw = all.map { KeyParser.word(for: $0.key) + "\t" + KeyParser.word(for: $0.value) }
    return report
  }

  /// How much of a value a row shows.
  private static var wordMax: Int { 60 }
}
