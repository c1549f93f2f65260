// The grammar of the commands about servers.

extension Parser {
  func token(_ arguments: inout Arguments) throws(SyntaxError) -> ClusterCommand {
    if arguments.skip("use") { return .useToken(try arguments.payload()) }
    let count = try arguments.number(1...65536, "'use', or a number of positions from 1 to 65536")
    return .token(count: count ?? 1)
  }

  func node(_ arguments: inout Arguments) throws(SyntaxError) -> ClusterCommand {
    guard let word = arguments.optionalWord() else { return .nodes }
    if !word.isQuoted, let healing = try node(word.text, &arguments) { return .healing(healing) }
    guard let action = ClusterCommand.NodeAction(rawValue: word.text), !word.isQuoted else {
      throw .unexpected(
        word.shown,
        column: word.column,
        expected: stage < 6
          ? "'kill', 'restart', 'pause' or 'resume'"
          : "'kill', 'restart', 'pause', 'resume', 'wipe', 'add', 'remove' or 'replace'"
      )
    }
    let name = try arguments.word("a node").text
    // From stage 5 on a process that ends takes nothing with it.
    if action == .kill, stage < 5, arguments.skip("--yes") { return .killSurely(name) }
    return .node(action, name)
  }

  func net(_ arguments: inout Arguments) throws(SyntaxError) -> ClusterCommand {
    guard let word = arguments.optionalWord() else { return .net(.show) }
    switch word.text {
    case "partition":
      let left = try arguments.names("a node or client, or several with commas between")
      return .net(.partition(left, try arguments.names("who is to be out of its reach")))
    case "heal": return .net(.heal)
    case "delay": return .net(.delay(try arguments.seconds(from: 0)))
    default:
      throw .unexpected(
        word.shown,
        column: word.column,
        expected: "'partition', 'heal' or 'delay'"
      )
    }
  }

  func disk(_ arguments: inout Arguments) throws(SyntaxError) -> ClusterCommand {
    let word = try arguments.word("'fail', 'fill', 'slow' or 'mend'")
    switch word.text {
    case "fail": return .disk(.fail, try arguments.word("a node").text)
    case "fill": return .disk(.fill, try arguments.word("a node").text)
    case "mend": return .disk(.mend, try arguments.word("a node").text)
    case "slow":
      let name = try arguments.word("a node").text
      let pause = arguments.isAtEnd ? .milliseconds(250) : try arguments.seconds()
      return .disk(.slow(pause), name)
    default:
      throw .unexpected(
        word.shown,
        column: word.column,
        expected: "'fail', 'fill', 'slow' or 'mend'"
      )
    }
  }

  func client(_ arguments: inout Arguments) throws(SyntaxError) -> ClusterCommand {
    guard let word = arguments.optionalWord() else { return .client(.list) }
    switch word.text {
    case "new":
      return .client(.new(try arguments.clientName("a name for the client")))
    case "use": return .client(.use(try arguments.word("the name of a client").text))
    default:
      throw .unexpected(word.shown, column: word.column, expected: "'new' or 'use'")
    }
  }

  func crashClient(_ arguments: inout Arguments) throws(SyntaxError) -> ClusterCommand {
    if arguments.isAtEnd { return .crashClient(.now) }
    guard arguments.skip("after") else {
      let word = try arguments.word("'after'")
      throw .unexpected(word.shown, column: word.column, expected: "'after'")
    }
    let word = try arguments.word("'token' or 'head'")
    switch word.text {
    case "token": return .crashClient(.afterToken)
    case "head": return .crashClient(.afterHead)
    default: throw .unexpected(word.shown, column: word.column, expected: "'token' or 'head'")
    }
  }
}

extension Arguments {
  /// Takes the name of a client.
  mutating func clientName(_ what: String) throws(SyntaxError) -> String {
    let name = try word(what)
    let isPlain = name.bytes.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
    guard isPlain, (1...8).contains(name.bytes.count) else {
      throw .unexpected(
        name.shown,
        column: name.column,
        expected: "a name for a client: use up to 8 small letters and digits"
      )
    }
    return name.text
  }

  /// Takes names with commas between.
  fileprivate mutating func names(_ what: String) throws(SyntaxError) -> [String] {
    let word = try word(what)
    let names = word.text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !names.contains("") else {
      throw .unexpected(word.shown, column: word.column, expected: "names with commas between")
    }
    return names
  }
}
