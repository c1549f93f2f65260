import ArgumentParser
import CPlatform
import CorfuRepl

/// The program `corfu`: a subcommand per file of this folder.
struct Corfu: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corfu",
    abstract: "CORFU, a shared log: a prompt to explore it, and commands for the shell.",
    discussion: """
      Begin with 'corfu repl'. Every command tells more with --help. The exit status is 0, 1 when \
      something failed, and 2 when the command line was not understood.
      """,
    version: "corfu 0.1.0, stage \(stageMax) of 8",
    subcommands: [
      ReplCommand.self, AppendCommand.self, ReadCommand.self, ScanCommand.self,
      FollowCommand.self, TailCommand.self, StatsCommand.self, UnitCommand.self,
      NodeCommand.self, ClusterCommands.self, TopCommand.self, ConfigCommand.self,
      BackupCommand.self, RestoreCommand.self, MirrorCommand.self, SimulateCommand.self,
      ChaosCommand.self, BenchCommand.self,
    ]
  )

  /// What to say of words of which the first is no subcommand; `nil` if it is one, or an option.
  static func complaint(about words: [String]) -> String? {
    guard let word = words.first else { return nil }
    let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    if word.hasPrefix("-") || names.contains(word) { return nil }
    if let chapter = CommandTable.chapter(of: word), chapter > stageMax {
      return "\(SyntaxError.later(word, chapter: chapter))"
    }
    if let chapter = CommandTable.chapter(of: word) {
      let stage = stages.first { $0 >= chapter } ?? stageMax
      let option = stage == 1 ? "" : " --stage \(stage)"
      let line = words.count == 1 ? word : "'\(words.joined(separator: " "))'"
      return "'\(word)' is a command of the prompt: corfu repl\(option) -c \(line)"
    }
    guard let name = CommandTable.suggestion(for: word, among: names) else {
      return "there is no command '\(word)': 'corfu --help' lists them"
    }
    return "there is no command '\(word)': did you mean '\(name)'?"
  }
}

/// Where the program begins, and where its errors become one line and a status.
@main
enum Program {
  static func main() async {
    corfu_keep_memory()
    Terminal.prepareStreams()
    if let text = Corfu.complaint(about: Array(CommandLine.arguments.dropFirst())) {
      Corfu.exit(withError: ExitCode(complain(text, status: 2)))
    }
    do {
      var command = try Corfu.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Corfu.exit(withError: ExitCode(status(of: error)))
    }
  }

  /// Tells what is wrong, and returns the exit status for it.
  private static func status(of error: any Error) -> Int32 {
    if let code = error as? ExitCode { return code.rawValue }
    if let error = error as? ReplError {
      switch error {
      case .outputClosed: return 0
      case .syntax, .lineDropped: return complain(error.description, status: 2)
      case .log, .refused, .diskFull, .file, .lineTooLong, .stopped, .trimUnclear, .damaged,
        .cancelled, .ended:
        return complain(error.description, status: 1)
      }
    }
    if Corfu.exitCode(for: error) == .success {
      // Asked for: the help, or the version.
      return say(Corfu.fullMessage(for: error))
    }
    let message = Corfu.message(for: error).split(whereSeparator: \.isNewline).joined(
      separator: " "
    )
    let misuse = Misuse(words: Array(CommandLine.arguments.dropFirst()))
    return complain(misuse.line(message), status: 2)
  }

  private static func complain(_ message: String, status: Int32) -> Int32 {
    let errors = Output.standardError()
    do {
      try errors.line("corfu: " + message)
      try errors.flush()
    } catch {
      // Nobody can be told; the status still says it.
      return status
    }
    return status
  }

  private static func say(_ text: String) -> Int32 {
    let output = Output.standardOutput()
    do {
      try output.line(text)
      try output.flush()
    } catch {
      return error == .outputClosed ? 0 : 1
    }
    return 0
  }
}
