import Synchronization

/// A simulated world: one thread, virtual time, and chance from one seed.
///
/// A world runs tasks like an executor, because it is one. Ready jobs run in an order that its seed
/// draws; time stands still while anything is ready, and then jumps to the next timer. So a run of
/// a minute takes milliseconds, and the same seed gives the same run, told by its ``fingerprint``.
///
/// ```swift
/// let world = World(seed: 7)
/// try world.run {
///   await withTaskGroup { group in
///     group.addTask { await world.sleep(for: .seconds(1)); world.note("one") }
///     group.addTask { await world.sleep(for: .seconds(2)); world.note("two") }
///   }
/// }
/// ```
///
/// Task groups, `async let`, actors and `AsyncStream` stay in the world. `Task {}`, `Task.detached`
/// and `Task.sleep` leave it, and the run fails.
public final class World: TaskExecutor, @unchecked Sendable {
  // `@unchecked Sendable` holds because a thread touches the `var`s below only while it holds
  // `confinement`: `run` for its whole length, any other access, through `confined`, for its own. A
  // second thread traps, and a release makes the state visible to the next holder. What may be
  // called from any thread, `report` and the head of `enqueue`, touches `let`s only, and those are
  // atomic or locked.

  /// How many steps a run may take unless it is told otherwise.
  public static let stepsMaxDefault = 10_000_000

  /// The seed that draws everything.
  public let seed: UInt64

  private let confinement = Confinement()
  private let escape = Mutex<WorldFailure.Escape?>(nil)
  private let hasEscaped = Atomic<Bool>(false)
  private let hasFailed = Atomic<Bool>(false)

  private var ready = ReadyJobs()
  private var timers = TimerQueue()
  private var nowNanoseconds: Int64 = 0
  private var stepCount = 0
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  private var chance: SeededGenerator
  private var schedule: SeededGenerator
  private var record: EventRecord
  private lazy var pinned = PinnedExecutor(self)

  /// A world that has not begun, whose failures show up to `eventsMax` events.
  public init(seed: UInt64, eventsMax: Int = 30) {
    self.seed = seed
    var generator = SeededGenerator(seed: seed)
    schedule = generator.split()
    chance = generator.split()
    record = EventRecord(countMax: eventsMax)
  }

  // MARK: - What the world tells

  /// The time since the world began.
  public var now: Duration { .nanoseconds(confined { nowNanoseconds }) }

  /// How many jobs ran and timers fired so far.
  public var steps: Int { confined { stepCount } }

  /// A number that stands for all that happened: every timer that fired and every event noted, in
  /// order.
  public var fingerprint: UInt64 { confined { hash } }

  /// The last events noted, the oldest first.
  public var events: [String] { confined { record.lines } }

  /// The world's chance.
  ///
  /// Whoever draws much should take a ``SeededGenerator/split()`` of it.
  public var random: SeededGenerator {
    get { confined { chance } }
    set { confined { chance = newValue } }
  }

  /// Takes an event into the record and the fingerprint.
  public func note(_ event: String) {
    confined {
      for byte in event.utf8 { fold(UInt64(byte)) }
      fold(0xff)
      record.append(event, at: .nanoseconds(nowNanoseconds))
    }
  }

  // MARK: - Time

  /// Sleeps in virtual time; returns early if the task is cancelled.
  public func sleep(for duration: Duration) async {
    _ = await alarm(after: duration)
  }

  /// A timer that was set and may be called off.
  public struct Timer: Sendable {
    fileprivate let order: UInt64
  }

  /// Calls `action` on the world's thread after some virtual time, zero at least.
  @discardableResult
  public func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Timer {
    confined {
      let order = timers.nextOrder()
      set(.call(action), after: delay, order: order)
      return Timer(order: order)
    }
  }

  /// Calls a timer off, unless it has fired.
  public func cancel(_ timer: Timer) {
    confined { _ = timers.remove(timer.order) }
  }

  /// Waits for a time; `false` if the task was cancelled before.
  func alarm(after delay: Duration) async -> Bool {
    checkRunning()
    // The number is taken first, so that the handler knows which timer it is to call off.
    let order = confined { timers.nextOrder() }
    return await withTaskCancellationHandler {
      // Both this check and the handler run on the world's thread: nothing comes in between.
      if Task.isCancelled { return false }
      return await withUnsafeContinuation { continuation in
        confined { set(.wake(continuation), after: delay, order: order) }
      }
    } onCancel: {
      guard isOnOwnThread else { return report(.foreignThread) }
      if case .wake(let continuation) = timers.remove(order) {
        continuation.resume(returning: false)
      }
    }
  }

  /// Traps unless the calling thread runs this world: whoever waited for virtual time here would
  /// hang.
  func checkRunning() {
    precondition(isOnOwnThread, "virtual time passes only inside `World.run`")
  }

  // MARK: - Running

