/// All commands: the one place that knows their names, their words and the chapter that brings
/// them.
public enum CommandTable {
  /// The commands, in the order in which help lists them.
  public static let all: [CommandSpec] =
    log + cluster + healing + objects + transactions + disk + session

  /// The command of this name or alias; nil if there is none in any chapter.
  public static func meaning(of name: String) -> CommandSpec? {
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
    meaning(of: name)?.chapter
  }

  private static let allNames = names(stage: Int.max)

  // Looked up, never listed: its order shows nowhere.
  private static let meanings: [String: CommandSpec] = {
    var meanings: [String: CommandSpec] = [:]
    for spec in all {
      for name in [spec.name.rawValue] + spec.aliases { meanings[name] = spec }
    }
    return meanings
  }()
}
