// The grammar of the commands about a cluster that looks after itself.

extension Parser {
  func trace(_ arguments: inout Arguments) throws(SyntaxError) -> ClusterCommand {
    if stage < 6 { return .trace(try arguments.isOn()) }
    let word = try arguments.word("'on', 'off' or 'all'")
    if word.isWord("all") { return .healing(.traceAll) }
    guard word.isWord("on") || word.isWord("off") else {
      throw .unexpected(word.shown, column: word.column, expected: "'on', 'off' or 'all'")
    }
    return .trace(word.isWord("on"))
  }

  func layout(_ arguments: inout Arguments) throws(SyntaxError) -> ClusterCommand {
    guard arguments.skip("history") else { return .layout }
    if stage < 6 { throw .later("layout history", chapter: 6) }
    return .healing(.history)
  }

  /// What chapter 6 can do to a node; `nil` for what others can do as well.
  func node(
    _ action: String,
    _ arguments: inout Arguments
  ) throws(SyntaxError) -> HealingCommand? {
    guard ["wipe", "add", "remove", "replace"].contains(action) else { return nil }
    if stage < 6 { throw .later("node \(action)", chapter: 6) }
    switch action {
    case "wipe":
      let name = try arguments.word("a node").text
      return .wipe(name, isSure: arguments.skip("--yes"))
    case "remove": return .remove(try arguments.word("a node").text)
    case "replace": return .replace(try arguments.word("a node").text)
    default: return .add
    }
  }

  func reconfigure(_ arguments: inout Arguments) throws(SyntaxError) -> HealingCommand {
    guard let word = arguments.optionalWord() else { return .reconfigure }
    switch word.text {
    case "stripes":
      return .stripes(try arguments.required(1...64, "a number of stripes from 1 to 64"))
    case "lost":
      var (names, isSure): ([String], Bool) = ([], false)
      while let word = arguments.optionalWord() {
        if word.isWord("--yes") { isSure = true } else { names.append(word.text) }
      }
      if names.isEmpty { throw arguments.missing("a node whose disk is lost") }
      return .lost(names, isSure: isSure)
    case "appoint": return .appoint(isSure: arguments.skip("--yes"))
    default:
      throw .unexpected(
        word.shown,
        column: word.column,
        expected: "'stripes', 'lost' or 'appoint'"
      )
    }
  }

  func remap(_ arguments: inout Arguments) throws(SyntaxError) -> HealingCommand {
    if arguments.skip("off") { return .remapPolicy(nil) }
    if arguments.skip("below") {
      let percent = try arguments.required(1...99, "a share of live bytes from 1 to 99 percent")
      return .remapPolicy(Double(percent) / 100)
    }
    var names = [try arguments.word("a unit, or several; or 'below' and a share, or 'off'").text]
    while let word = arguments.optionalWord() { names.append(word.text) }
    return .remap(names)
  }

  func paxos(_ arguments: inout Arguments) throws(SyntaxError) -> HealingCommand {
    guard let word = arguments.optionalWord() else { return .paxos }
    switch word.text {
    case "duel": return .duel(.begin)
    case "prepare", "accept":
      let who = try arguments.word("'a' or 'b', who proposes")
      guard who.isWord("a") || who.isWord("b") else {
        throw .unexpected(who.shown, column: who.column, expected: "'a' or 'b', who proposes")
      }
      var names: [String] = []
      while let name = arguments.optionalWord() {
        names += name.text.split(separator: ",").map(String.init)
      }
      return .duel(
        word.text == "prepare" ? .prepare(who.text, at: names) : .accept(who.text, at: names)
      )
    default:
      throw .unexpected(
        word.shown,
        column: word.column,
        expected: "'duel', 'prepare' or 'accept'"
      )
    }
  }
}
