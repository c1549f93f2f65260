internal import CorfuGlobalLog
internal import CorfuProtocol
internal import Synchronization

/// Appends that wait to go out together.
///
/// What is asked while a batch is on its way goes with the next one: a lone append never waits for
/// company, a thousand share a token and one write per unit.
final class AppendQueue: Sendable {
  /// An append, and who waits for it.
  struct Waiting: Sendable {
    fileprivate let number: UInt64
    let order: AppendOrder
    let continuation: UnsafeContinuation<Result<Position, CommitError>, Never>
  }

  private struct State: Sendable {
    var waiting: [Waiting] = []
    var lastNumber: UInt64 = 0
    var inFlight = 0
    var isServed = false
    var server: UnsafeContinuation<Void, Never>?

    /// Whether a batch may go out.
    func isReady(_ inFlightMax: Int) -> Bool { !waiting.isEmpty && inFlight < inFlightMax }
  }

  private let state = Mutex(State())
  private let inFlightMax: Int
  private let entriesMax: Int

  init(inFlightMax: Int, entriesMax: Int) {
    self.inFlightMax = inFlightMax
    self.entriesMax = entriesMax
  }

  /// Waits with others for the next batch; `nil` if nobody sends batches.
  ///
  /// Whoever is cancelled leaves, unless its batch is on its way: then it is told what came of it.
  func append(_ order: AppendOrder) async -> Result<Position, CommitError>? {
    let number: UInt64? = state.withLock { state in
      guard state.isServed else { return nil }
      state.lastNumber += 1
      return state.lastNumber
    }
    guard let number else { return nil }
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        add(Waiting(number: number, order: order, continuation: continuation))
      }
    } onCancel: {
      leave(number)
    }
  }

  private func add(_ waiting: Waiting) {
    let (isServed, server) = state.withLock { state in
      guard state.isServed else { return (false, UnsafeContinuation<Void, Never>?.none) }
      state.waiting.append(waiting)
      return (true, state.isReady(inFlightMax) ? state.server.take() : nil)
    }
    if !isServed { waiting.continuation.resume(returning: .failure(.log(.closed))) }
    server?.resume()
    // It may have been cancelled before it waited.
    if Task.isCancelled { leave(waiting.number) }
  }

  private func leave(_ number: UInt64) {
    let leaver = state.withLock { state -> Waiting? in
      guard let index = state.waiting.firstIndex(where: { $0.number == number }) else { return nil }
      return state.waiting.remove(at: index)
    }
    leaver?.continuation.resume(returning: .failure(.log(.unavailable("the task was cancelled"))))
  }

  /// Begins to be served.
  func open() {
    state.withLock { $0.isServed = true }
  }

  /// Takes what waits, once a batch may go out; `nil` if the task was cancelled.
  func nextBatch() async -> [Waiting]? {
    while !Task.isCancelled {
      let batch = state.withLock { state in
        guard state.isReady(inFlightMax) else { return [Waiting]() }
        state.inFlight += 1
        if state.waiting.count <= entriesMax {
          defer { state.waiting = [] }
          return state.waiting
        }
        defer { state.waiting.removeFirst(entriesMax) }
        return Array(state.waiting.prefix(entriesMax))
      }
      if !batch.isEmpty { return batch }
      await waitUntilReady()
    }
    return nil
  }

  private func waitUntilReady() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isReady = state.withLock { state in
          if state.isReady(inFlightMax) || Task.isCancelled { return true }
          state.server = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.server.take() }?.resume()
    }
  }

  /// A batch has its results.
  func finish(_ batch: [Waiting], _ results: [Result<Position, CommitError>]) {
    let server = state.withLock { state in
      state.inFlight -= 1
      return state.isReady(inFlightMax) ? state.server.take() : nil
    }
    server?.resume()
    for (waiting, result) in zip(batch, results) { waiting.continuation.resume(returning: result) }
  }

  /// Nobody sends batches any more: who still waits is told that nothing was done.
  func close() {
    let waiting = state.withLock { state in
      state.isServed = false
      defer { state.waiting = [] }
      return state.waiting
    }
    for one in waiting { one.continuation.resume(returning: .failure(.log(.closed))) }
  }
}

extension Client {
  /// Does what is done for several at once, until its task is cancelled: sends appends of many
  /// callers together, and reads ahead for subscriptions.
  ///
  /// Without it each append goes out by itself, and each subscription reads when it has to.
  public func run() async {
    guard let executor = network.executor else { return await serve() }
    await withTaskExecutorPreference(executor) { await serve() }
  }

  private func serve() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.sendBatches() }
      group.addTask { await self.readAhead() }
    }
  }

  private func sendBatches() async {
    queue.open()
    await withDiscardingTaskGroup { group in
      while let batch = await queue.nextBatch() {
        group.addTask {
          let results: [Result<Position, CommitError>]
          do throws(LogError) {
            results = try await self.results(of: batch.map(\.order))
          } catch {
            results = batch.map { _ in .failure(.log(error)) }
          }
          self.queue.finish(batch, results)
        }
      }
    }
    queue.close()
  }
}
