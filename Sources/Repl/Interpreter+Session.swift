extension Interpreter {
  func printMode() throws(ReplError) {
    let name = mode.rawValue
    try print(Report(lines: ["results are shown as \(name)"], json: ["mode": .string(name)]))
  }

  func switchOutput(to name: String?) throws(ReplError) {
    let next = try name.map { name throws(ReplError) in try Output.file(name) }
    try results.flush()
    results = next ?? standardOutput
  }

  /// Repeats a command until it fails, enough is enough, or the task is cancelled.
  func watch(_ command: Command, every interval: Duration, times: Int?) async throws(ReplError) {
    var done = 0
    while true {
      if results.isTerminal, mode == .table { try results.write("\u{1b}[H\u{1b}[2J".utf8) }
      try await execute(command)
      try results.flush()
      done += 1
      if done == times { return }
      try await sleep(interval)
    }
  }

  /// Waits.
  ///
  /// Throws ``ReplError/cancelled`` when the task is.
  func sleep(_ duration: Duration) async throws(ReplError) {
    do {
      try await clock.sleep(for: duration)
    } catch {
      throw .cancelled
    }
  }
}
