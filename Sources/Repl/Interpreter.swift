/// Carries out commands on a session and prints what comes of them.
///
/// One interpreter serves the prompt, scripts, transcripts and the commands of the shell.
public actor Interpreter {
  /// How a line or a script ended.
  public enum Outcome: Equatable, Sendable {
    /// All was done.
    case done
    /// Something failed, and was reported.
    case failed
    /// It is time to leave: `quit`, or nobody reads the output.
    case leave
  }

  /// Lines to run.
  public enum Script: Equatable, Sendable {
    /// Commands given as text.
    case text(String)
    /// Commands in a file.
    case file(String)
    /// Commands that are piped in.
    case input
  }

  /// What the commands act on.
  public nonisolated let session: any ReplSession

  /// How many commands failed so far.
  public private(set) var failures = 0

  let clock: any Clock<Duration>
  let standardOutput: Output
  let errors: Output
  private let parser: Parser
  private let errorPrefix: String
  /// Whether people watch, who want to know what happens by itself.
  private let tellsNews: Bool
  private var isTiming = false
  private var bails = false
  private var depth = 0

  var results: Output
  var mode: RenderingMode
  /// Whether commands themselves come from the standard input, which then holds no entries.
  var readsInput = false

  /// An interpreter that prints results to one place and errors to another.
  public init(
    session: any ReplSession,
    output: Output,
    errors: Output,
    clock: any Clock<Duration>,
    mode: RenderingMode = .table,
    errorPrefix: String = "error: ",
    tellsNews: Bool = false
  ) {
    self.session = session
    self.clock = clock
    self.errors = errors
    self.mode = mode
    self.errorPrefix = errorPrefix
    self.tellsNews = tellsNews
    standardOutput = output
    results = output
    parser = Parser(stage: session.stage)
  }

  /// Runs a line.
  ///
  /// It is understood as a whole before any of it is done.
  ///
  /// - Parameters:
  ///   - line: the commands.
  ///   - place: where the line stands, for messages: "notes.corfu:12".
  /// - Returns: how it ended; what failed was reported.
  public func run(_ line: [UInt8], at place: String? = nil) async -> Outcome {
    let commands: [Command]
    do {
      commands = try parser.parse(line)
    } catch {
      // A line that cannot be cut into commands is not one of several.
      let count = (try? Lexer.statements(line).count) ?? 1
      return report(count > 1 ? .lineDropped(error) : .syntax(error), at: place)
    }
    var outcome = Outcome.done
    for command in commands {
      guard goesOn(after: await run(command, at: place), &outcome) else { return outcome }
    }
    return outcome
  }

  /// Whether what follows is run too; takes the outcome of a step into that of the whole.
  private func goesOn(after step: Outcome, _ whole: inout Outcome) -> Bool {
    if step != .done { whole = step }
    switch step {
    case .done: return true
    case .leave: return false
    case .failed: return !bails && !Task.isCancelled
    }
  }

  /// Runs one command and reports what went wrong.
  public func run(_ command: Command, at place: String? = nil) async -> Outcome {
    switch command {
    case .quit: return .leave
    case .script(let name): return await run(script: .file(name), at: place)
    default: break
    }
    do {
      let stopwatch = isTiming ? Stopwatch.started(on: clock) : nil
      if let work = command.silentWork {
        try await Silence.broken(by: work, "stops it", on: errors, clock: clock) {
          () throws(ReplError) in try await executeTraced(command)
        }
      } else {
        try await executeTraced(command)
      }
      try results.flush()
      if let stopwatch {
        let note = session.isSimulated ? " by the clock on the wall, not the simulated one" : ""
        let text = "time: " + Numbers.time(stopwatch.elapsed()) + note
        try errors.line(Style.dim(text, on: errors))
        try errors.flush()
      }
      return .done
    } catch {
      return report(error, at: place)
    }
  }

  /// Runs the lines of a script.
  public func run(script: Script, at place: String? = nil) async -> Outcome {
    guard depth < 16 else {
      return report(.refused("scripts call each other more than 16 deep"), at: place)
    }
    depth += 1
    defer { depth -= 1 }
    do throws(ReplError) {
      let reader =
        switch script {
        case .text(let text): LineReader(text: Array(text.utf8), name: "")
        case .file(let name): try LineReader(file: name)
        case .input: LineReader(inputWith: LineReader.lineBytesMaxDefault)
        }
      if script == .input { readsInput = true }
      var outcome = Outcome.done
      while let line = try reader.next() {
        if Task.isCancelled { throw .cancelled }
        let here = reader.name.isEmpty ? nil : "\(reader.name):\(reader.lines)"
        guard goesOn(after: await run(line, at: here), &outcome) else { return outcome }
      }
      return outcome
    } catch {
      return report(error, at: place)
    }
  }

  /// Does what a command says.
  func execute(_ command: Command) async throws(ReplError) {
    switch command {
    case .append(let payload): try await append(payload)
    case .appendLines(let source, let reports): try await appendLines(of: source, reports)
    case .read(let term): try await read(term)
    case .scan(let range, let count, let order):
      try await scan(range, count: count, order: order)
    case .follow(let following): try await follow(following)
    case .tail: try await tail()
    case .stats:
      try print(.facts(try await session.stats(), and: try await session.details()))
    case .cluster(let command):
      switch try await session.perform(command) {
      case .entries(let items): try print(items)
      case let answer: try print(.answer(answer))
      }
    case .verify: try await verify()
    case .crash:
      let advice = "; 'reopen' turns it on and recovers the log"
      try print(.sentence("the power is off", try await session.crash(), then: advice))
    case .reopen: try print(.sentence("reopened", try await session.reopen()))
    case .race(let clients, let appends):
      try print(.race(try await session.race(clients: clients, appends: appends)))
      if Task.isCancelled { throw .cancelled }
    case .fill(let term): try await fill(term)
    case .trim(let term): try await trim(term)
    case .trimRange(let range): try await trim(range)
    case .trimPrefix(let term): try await trimPrefix(before: term)
    case .help(let name):
      let stage = session.stage
      try print(name.map { Help.about($0, stage: stage) } ?? Help.overview(stage: stage))
    case .mode(let mode):
      if let mode { self.mode = mode } else { try printMode() }
    case .timing(let isOn): isTiming = isOn
    case .bail(let isOn): bails = isOn
    case .output(let name): try switchOutput(to: name)
    case .watch(let interval, let times, let command):
      try await watch(command, every: interval, times: times)
    case .script, .quit: break  // Taken care of before: they decide what runs next.
    }
  }

  /// Checks all files, prints what that found, and fails if it found damage.
  private func verify() async throws(ReplError) {
    var progress = Progress(
      on: errors,
      stopwatch: Stopwatch.started(on: clock),
      counting: "files"
    )
    let verified: VerifyReport
    do {
      verified = try await session.verify { done, whole throws(ReplError) in
        try progress.update(part: done, whole: whole, count: done)
      }
      try progress.end()
    } catch {
      try progress.end()
      throw error
    }
    try print(.verify(verified))
    try verified.check()
  }

  /// Does what a command says, and shows which messages that took.
  private func executeTraced(_ command: Command) async throws(ReplError) {
    session.beginTrace()
    do {
      try await execute(command)
    } catch {
      // How it came to fail is what one wants to see.
      try await printNews(after: command)
      try printTrace()
      throw error
    }
    try await printNews(after: command)
    try printTrace()
  }

  private func printNews(after command: Command) async throws(ReplError) {
    let news = await session.news(after: command)
    if tellsNews, mode == .table, !news.isEmpty { try print(.news(news, on: results)) }
  }

  private func printTrace() throws(ReplError) {
    guard let trace = session.takeTrace(), !trace.steps.isEmpty else { return }
    try print(trace.report(on: results))
  }

  func print(_ report: Report) throws(ReplError) {
    try report.print(to: results, mode: mode)
    if report.isShortened, mode == .table { try noteShortening() }
  }

  /// Reports an error where errors go, and counts it.
  func report(_ error: ReplError, at place: String?) -> Outcome {
    if error == .outputClosed { return .leave }
    // Nothing went wrong, but what stands behind it is not run.
    if error == .ended { return .failed }
    failures += 1
    do {
      // Results come before the error that ended them.
      try results.flush()
      try errors.line(text(of: error, at: place))
      try errors.flush()
    } catch {
      return .leave
    }
    return .failed
  }

  private func text(of error: ReplError, at place: String?) -> String {
    var words = error.description
    // Of several disks it matters which, and what helps it.
    if error.mayComeOfDoubt { words = ([words] + session.doubts).joined(separator: "; ") }
    if mode == .json {
      var members: [JSON.Member] = [.init("error", .string(words))]
      if let place { members.append(.init("at", .string(place))) }
      return JSON.object(members).text
    }
    switch error {
    case .cancelled, .stopped(.cancelled, _, _): return error.description
    default: break
    }
    let prefix = Style.red(errorPrefix, on: errors)
    return prefix + (place.map { $0 + ": " } ?? "") + words
  }
}
