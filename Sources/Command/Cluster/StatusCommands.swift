import ArgumentParser
import CorfuRepl

/// `corfu cluster status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show how a cluster and its nodes are.",
    discussion: """
      The first line is the verdict: 'all is well', or 'degraded' or 'down' and why. The exit \
      status is 0 if all is well, and 1 if it is not, or if no node can be reached. With --watch \
      it goes on until Ctrl-C, whatever becomes of the nodes, and the exit status is 0.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Flag(help: "Show it again every second, until Ctrl-C.")
  var watch = false

  @Flag(help: "Print a JSON document.")
  var json = false

  func run() async throws {
    let (isWatch, mode) = (watch, json ? RenderingMode.json : .table)
    let output = Output.standardOutput()
    let isWell: Bool
    do {
      isWell = try await options.withSession { session -> Bool in
        let screen = StatusScreen(of: session, on: output, mode: mode)
        if !isWatch { return try await screen.show() }
        try await screen.watch(every: .seconds(1), clock: ContinuousClock())
        return true
      }
    } catch let code as ExitCode where isWatch && code.rawValue == Shell.interrupted {
      // That is how a watch ends.
      return
    }
    if !isWell { throw ExitCode(1) }
  }
}

/// `corfu cluster layout`.
struct LayoutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layout",
    abstract: "Show which units hold which positions."
  )

  @OptionGroup var options: OperatorOptions

  @Flag(help: "Print a JSON document.")
  var json = false

  func run() async throws {
    let (addresses, security) = (try options.addresses(), try options.security())
    try await Shell.run(.cluster(.layout), mode: json ? .json : .table) { () throws(ReplError) in
      try await openConnected(to: addresses, security: security, patience: lookPatience)
    }
  }
}

/// `corfu cluster history`.
struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show which layouts were in force, and what each changed.",
    discussion: """
      The newest is the last. Nodes remember some hundred layouts; where the oldest are forgotten \
      the first line says from which epoch on they are known. Which nodes told nothing is said next.
      """
  )

  @OptionGroup var options: OperatorOptions

  @Option(help: "How many to show, the newest ones (default: all).")
  var last: Int?

  @Flag(help: "Print a JSON document.")
  var json = false

  func validate() throws {
    if let last, last < 1 { throw ValidationError("--last takes 1 or more") }
  }

  func run() async throws {
    let (last, mode) = (last, json ? RenderingMode.json : .table)
    let output = Output.standardOutput()
    try await options.withSession { session -> Void in
      let answer = try await session.perform(.healing(.history)).keeping(last: last)
      try answer.print(to: output, mode: mode)
      try output.flush()
    }
  }
}

extension OperatorOptions {
  /// Does something with a session on the cluster, which Ctrl-C ends.
  ///
  /// - Throws: What it throws; `ExitCode`, if it was interrupted.
  fileprivate func withSession<Value: Sendable>(
    _ body: @escaping @Sendable (any ReplSession) async throws -> Value
  ) async throws -> Value {
    let (addresses, security) = (try addresses(), try security())
    let (errors, clock) = (Output.standardError(), ContinuousClock())
    let session = try await Silence.broken(
      by: "opening the log",
      "stops it",
      on: errors,
      clock: clock
    ) { () throws(ReplError) in
      try await openConnected(to: addresses, security: security, patience: lookPatience)
    }
    let result: Result<Value, any Error>
    do {
      result = .success(try await untilInterrupted { try await body(session) })
    } catch {
      result = .failure(error)
    }
    try await Shell.leave(session, errors, clock)
    return try result.get()
  }
}
