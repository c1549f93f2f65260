/// What could stand where somebody types.
public enum Completion: Equatable, Sendable {
  /// One of these words.
  case words([String])
  /// The name of a file.
  case files
  /// Nothing can be said.
  case nothing

  /// What could stand at the end of a line typed so far.
  ///
  /// - Parameters:
  ///   - before: the line up to the word that is being typed.
  ///   - stage: the stage whose commands count.
  /// - Returns: the words, or that the name of a file is wanted.
  public static func after(_ before: String, stage: Int) -> Completion {
    let statement = before.split(
      omittingEmptySubsequences: false,
      whereSeparator: { $0 == ";" || $0.isNewline }
    ).last
    let words = (statement ?? "").split(separator: " ").map { String($0) }
    return after(words[...], stage: stage)
  }

  private static func after(_ words: ArraySlice<String>, stage: Int) -> Completion {
    guard let name = words.first else { return .words(CommandTable.names(stage: stage)) }
    guard let spec = CommandTable.meaning(of: name), spec.chapter <= stage else {
      return .nothing
    }
    let typed = words.dropFirst()
    switch spec.name {
    case .append:
      if typed.last == "-f" { return .files }
      return typed.isEmpty ? .words(["-f"]) : .nothing
    case .watch:
      if typed.isEmpty { return .nothing }
      let isTimes = typed.dropFirst().first == "times"
      let command = typed.dropFirst(isTimes ? 3 : 1)
      if isTimes, typed.count == 2 { return .nothing }
      // A second .watch is refused, so nothing is offered behind one.
      if command.first == CommandName.watch.rawValue { return .nothing }
      return after(command, stage: stage)
    case .output:
      return typed.isEmpty ? .files : .nothing
    case .follow:
      return follow(typed)
    case .read, .scan, .tail, .race, .fill, .trim, .stats, .verify, .crash, .reopen, .help, .quit,
      .mode, .script, .timing, .bail, .token, .layout, .seal, .node, .net, .disk, .client, .trace,
      .compact, .status, .reconfigure, .rebuild, .remap, .paxos, .monitor, .wait, .stream, .map,
      .counter, .set, .list, .queue, .register, .begin, .commit, .rollback, .session, .at, .history,
      .checkpoint, .objects:
      return argument(spec, at: typed.count, stage: stage)
    }
  }

  private static func follow(_ typed: ArraySlice<String>) -> Completion {
    switch typed.last {
    case "from": .words(["tail"])
    case "count", "for": .nothing
    default: .words(["from", "count", "for"].filter { !typed.contains($0) })
    }
  }

  private static func argument(_ spec: CommandSpec, at index: Int, stage: Int) -> Completion {
    let more = stage > 5 && index == 0 ? CommandTable.healingWords(of: spec.name) : []
    guard index < spec.arguments.count else { return more.isEmpty ? .nothing : .words(more) }
    switch spec.arguments[index] {
    case .text, .number: return .nothing
    case .position: return .words(["tail"])
    case .file: return .files
    case .words(let words): return .words(words + more)
    case .command:
      return .words(CommandTable.names(stage: .max))
    }
  }
}
