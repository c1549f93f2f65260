public import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
public import CorfuSequencer
internal import Synchronization

/// Objects over a shared log: what a program opens to keep its state in the log.
///
/// Every object is a stream of updates; each process that has it open plays them in the order of
/// the log, and so all have the same. The log is all there is: nobody else is told anything.
/// (SOSP 2013, "Tango"; rules R31–R38.)
///
/// ```swift
/// let runtime = Runtime(over: client)
/// let stock = try await runtime.object("stock", of: MapState<Int>.self)
/// try await runtime.transaction { tx in
///   if try tx.read(stock, keys: ["apples"], { $0["apples"] }) == 1 {
///     try tx.update(stock, .put("pears", 7))
///   }
/// }
/// ```
public final class Runtime<Log: StreamingLog>: Sendable {
  /// The log below.
  public let log: Log
  let limits: RuntimeLimits
  /// Whoever plays: the objects advance together.
  let playing = Turn()
  let rounds = SharedRound<Result<Snapshot, ObjectError>>()
  private let state: Mutex<State>

  struct State: Sendable {
    var objects: [StreamID: any PlayedObject] = [:]
    /// Everything before it is in the objects.
    var seen = Snapshot(epoch: .zero, position: .zero)
    var pins = PinnedMoments()
    /// Behind the last entry of its own: who begins before it may meet what the program wrote
    /// itself.
    var ownEnd = Position.zero
    /// How often transactions are off lately.
    var aborts = AbortShare()
    /// Of which moment the newest checkpoint is that was written here.
    var marks: [StreamID: Position] = [:]
    var counters = RuntimeCounters()
    /// Just before it something was given up, as far as was heard (R24).
    var lossEnd = Position.zero
    /// Of which reign's cuts, and all before, it has heard.
    var heard = Epoch.zero
    /// How often it was heard that the log was cut.
    var cuts = 0
    /// Where it went on after the last of these.
    var lastCut = Position.zero
    /// How often names were lost with that.
    var namesLost = 0
  }

  /// A runtime that has nothing open.
  ///
  /// - Parameters:
  ///   - log: The log to keep everything in.
  ///   - limits: What to do at once, and how patiently.
  public init(over log: Log, limits: RuntimeLimits = RuntimeLimits()) {
    self.log = log
    self.limits = limits
    state = Mutex(State())
  }

  /// What it did so far.
  public var counters: RuntimeCounters { access { $0.counters } }

  /// What its objects hold: everything before the position.
  public var seen: Snapshot { access { $0.seen } }

  func access<Answer: Sendable>(_ body: (inout State) throws(ObjectError) -> Answer)
    throws(ObjectError) -> Answer
  {
    try state.withLock { (state) throws(ObjectError) in try body(&state) }
  }

  func access<Answer: Sendable>(_ body: (inout State) -> Answer) -> Answer {
    state.withLock { body(&$0) }
  }

  // MARK: - Playing

  /// Plays all open objects up to the end of the log, as it is now: whatever was acknowledged
  /// before the call is in them afterwards (R32).
  ///
  /// Whoever calls at the same time shares the work.
  ///
  /// - Returns: The moment that they have come to, or a later one.
  @discardableResult
  public func sync() async throws(ObjectError) -> Snapshot {
    let result = await rounds.join { () async -> Result<Snapshot, ObjectError>? in
      do throws(ObjectError) {
        return .success(try await self.play())
      } catch {
        return Task.isCancelled ? nil : .failure(error)
      }
    }
    guard let result else { throw .log(.closed) }
    return try result.get()
  }

  /// How often it was heard so far that the log was cut.
  var cutsHeard: Int { access { $0.cuts } }

  /// Plays at least through a position that is known to be complete.
  ///
  /// - Parameters:
  ///   - position: The position.
  ///   - cuts: How many cuts had been heard of before anything was written there.
  /// - Throws: `LogError.lost`, in an ``ObjectError``, if the log was cut since.
  func play(through position: Position, heard cuts: Int) async throws(ObjectError) {
    while seen.position <= position {
      try await sync()
      if cutsHeard > cuts { throw .log(.lost(position)) }
    }
  }

  private func play() async throws(ObjectError) -> Snapshot {
    await playing.take()
    defer { playing.end() }
    try await playToEnd(besides: nil)
    return seen
  }

  /// Asks the log.
  func ask<Answer>(
    _ body: (Log) async throws(LogError) -> Answer
  ) async throws(ObjectError) -> Answer {
    do {
      return try await body(log)
    } catch {
      throw .log(error)
    }
  }
}

/// What a runtime did.
public struct RuntimeCounters: Equatable, Sendable {
  /// Entries that were met while playing, others' too where the log is read as it stands.
  public var entriesPlayed = 0
  /// The most positions that were held at once of what was still to be played.
  public var positionsHeldMax = 0
  /// Transactions that were committed, or had read only.
  public var committed = 0
  /// Transactions that were off, each try by itself.
  public var aborted = 0
  /// Checkpoints that were begun.
  public var checkpoints = 0
  /// Objects that fell behind a trim, and began anew from their newest checkpoint.
  public var restarts = 0
  /// Rounds of ``Runtime/run(_:)`` that came to nothing, because the log could not do it.
  public var failedUpkeep = 0

  /// Nothing yet.
  public init() {}
}
