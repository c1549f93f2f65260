public import CorfuGlobalLog
public import CorfuStages

/// The log of chapter 1 or 2 in a folder, as the prompt drives it.
public final class FileSession<Stage: SingleStore>: ReplSession
where Stage.Storage == FileDevice {
  /// The folder.
  public let folder: String

  private struct Opened: Sendable {
    let stage: Stage
    let client: Stage.Client
    let sleeper: Sleeper
    let thread: ThreadExecutor
    /// The store at work.
    ///
    /// It lives as long as the log is open, which no scope does.
    let work: Task<Void, Never>
    /// Reads everything again and again, slowly.
    let scrub: Task<Void, Never>
    let notes: RecoveryNotes
    /// What the clients of finished races did.
    var appends = 0
    var retries = 0
  }

  private let clock: any Clock<Duration>
  private let opened: Guarded<Opened>

  /// Opens the log in a folder, or makes one there.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - clock: What the background scrub is paced by.
  /// - Throws: ``ReplError/refused(_:)``, saying why the log cannot be opened.
  public init(folder: String, clock: any Clock<Duration>) async throws(ReplError) {
    self.folder = folder
    self.clock = clock
    opened = Guarded(try await Self.open(folder, clock))
  }

  private static func open(
    _ folder: String,
    _ clock: any Clock<Duration>
  ) async throws(ReplError) -> Opened {
    let device = FileDevice(path: folder)
    let notes = RecoveryNotes()
    do {
      var random = SystemRandomNumberGenerator()
      let stage = try await Stage.open(device, limits: StoreLimits(), using: &random) { event in
        notes.note(event)
      }
      let thread = try makeThread()
      return Opened(
        stage: stage,
        client: stage.client(using: &random),
        sleeper: Sleeper(ClientID(using: &random)),
        thread: thread,
        work: Task { await stage.run(on: thread) },
        scrub: Task {
          await stage.store.reader.keepScrubbing(ScrubLimits(), clock: clock) { notes.note($0) }
        },
        notes: notes
      )
    } catch {
      throw ReplError(error, folder: folder, creates: true)
    }
  }

  private static func makeThread() throws(StoreOpenError) -> ThreadExecutor {
    do {
      return try ThreadExecutor()
    } catch {
      throw .device(error)
    }
  }

  /// The chapter whose log it is.
  public var stage: Int { Stage.number }
  /// The folder's name.
  public var place: String { "the folder \(folder)" }
  /// Real files.
  public var isSimulated: Bool { false }
  /// This session's client.
  public var log: any SharedLog { opened.value.client }

  /// Whether damage may have taken records without a trace.
  public var isEndInDoubt: Bool { opened.value.stage.store.reader.isInDoubt }

  /// Every position before it is trimmed.
  public func trimMark() async throws(ReplError) -> Position {
    opened.value.stage.store.reader.trimMark
  }

  /// The store's numbers, and the clients'.
  public func stats() async throws(ReplError) -> [Fact] {
    let now = opened.value
    return now.stage.facts(client: now.client, appends: now.appends, retries: now.retries)
      + now.notes.rotFacts
  }

  /// Takes tokens, and uses them late.
  public func perform(_ command: ClusterCommand) async throws(ReplError) -> ClusterAnswer {
    let now = opened.value
    return try await now.stage.perform(command, by: now.sleeper)
  }

  /// Reads every byte of the folder.
  public func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport {
    try VerifyReport(of: FileDevice(path: folder), onFile: onFile)
  }

  /// Refused: the power of a real disk stays on.
  public func crash() async throws(ReplError) -> [Fact] {
    throw .refused(
      "this log is on a real disk; 'corfu repl --memory' has one whose power can be cut"
    )
  }

  /// Closes the log and opens it again.
  public func reopen() async throws(ReplError) -> [Fact] {
    // Why it ended was told when it did; opening tells what the disk is good for now.
    _ = await end()
    let next = try await Self.open(folder, clock)
    opened.update { $0 = next }
    return next.notes.facts(tail: next.stage.store.tail())
  }

  /// Lets clients race for the end of the log.
  public func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer] {
    var random = SystemRandomNumberGenerator()
    let stage = opened.value.stage
    let racers = (0..<clients).map { _ in stage.client(using: &random) }
    do {
      try await RaceOfClients.run(racers, appends: appends)
    } catch {
      throw .log(error)
    }
    let results = stage.racers(racers)
    opened.update { opened in
      opened.appends += results.reduce(0) { $0 + $1.appends }
      opened.retries += results.reduce(0) { $0 + $1.retries }
    }
    return results
  }

  /// Closes the log, and tells if its disk failed: whoever goes on must know, though what was
  /// acknowledged is durable all the same (D1).
  public func close() async throws(ReplError) {
    if let error = await end() { throw .log(error) }
  }

  /// Ends the log's work, one way or the other.
  private func end() async -> LogError? {
    let opened = opened.value
    var failure: LogError?
    do {
      try await opened.stage.close()
    } catch {
      failure = error
      opened.work.cancel()
    }
    opened.scrub.cancel()
    await opened.scrub.value
    await opened.work.value
    opened.thread.stop()
    return failure
  }
}
