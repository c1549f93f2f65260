/// What a command or a script needs of the log, as far as can be told before it runs.
public enum LogNeed: Comparable, Sendable {
  /// It does without.
  case nothing
  /// It reads: a log that is not there is a mistake, perhaps a slip in its name.
  case reading
  /// It writes, or may.
  case writing
}

extension Command {
  /// What it needs of the log.
  public var need: LogNeed {
    switch self {
    case .cluster(.objects(let command)): command.isReading ? .reading : .writing
    case .append, .appendLines, .race, .fill, .trim, .trimRange, .trimPrefix, .script, .cluster:
      .writing
    case .read, .scan, .follow, .tail, .stats, .verify, .crash, .reopen: .reading
    case .help, .mode, .timing, .bail, .output, .quit: .nothing
    case .watch(_, _, let command): command.need
    }
  }
}

extension Interpreter.Script {
  /// What its commands need of the log; of commands that are still to come, anything may be.
  public func need(stage: Int) -> LogNeed {
    let reader: LineReader
    switch self {
    case .text(let text): reader = LineReader(text: Array(text.utf8), name: "")
    case .file(let name):
      // A file that cannot be read needs no log: running it tells why.
      guard let file = try? LineReader(file: name) else { return .nothing }
      // A pipe can be read only once.
      if file.bytesTotal == nil { return .writing }
      reader = file
    case .input: return .writing
    }
    let parser = Parser(stage: stage)
    var need = LogNeed.nothing
    // A file that cannot be read on does nothing more, as the run of it will tell.
    while need < .writing, let line = try? reader.next() {
      // Nor does a line that is not understood.
      let commands = (try? parser.parse(line)) ?? []
      for command in commands { need = max(need, command.need) }
    }
    return need
  }
}
