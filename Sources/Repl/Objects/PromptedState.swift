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

  /// What an update does: `a = 1`; of each value as much as fits a width, or all of it.
  static func words(for update: Update, width: Int?) -> String

  /// What came of an update.
  static func told(_ outcome: Outcome, of update: Update) -> ObjectTold

  /// What is there, of a key or of all, in a word.
  func standing(of key: LogKey?) -> ObjectTold
}

/// What there is to tell of an object: for people, and for programs.
struct ObjectTold {
  let text: String
  /// The same without anything cut.
  let raw: String
  let json: JSON

  init(_ text: String, _ json: JSON, raw: String? = nil) {
    self.text = text
    self.raw = raw ?? text
    self.json = json
  }

  /// A value, or that there is none.
  init(_ value: LogKey?, width: Int = ObjectTold.wordMax) {
    guard let value else {
      self.init(Self.none, .null)
      return
    }
    let text = KeyParser.word(for: value, width: width)
    self.init(text, value.json, raw: KeyParser.word(for: value))
  }

  /// What stands where nothing is.
  static let none = "(none)"

  /// How much is shown of a value that stands among others, or in a sentence.
  static let wordMax = 60

  /// A key or a value in a sentence.
  static func word(_ key: LogKey) -> String { KeyParser.word(for: key, width: wordMax) }
}

extension PromptedState {
  static func keys(for question: ObjectQuestion) -> [LogKey]? { nil }
  static func depends(_ update: Update) -> Bool { false }

  /// What an update does, for a sentence.
  static func words(for update: Update) -> String {
    words(for: update, width: ObjectTold.wordMax)
  }
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
    let told = ObjectTold(value, width: PayloadText.wholeMax)
    var report = Report(lines: [told.text], json: ["value": told.json])
    report.raw = [told.raw]
    report.isShortened = told.text != told.raw
    if case .string(let text) = value { report.raw = [text] }
    if value == nil { report.raw = [] }
    return report
  }

  /// Values in a row.
  static func values(_ values: some Sequence<LogKey>, _ one: String, _ many: String) -> Report {
    let all = Array(values)
    var report = Report(json: .array(all.map(\.json)))
    report.heading = all.map { ObjectTold.word($0) }
    report.lines = [Numbers.count(all.count, one, many)]
    report.raw = all.map { KeyParser.word(for: $0) }
    return report
  }

  /// Keys and their values.
  static func pairs(_ pairs: some Sequence<(key: LogKey, value: LogKey)>) -> Report {
    let all = Array(pairs)
    var table = Table(columns: [.init("key"), .init("value")])
    table.rows = all.map { [ObjectTold.word($0.key), ObjectTold.word($0.value)] }
    var report = Report(
      json: .array(all.map { ["key": $0.key.json, "value": $0.value.json] })
    )
    report.table = all.isEmpty ? nil : table
    report.lines = [Numbers.count(all.count, "key", "keys")]
    report.raw = all.map { KeyParser.word(for: $0.key) + "\t" + KeyParser.word(for: $0.value) }
    return report
  }

  /// How much of an object its name alone shows.
  static var glanceMax: Int { 20 }

  /// The same as the beginning of all that there is.
  func beginning(of count: Int, _ one: String, _ many: String) -> Report {
    var report = self
    report.json = ["first": json, "count": .whole(count)]
    guard count > Self.glanceMax else { return report }
    let more = Numbers.grouped(count - Self.glanceMax)
    report.lines = [
      "\(Numbers.count(count, one, many)), \(more) more than are shown: 'list' behind the name "
        + "shows all"
    ]
    return report
  }
}