  /// Runs `body` as the world's root task, and drives until nothing is left to do.
  ///
  /// A world may run several bodies, one after the other, until one fails.
  ///
  /// - Parameters:
  ///   - untilQuiet: Whether to go on until nothing is left to do. Otherwise time stops when the
  ///     body has returned, and what else there is to do waits for the next run.
  ///   - stepsMax: How many jobs and timers this run may take; more is a livelock.
  ///   - body: The root task. What it starts in task groups and with `async let` is part of it.
  /// - Returns: What `body` returned.
  /// - Throws: ``WorldFailure`` for a job that escaped, a deadlock, a livelock or an error of
  /// `body`.
  @discardableResult
  public func run<Value: Sendable>(
    untilQuiet: Bool = true,
    stepsMax: Int = World.stepsMaxDefault,
    _ body: @escaping @Sendable () async throws -> Value
  ) throws(WorldFailure) -> Value {
    precondition(!hasFailed.load(ordering: .acquiring), "a world that failed is over: make another")
    confinement.take()
    defer { confinement.release() }
    let outcome = Outcome<Value>()
    let reason = EscapeGuard.watch(self) {
      // The one task that is not structured: the root, kept alive by the loop that follows.
      Task(executorPreference: self) {
        do {
          outcome.set(.success(try await body()))
        } catch {
          outcome.set(.failure(error))
        }
      }
      return drive(until: stepCount + stepsMax, stepsMax: stepsMax) {
        !untilQuiet && outcome.value != nil
      }
    }
    if let reason { throw failure(reason) }
    switch outcome.value {
    case .success(let value): return value
    case .failure(let error): throw failure(.threw(String(describing: error)))
    case nil: throw failure(.deadlock)
    }
  }

  private func drive(
    until stepCountMax: Int,
    stepsMax: Int,
    orUntil isOver: () -> Bool
  ) -> WorldFailure.Reason? {
    let taskExecutor = asUnownedTaskExecutor()
    let serialExecutor = pinned.asUnownedSerialExecutor()
    while true {
      if hasEscaped.load(ordering: .relaxed), let way = escape.withLock({ $0 }) {
        return .escaped(way)
      }
      let alarm = timers.first()
      if alarm == nil && ready.isEmpty || isOver() { return nil }
      guard stepCount < stepCountMax else { return .livelock(stepsMax: stepsMax) }
      stepCount += 1
      // All timers of this moment fire before any job runs, so that what they wake is mixed.
      if let alarm, ready.isEmpty || alarm.time <= nowNanoseconds {
        fire(alarm)
      } else {
        let next = ready.take(using: &schedule)
        if next.isPinned {
          next.job.runSynchronously(isolatedTo: serialExecutor, taskExecutor: taskExecutor)
        } else {
          next.job.runSynchronously(on: taskExecutor)
        }
      }
    }
  }

  private func failure(_ reason: WorldFailure.Reason) -> WorldFailure {
    hasFailed.store(true, ordering: .releasing)
    // Whoever still waits will wait for ever; what is left must not keep the world alive.
    ready = ReadyJobs()
    timers = TimerQueue()
    return WorldFailure(
      reason: reason,
      seed: seed,
      time: .nanoseconds(nowNanoseconds),
      steps: stepCount,
      events: record.lines
    )
  }
}

extension World {
  // MARK: - Jobs

  /// Takes a job that is ready to run.
  public func enqueue(_ job: consuming ExecutorJob) {
    enqueue(UnownedJob(job), isPinned: false)
  }

  /// The executor for an actor that must run on the world's thread whoever calls it.
  ///
  /// An actor is pinned by `nonisolated var unownedExecutor: UnownedSerialExecutor` that returns
  /// this. It must keep the world alive. Pinned actors of a world exclude one another; calls
  /// between them do not suspend, so plain actors give more schedules.
  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    confined { pinned.asUnownedSerialExecutor() }
  }

  func enqueue(_ job: UnownedJob, isPinned: Bool) {
    if isOnOwnThread { return ready.insert(job, isPinned: isPinned) }
    if hasFailed.load(ordering: .acquiring) { return }  // It was reported: nobody runs this job.
    guard confinement.isHeld else {
      preconditionFailure("a task came to a world that does not run: call it inside `World.run`")
    }
    report(.foreignThread)
  }

  /// Makes the run fail; may be called from any thread.
  func report(_ way: WorldFailure.Escape) {
    escape.withLock { $0 = $0 ?? way }
    hasEscaped.store(true, ordering: .releasing)
  }

  // MARK: - Confinement

  private var isOnOwnThread: Bool { confinement.isHeldHere }

  private func confined<Value>(_ body: () -> Value) -> Value {
    if isOnOwnThread { return body() }
    confinement.take()
    defer { confinement.release() }
    return body()
  }

  // MARK: - Timers

  private func set(_ action: TimerQueue.Action, after delay: Duration, order: UInt64) {
    let (time, overflow) = nowNanoseconds.addingReportingOverflow(
      max(0, delay.nanosecondsRoundedUp)
    )
    timers.set(action, for: TimerQueue.Alarm(time: overflow ? .max : time, order: order))
  }

  private func fire(_ alarm: TimerQueue.Alarm) {
    nowNanoseconds = alarm.time
    fold(UInt64(bitPattern: alarm.time))
    fold(alarm.order)
    switch timers.remove(alarm.order) {
    case .wake(let continuation): continuation.resume(returning: true)
    case .call(let action): action()
    case nil: break
    }
  }

  private func fold(_ value: UInt64) {
    hash = (hash ^ value) &* 0x0000_0100_0000_01b3
  }
}
