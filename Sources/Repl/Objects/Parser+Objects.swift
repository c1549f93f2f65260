import CorfuTransactions

// The grammar of the commands about streams, objects and transactions.

extension Parser {
  func objects(
    _ name: CommandName,
    _ arguments: inout Arguments
  ) throws(SyntaxError) -> ObjectCommand {
    switch name {
    case .stream: return try stream(&arguments)
    case .begin: return .begin(try arguments.optionalSession())
    case .commit: return .commit
    case .rollback: return .rollback
    case .session: return .session(try arguments.optionalSession())
    case .at: return try past(&arguments)
    case .history:
      let name = try arguments.name("the name of an object")
      return .changes(name, arguments.isAtEnd ? nil : try arguments.key("a key"))
    case .checkpoint:
      if arguments.isAtEnd || arguments.skip("all") { return .checkpoint(nil) }
      if arguments.skip("off") { return .checkpointEvery(nil) }
      if arguments.skip("every") {
        let expected = "a number of positions, 1 or more"
        return .checkpointEvery(try arguments.required(1...Int.max, expected))
      }
      return .checkpoint(try arguments.name("the name of an object, 'all', 'every' or 'off'"))
    default:
      guard let kind = ObjectKind(rawValue: name.rawValue) else { return .list }
      return try object(kind, &arguments)
    }
  }

  private func stream(_ arguments: inout Arguments) throws(SyntaxError) -> ObjectCommand {
    let word = try arguments.word("the name of a stream, or several with commas between")
    let names = word.text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let isTwice = Set(names).count < names.count
    guard names.allSatisfy(Arguments.isName), names.count <= 64, !isTwice else {
      throw .unexpected(
        word.shown,
        column: word.column,
        expected: "the name of a stream, or up to 64 different ones with commas between"
      )
    }
    let action = try arguments.word("'append', 'read', 'tail' or 'trim'")
    guard action.isWord("append") || names.count == 1 else {
      throw .unexpected(action.shown, column: action.column, expected: "'append': name one stream")
    }
    switch action.text {
    case "append": return .stream(names, .append(try arguments.payload()))
    case "read":
      let from = arguments.optionalWord()
      return .stream(
        names,
        .read(from: try from.map { word throws(SyntaxError) in try PositionParser.position(word) })
      )
    case "tail": return .stream(names, .tail)
    case "trim":
      guard arguments.skip("before") else { throw arguments.missing("'before' and a position") }
      let mark = try PositionParser.position(arguments.word("a position"))
      return .stream(names, .trim(before: mark))
    default:
      throw .unexpected(
        action.shown,
        column: action.column,
        expected: "'append', 'read', 'tail' or 'trim'"
      )
    }
  }

  /// `at POSITION` and what to look at.
  private func past(_ arguments: inout Arguments) throws(SyntaxError) -> ObjectCommand {
    let position = try PositionParser.position(arguments.word("a position"))
    let kinds = ObjectKind.allCases.map { "'\($0.rawValue)'" }
    let expected = kinds.dropLast().joined(separator: ", ") + " or " + (kinds.last ?? "")
    let word = try arguments.word(expected)
    guard let kind = ObjectKind(rawValue: word.text) else {
      throw .unexpected(word.shown, column: word.column, expected: expected)
    }
    guard case .read(let kind, let name, let question) = try object(kind, &arguments) else {
      throw .unexpected(
        word.shown,
        column: word.column,
        expected: "a look: the past can be read, and not changed"
      )
    }
    return .readThen(position, kind, name, question)
  }

  private func object(
    _ kind: ObjectKind,
    _ arguments: inout Arguments
  ) throws(SyntaxError) -> ObjectCommand {
    let name = try arguments.name("the name of a \(kind.rawValue)")
    let actions = kind.actions
    guard let word = arguments.optionalWord() else { return .read(kind, name, kind.questionAlone) }
    guard !word.isQuoted, actions.contains(word.text) else {
      throw .unexpected(word.shown, column: word.column, expected: Self.alternatives(actions))
    }
    if let question = try question(word.text, &arguments) { return .read(kind, name, question) }
    return .update(kind, name, try wish(word.text, of: kind, &arguments))
  }

