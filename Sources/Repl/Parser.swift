import CorfuGlobalLog

/// Turns lines into commands.
///
/// Pure: it looks at nothing but the line and the stage.
///
/// Any byte string parses or is refused with one clear line; a line is understood as a whole before
/// any of it is done.
public struct Parser: Equatable, Sendable {
  /// The stage whose commands are understood.
  public let stage: Int

  /// The parser of a stage.
  public init(stage: Int) {
    self.stage = stage
  }

  /// The commands of a line, in order; none for a blank one.
  public func parse(_ line: String) throws(SyntaxError) -> [Command] {
    try parse(Array(line.utf8))
  }

  /// The commands of a line of bytes.
  public func parse(_ line: [UInt8]) throws(SyntaxError) -> [Command] {
    var commands: [Command] = []
    for words in try Lexer.statements(line) {
      commands.append(try command(words[...]))
    }
    return commands
  }

  /// The command that words make which were separated elsewhere, as by the shell.
  public func parse(words: [String]) throws(SyntaxError) -> Command {
    try command(words.map { Token(bytes: Array($0.utf8), column: 0) }[...])
  }

  private func command(_ words: ArraySlice<Token>) throws(SyntaxError) -> Command {
    guard let first = words.first else {
      throw .unknownCommand("", suggestion: nil)
    }
    let spec = try spec(first).shown(at: stage)
    var arguments = Arguments(spec: spec, words: words.dropFirst())
    let command = try command(spec.name, &arguments)
    try arguments.end()
    return command
  }

  private func spec(_ word: Token) throws(SyntaxError) -> CommandSpec {
    guard let spec = CommandTable.meaning(of: word.text) else {
      let suggestion = CommandTable.suggestion(for: word.text)
      throw .unknownCommand(word.shown, suggestion: suggestion)
    }
    if spec.chapter > stage { throw .later(word.text, chapter: spec.chapter) }
    return spec
  }

  private func command(
    _ name: CommandName,
    _ arguments: inout Arguments
  ) throws(SyntaxError) -> Command {
    switch name {
    case .append: return try append(&arguments)
    case .read:
      let word = try arguments.word("a position or a range")
      if PositionParser.isRange(word) {
        return .scan(try PositionParser.range(word), count: nil, order: .log)
      }
      return .read(try PositionParser.position(word))
    case .scan:
      var range = RangeTerm.all
      if let word = arguments.optionalWord(unless: "count") {
        range =
          PositionParser.isRange(word)
          ? try PositionParser.range(word)
          : RangeTerm(lower: try PositionParser.position(word), upper: nil)
      }
      guard arguments.skip("count") else { return .scan(range, count: nil) }
      return .scan(range, count: try arguments.required(1...Int.max, "a number of entries from 1"))
    case .follow: return .follow(try following(&arguments))
    case .race:
      let clients = try arguments.number(1...64, "a number of clients from 1 to 64")
      let appends = try arguments.number(1...1_000_000, "a number of appends from 1 to 1000000")
      return .race(clients: clients ?? 4, appends: appends ?? 25)
    case .fill: return .fill(try PositionParser.position(arguments.word("a position")))
    case .trim:
      if stage > 6, arguments.isAtEnd { return .cluster(.objects(.trim)) }
      if arguments.skip("before") {
        return .trimPrefix(before: try PositionParser.position(arguments.word("a position")))
      }
      let word = try arguments.word("a position or a range")
      if PositionParser.isRange(word) { return .trimRange(try PositionParser.range(word)) }
      return .trim(try PositionParser.position(word))
    case .tail: return .tail
    case .stats: return .stats
    case .verify: return .verify
    case .crash:
      guard arguments.skip("client") else { return .crash }
      if stage < 5 { throw .later("crash client", chapter: 5) }
      return .cluster(try crashClient(&arguments))
    case .token: return .cluster(try token(&arguments))
    case .layout: return .cluster(try layout(&arguments))
    case .status, .reconfigure, .rebuild, .remap, .paxos, .monitor, .wait:
      return .cluster(.healing(try healing(name, &arguments)))
    case .stream, .map, .counter, .set, .list, .queue, .register, .begin, .commit, .rollback,
      .session, .at, .history, .checkpoint, .objects:
      return .cluster(.objects(try objects(name, &arguments)))
    case .seal: return .cluster(.seal)
    case .node: return .cluster(try node(&arguments))
    case .net: return .cluster(try net(&arguments))
    case .disk: return .cluster(try disk(&arguments))
    case .compact: return .cluster(.compact(arguments.optionalWord()?.text))
    case .client: return .cluster(try client(&arguments))
    case .trace: return .cluster(try trace(&arguments))
    case .reopen: return .reopen
    case .help: return .help(try help(&arguments))
    case .quit: return .quit
    case .mode: return .mode(try mode(&arguments))
    case .output:
      let word = try arguments.word("a file, or 'stdout'")
      return .output(word.isWord("stdout") ? nil : try file(word))
    case .script: return .script(try file(arguments.word("a file")))
    case .watch: return try watch(&arguments)
    case .timing: return .timing(try arguments.isOn())
    case .bail: return .bail(try arguments.isOn())
    }
  }

