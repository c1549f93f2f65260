/// The name of a command that this program knows how to carry out.
public enum CommandName: String, CaseIterable, Sendable {
  case append, read, scan, follow, tail, race
  case fill, trim
  case token, layout, seal, client, trace, node, net, disk, compact
  case status, reconfigure, rebuild, remap, paxos, monitor, wait
  case stream, map, counter, set, list, queue, register
  case begin, commit, rollback, session
  case at, history, checkpoint, objects
  case stats, verify, crash, reopen
  case help, quit
  case mode = ".mode"
  case output = ".output"
  case script = ".read"
  case watch = ".watch"
  case timing = ".timing"
  case bail = ".bail"
}

/// What is known about a command: feeds the parser, help, completion and the printed reference.
public struct CommandSpec: Sendable {
  /// Where help lists it.
  public enum Group: String, CaseIterable, Sendable {
    case log = "The log"
    case cluster = "Its servers"
    case healing = "How they change"
    case objects = "Objects in the log"
    case transactions = "Transactions"
    case disk = "The disk below it"
    case session = "This session"
  }

  /// What may stand at a place, for completion.
  public enum Argument: Equatable, Sendable {
    case text, number, position, file, command
    case words([String])
  }

  /// Its name.
  public let name: CommandName
  /// Other names for it.
  public let aliases: [String]
  /// The first stage, which is the chapter, that has it.
  public let chapter: Int
  /// Where help lists it.
  public let group: Group
  /// How it is written.
  public let usage: String
  /// What it does, in one line.
  public let summary: String
  /// What one should know beyond that.
  public let explanation: [String]
  /// Lines to try.
  public let examples: [String]
  /// What its words may be, in order; the last one repeats.
  public let arguments: [Argument]

  init(
    _ name: CommandName,
    aliases: [String] = [],
    chapter: Int = 1,
    group: Group,
    usage: String,
    summary: String,
    explanation: [String],
    examples: [String],
    arguments: [Argument] = []
  ) {
    self.name = name
    self.aliases = aliases
    self.chapter = chapter
    self.group = group
    self.usage = usage
    self.summary = summary
    self.explanation = explanation
    self.examples = examples
    self.arguments = arguments
  }
}
