/// Shows how a cluster of processes is: once, or again and again.
public struct StatusScreen: Sendable {
  private let session: any ReplSession
  private let output: Output
  private let mode: RenderingMode

  /// A screen.
  ///
  /// - Parameters:
  ///   - session: A session on the cluster.
  ///   - output: Where it is shown.
  ///   - mode: In which form.
  public init(of session: any ReplSession, on output: Output, mode: RenderingMode) {
    self.session = session
    self.output = output
    self.mode = mode
  }

  /// Shows it once.
  ///
  /// - Returns: Whether all is well.
  /// - Throws: ``ReplError``, if it cannot be written, or the task is cancelled.
  public func show() async throws(ReplError) -> Bool {
    let (answer, isWell) = try await look()
    try answer.print(to: output, mode: mode)
    try output.flush()
    return isWell
  }

  /// Shows it again and again, whatever becomes of the nodes.
  ///
  /// - Parameters:
  ///   - interval: How long each stands there.
  ///   - clock: What that is measured by.
  /// - Throws: ``ReplError/cancelled`` when the task is; ``ReplError``, if it cannot be written.
  public func watch(
    every interval: Duration,
    clock: any Clock<Duration>
  ) async throws(ReplError) {
    let pages = Pages(on: output, mode: mode)
    while true {
      let answer = try await look().answer
      try pages.show { (page) throws(ReplError) in try answer.print(to: page, mode: mode) }
      do {
        try await clock.sleep(for: interval)
      } catch {
        throw .cancelled
      }
    }
  }

  /// How it is; where nobody answers, that is how it is.
  private func look() async throws(ReplError) -> (answer: ClusterAnswer, isWell: Bool) {
    let answer: ClusterAnswer
    do throws(ReplError) {
      answer = try await session.perform(.healing(.status))
    } catch {
      if Task.isCancelled { throw .cancelled }
      let verdict = HealthVerdict(down: "\(error)")
      answer = .verdict(verdict, [verdict.headline], FactTable(of: "node", []))
    }
    if Task.isCancelled { throw .cancelled }
    guard case .verdict(let verdict, _, _) = answer else { return (answer, true) }
    return (answer, verdict.state == .well)
  }
}
