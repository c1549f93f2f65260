public import CorfuGlobalLog
internal import CorfuStages

/// Chapter 1's log in a folder, as the prompt drives it.
public final class FileSession<Race: AppendRace>: ReplSession {
  /// The folder.
  public let folder: String

  private struct Opened: Sendable {
    let stage: Stage1<FileDevice, Race>
    let client: RacingLog<FileDevice, Race>
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

  /// How much the scrub reads in a second.
  private static var scrubBytesPerSecond: Int { 8 << 20 }

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
      let stage = try await Stage1<FileDevice, Race>.open(device, using: &random) { event in
        notes.note(event)
      }
      let thread = try makeThread()
      return Opened(
        stage: stage,
        client: stage.client(using: &random),
        thread: thread,
        work: Task { await stage.run(on: thread) },
        scrub: Task {
          await stage.scrub(
            bytesPerSecond: scrubBytesPerSecond,
            pause: .seconds(600),
            clock: clock
          ) { notes.note($0) }
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

  /// Stage 1.
  public var stage: Int { 1 }
  /// The folder's name.
  public var place: String { "the folder \(folder)" }
  /// Real files.
  public var isSimulated: Bool { false }
  /// This session's client.
  public var log: any SharedLog { opened.value.client }

  /// Every position before it is trimmed.
  public func trimMark() async throws(ReplError) -> Position {
    opened.value.stage.store.reader.trimMark
  }

  /// The store's numbers, and the clients'.
  public func stats() async throws(ReplError) -> [Fact] {
    let now = opened.value
    let counters = now.client.counters
    return Fact.facts(of: now.stage.store.reader)
      + Fact.facts(
        of: now.stage.store.counters,
        appends: now.appends + counters.appends,
        retries: now.retries + counters.lostRaces
      ) + now.notes.rotFacts
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
    opened.update { opened in
      opened.appends += racers.reduce(0) { $0 + $1.counters.appends }
      opened.retries += racers.reduce(0) { $0 + $1.counters.lostRaces }
    }
    return RaceOfClients.results(racers)
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
