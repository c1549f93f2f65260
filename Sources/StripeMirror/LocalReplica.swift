public import CorfuGlobalLog
internal import Synchronization

/// A storage unit in this process, with a store of its own: the replicas of chapters 3 and 4.
///
/// It can be killed, as a process can. From then on nobody gets an answer, not even those who asked
/// before.
public final class LocalReplica<Storage: Device>: Replica {
  public let name: UnitName
  /// What it keeps its positions in.
  public let store: GroupCommit<Storage>

  private struct State: Sendable {
    var epoch: Epoch
    var isAlive = true
    var isRunning = false
    /// Whoever runs the unit, and is to hear that it was killed.
    var runner: UnsafeContinuation<Void, Never>?
    /// Those who wait until nothing runs any more.
    var mourners: [UnsafeContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  /// A unit over an open store.
  ///
  /// - Parameters:
  ///   - name: Its name in the layouts.
  ///   - store: An open store; ``run(on:)`` does its work.
  ///   - epoch: The epoch to note in the records.
  public init(name: UnitName, store: GroupCommit<Storage>, epoch: Epoch) {
    self.name = name
    self.store = store
    state = Mutex(State(epoch: epoch))
  }

  /// Whether it answers.
  public var isAlive: Bool { state.withLock { $0.isAlive } }

  /// Notes another epoch in the records from now on.
  public func enter(_ epoch: Epoch) {
    state.withLock { $0.epoch = max($0.epoch, epoch) }
  }

  // MARK: - Life

  /// Does the unit's work until it is closed or killed, or its disk fails.
  ///
  /// - Parameter thread: A thread that syncs may block; `nil` to stay on the caller's executor.
  public func run(on thread: ThreadExecutor? = nil) async {
    state.withLock { $0.isRunning = true }
    await withTaskExecutorPreference(thread) {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await self.store.run() }
        group.addTask { await self.waitForDeath() }
        await group.next()
        group.cancelAll()
      }
    }
    let mourners = state.withLock { state in
      state.isAlive = false
      state.isRunning = false
      defer { state.mourners = [] }
      return state.mourners
    }
    for mourner in mourners { mourner.resume() }
  }

  /// Ends it as `kill -9` does, and returns when nothing of it runs any more.
  public func kill() async {
    await withUnsafeContinuation { continuation in
      let (runner, isOver) = state.withLock { state in
        state.isAlive = false
        if state.isRunning { state.mourners.append(continuation) }
        return (state.runner.take(), !state.isRunning)
      }
      runner?.resume()
      if isOver { continuation.resume() }
    }
  }

  /// Finishes what was asked for, closes the store and ends ``run(on:)``.
  public func close() async throws(LogError) {
    try await store.close()
  }

  private func waitForDeath() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isOver = state.withLock { state in
          if !state.isAlive || Task.isCancelled { return true }
          state.runner = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.runner.take() }?.resume()
    }
  }

  // MARK: - Requests

  public func write(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    try await answered { (epoch) throws(LogError) in
      try await store.write(values, epoch: epoch)
    }
  }

  public func repair(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    try await answered { (epoch) throws(LogError) in
      try await store.repair(values, epoch: epoch)
    }
  }

  public func read(
    _ positions: [Position]
  ) async throws(ReplicaError) -> [Result<Slot, LogError>] {
    try await answered { (_) throws(LogError) in
      try store.reader.read(each: positions)
    }
  }

  public func trim(_ positions: [Position]) async throws(ReplicaError) {
    // One record names many.
    let ranges = positions.map { $0..<$0.advanced(by: 1) }
    try await answered { (_) throws(LogError) in try await store.trim(ranges) }
  }

  public func trimPrefix(before mark: Position) async throws(ReplicaError) {
    try await answered { (_) throws(LogError) in try await store.trimPrefix(before: mark) }
  }

  /// Asks the store, and passes on what it says if the unit is still alive to say it.
  private func answered<Answer: Sendable>(
    _ ask: (Epoch) async throws(LogError) -> Answer
  ) async throws(ReplicaError) -> Answer {
    let (epoch, isAlive) = state.withLock { ($0.epoch, $0.isAlive) }
    guard isAlive else { throw .unreachable(name) }
    let result: Result<Answer, LogError>
    do {
      result = .success(try await ask(epoch))
    } catch {
      result = .failure(error)
    }
    // It may have been done all the same: the dead do not tell.
    guard self.isAlive else { throw .timedOut(name) }
    switch result {
    case .success(let answer): return answer
    case .failure(let error): throw .log(name, error)
    }
  }
}