  /// The commands of a cluster that looks after itself.
  private func healing(
    _ name: CommandName,
    _ arguments: inout Arguments
  ) throws(SyntaxError) -> HealingCommand {
    switch name {
    case .reconfigure: return try reconfigure(&arguments)
    case .rebuild:
      _ = arguments.skip("status")
      return .rebuild
    case .remap: return try remap(&arguments)
    case .paxos: return try paxos(&arguments)
    case .monitor: return .monitor(arguments.isAtEnd ? nil : try arguments.isOn())
    case .wait: return .wait(arguments.isAtEnd ? nil : try arguments.seconds())
    default: return .status
    }
  }

  private func append(_ arguments: inout Arguments) throws(SyntaxError) -> Command {
    if arguments.skip("-f") {
      let word = try arguments.word("a file after -f")
      return .appendLines(
        of: word.isWord("-") ? .input : .file(try file(word)),
        reports: .summary
      )
    }
    return .append(try arguments.payload())
  }

  private func following(_ arguments: inout Arguments) throws(SyntaxError) -> Command.Following {
    var following = Command.Following()
    while let word = arguments.optionalWord() {
      if word.isWord("from"), following.from == nil {
        following.from = try PositionParser.position(
          arguments.word("a position after 'from'")
        )
      } else if word.isWord("count"), following.count == nil {
        following.count = try arguments.required(1...Int.max, "a number of entries from 1")
      } else if word.isWord("for"), following.duration == nil {
        following.duration = try arguments.seconds()
      } else {
        throw .unexpected(
          word.shown,
          column: word.column,
          expected: "'from', 'count' or 'for', each given once"
        )
      }
    }
    return following
  }

  private func help(_ arguments: inout Arguments) throws(SyntaxError) -> String? {
    guard let word = arguments.optionalWord() else { return nil }
    guard CommandTable.meaning(of: word.text) != nil else {
      let suggestion = CommandTable.suggestion(for: word.text)
      throw .unknownCommand(word.shown, suggestion: suggestion)
    }
    return word.text
  }

  private func mode(_ arguments: inout Arguments) throws(SyntaxError) -> RenderingMode? {
    guard let word = arguments.optionalWord() else { return nil }
    guard let mode = RenderingMode(rawValue: word.text) else {
      throw .unexpected(
        word.shown,
        column: word.column,
        expected: "a mode: use table, json or raw"
      )
    }
    return mode
  }

  private func file(_ word: Token) throws(SyntaxError) -> String {
    // The system's calls end a name at its first zero byte: such a name would be another file's.
    guard !word.bytes.isEmpty, !word.bytes.contains(0) else {
      throw .unexpected(word.shown, column: word.column, expected: "the name of a file")
    }
    return word.text
  }

  private func watch(_ arguments: inout Arguments) throws(SyntaxError) -> Command {
    let seconds = try arguments.seconds()
    var times: Int?
    if arguments.skip("times") { times = try arguments.required(1...Int.max, "a number from 1") }
    let words = arguments.rest()
    guard let first = words.first else { throw arguments.missing("a command to repeat") }
    switch try spec(first).name {
    // Refused before its words are looked at, so that nesting cannot exhaust the stack.
    case .watch, .quit, .script, .output:
      throw .unexpected(
        first.shown,
        column: first.column,
        expected: "a command that can be repeated"
      )
    case .append, .read, .scan, .follow, .tail, .race, .fill, .trim, .stats, .verify, .crash,
      .reopen, .help, .mode, .timing, .bail, .token, .layout, .seal, .node, .net, .disk, .client,
      .trace, .compact, .status, .reconfigure, .rebuild, .remap, .paxos, .monitor, .wait, .stream,
      .map, .counter, .set, .list, .queue, .register, .begin, .commit, .rollback, .session, .at,
      .history, .checkpoint, .objects:
      return .watch(every: seconds, times: times, try command(words))
    }
  }
}