  private static func alternatives(_ words: [String]) -> String {
    let quoted = words.map { "'\($0)'" }
    return [quoted.dropLast().joined(separator: ", "), quoted.last ?? ""].filter { !$0.isEmpty }
      .joined(separator: " or ")
  }

  private func question(
    _ action: String,
    _ arguments: inout Arguments
  ) throws(SyntaxError) -> ObjectQuestion? {
    switch action {
    case "list": return .all
    case "get": return .value(of: try arguments.key("a key"))
    case "has": return .has(try arguments.key("a key"))
    case "range":
      let first = try arguments.key("the first key")
      return .range(first, try arguments.key("the key to stop before"))
    default: return nil
    }
  }

  private func wish(
    _ action: String,
    of kind: ObjectKind,
    _ arguments: inout Arguments
  ) throws(SyntaxError) -> ObjectChangeWish {
    switch (kind, action) {
    case (.map, "put"):
      let key = try arguments.key("a key")
      return .put(key, try arguments.key("a value"))
    case (.map, _): return .remove(try arguments.key("a key"))
    case (.counter, _): return .count(try arguments.isAtEnd ? 1 : arguments.wholeNumber())
    case (.set, "add"): return .insert(try arguments.key("a key"))
    case (.set, _): return .remove(try arguments.key("a key"))
    case (.list, "append"): return .append(try arguments.key("a value"))
    case (.list, "insert"):
      let index = try arguments.index()
      return .insertValue(try arguments.key("a value"), at: index)
    case (.list, "set"):
      let index = try arguments.index()
      return .setValue(try arguments.key("a value"), at: index)
    case (.list, _): return .removeValue(at: try arguments.index())
    case (.queue, "push"): return .append(try arguments.key("a value"))
    case (.queue, _): return .pop
    case (.register, "write"): return .write(try arguments.optionalKey("a value"))
    case (.register, _):
      let old = try arguments.optionalKey("the value that is there, or 'nothing'")
      return .compareAndSet(old, try arguments.optionalKey("the value to write"))
    }
  }
}

extension ObjectKind {
  /// The words that may stand behind an object's name.
  var actions: [String] {
    switch self {
    case .map: ["put", "get", "remove", "list", "range"]
    case .counter: ["add"]
    case .set: ["add", "remove", "has", "list"]
    case .list: ["append", "insert", "set", "remove", "list"]
    case .queue: ["push", "pop", "list"]
    case .register: ["write", "cas"]
    }
  }

  /// What the name alone asks for.
  var questionAlone: ObjectQuestion {
    switch self {
    case .counter, .register: .all
    case .map, .set, .list, .queue: .glance
    }
  }
}

extension Arguments {
  /// Whether something may have this name, so that it can be typed and shown without quotes.
  static func isName(_ text: String) -> Bool {
    let isOneWord = text.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "-_.:/@".unicodeScalars.contains(scalar)
    }
    return isOneWord && (1...Directory.nameBytesMax).contains(text.utf8.count)
  }

  /// Takes the name of an object.
  mutating func name(_ what: String) throws(SyntaxError) -> String {
    let word = try word(what)
    guard let text = String(validating: word.bytes, as: UTF8.self), Self.isName(text) else {
      throw .unexpected(
        word.shown,
        column: word.column,
        expected: "a name: use letters, digits and -_.:/@, up to \(Directory.nameBytesMax) bytes"
      )
    }
    return text
  }

  /// Takes the name of a session, if there is a word.
  mutating func optionalSession() throws(SyntaxError) -> String? {
    isAtEnd ? nil : try clientName("a name for a session")
  }

  /// Takes a key or a value.
  mutating func key(_ what: String) throws(SyntaxError) -> LogKey {
    try KeyParser.key(word(what))
  }

  /// Takes a value, or the word for none.
  mutating func optionalKey(_ what: String) throws(SyntaxError) -> LogKey? {
    skip(RegisterWords.nothing) ? nil : try key(what)
  }

  /// Takes an index of a list.
  mutating func index() throws(SyntaxError) -> Int {
    try required(0...Int.max, "an index, counted from 0")
  }

  /// Takes a number, which may be negative.
  mutating func wholeNumber() throws(SyntaxError) -> Int64 {
    let word = try word("a whole number")
    guard !word.isQuoted, let number = Int64(word.text) else {
      throw .unexpected(word.shown, column: word.column, expected: "a whole number")
    }
    return number
  }
}
