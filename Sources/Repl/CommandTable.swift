/// All commands: the one place that knows their names, their words and the chapter that brings
/// them.
public enum CommandTable {
  /// The commands, in the order in which help lists them.
  public static let all: [CommandSpec] = log + cluster + healing + disk + session

  /// What a name stands for.
  public enum Meaning: Sendable {
    /// A command.
    case known(CommandSpec)
    /// A command of a later chapter, not part of this program yet.
    case later(LaterCommand)
  }

  /// The command of this name or alias; nil if there is none in any chapter.
  public static func meaning(of name: String) -> Meaning? {
    meanings[name]
  }

  /// What is known about a command.
  public static func spec(_ name: CommandName) -> CommandSpec? {
    all.first { $0.name == name }
  }

  /// The names, aliases included, that can be used at a stage, in the order of the table.
  public static func names(stage: Int) -> [String] {
    all.filter { $0.chapter <= stage }.flatMap { [$0.name.rawValue] + $0.aliases }
  }

  /// The name that was probably meant by a word: nearest first, at most two slips away.
  public static func suggestion(for word: String) -> String? {
    // Without its dot a command is nearer than any other word.
    if allNames.contains("." + word) { return "." + word }
    return suggestion(for: word, among: allNames)
  }

  /// The same among other names, such as those of a program's subcommands.
  public static func suggestion(for word: String, among names: [String]) -> String? {
    Suggestion.nearest(to: word, among: names)
  }

  /// The chapter that brings a command; `nil` if there is none of this name.
  public static func chapter(of name: String) -> Int? {
    switch meaning(of: name) {
    case .known(let spec): spec.chapter
    case .later(let later): later.chapter
    case nil: nil
    }
  }

  private static let allNames = names(stage: Int.max) + later.map(\.name)

  // Looked up, never listed: its order shows nowhere.
  private static let meanings: [String: Meaning] = {
    var meanings: [String: Meaning] = [:]
    for command in later { meanings[command.name] = .later(command) }
    for spec in all {
      for name in [spec.name.rawValue] + spec.aliases { meanings[name] = .known(spec) }
    }
    return meanings
  }()

  /// The commands that later chapters bring and that are not built yet, by chapter.
  public static let later: [LaterCommand] = [
    LaterCommand("stream", chapter: 7, "appends to and reads one of many logs within the log"),
    LaterCommand("map", chapter: 7, "a replicated map: put, get, remove, list, range"),
    LaterCommand("counter", chapter: 7, "a replicated counter"),
    LaterCommand("set", chapter: 7, "a replicated set"),
    LaterCommand("list", chapter: 7, "a replicated list"),
    LaterCommand("queue", chapter: 7, "a replicated queue"),
    LaterCommand("begin", chapter: 7, "begins a transaction"),
    LaterCommand("commit", chapter: 7, "ends a transaction, keeping what it did"),
    LaterCommand("rollback", chapter: 7, "ends a transaction, undoing what it did"),
    LaterCommand("at", chapter: 7, "asks an object how it was at a position"),
    LaterCommand("history", chapter: 7, "shows how a key changed over time"),
    LaterCommand("checkpoint", chapter: 7, "saves the objects' state, so that the log can be cut"),
    LaterCommand("objects", chapter: 7, "lists the objects in the log"),
  ]
}
