internal import CPlatform
internal import Synchronization

/// A thread that runs tasks: a store's syncs may block it without holding up anyone else.
///
/// Give it to `addTask(executorPreference:)`. The thread lives until ``stop()``.
public final class ThreadExecutor: TaskExecutor {
  private struct Queue: Sendable {
    var jobs: [UnownedJob] = []
    var isStopped = false
  }

  /// The gate's address.
  ///
  /// The gate does its own locking.
  private struct Gate: @unchecked Sendable {
    // Sound: the pointer never changes, and what it points to is
    // used through its locking calls only.
    let pointer: OpaquePointer
  }

  private let queue = Mutex(Queue())
  private let gate = Gate(pointer: corfu_gate_create())

  /// Starts the thread.
  ///
  /// Throws ``DeviceError/failed(_:)`` if the system gives none.
  public init() throws(DeviceError) {
    let context = Unmanaged.passRetained(self)
    let status = corfu_thread_start(
      { context in
        guard let context else { return }
        Unmanaged<ThreadExecutor>.fromOpaque(context).takeRetainedValue().run()
      },
      context.toOpaque()
    )
    if status != 0 {
      context.release()
      throw .failed("cannot start a thread: error \(status)")
    }
  }

  deinit { corfu_gate_destroy(gate.pointer) }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let wasEmpty = queue.withLock { queue in
      queue.jobs.append(job)
      return queue.jobs.count == 1
    }
    if wasEmpty { corfu_gate_open(gate.pointer) }
  }

  /// Ends the thread once nothing is left to run.
  ///
  /// Jobs that come later are lost.
  public func stop() {
    queue.withLock { $0.isStopped = true }
    corfu_gate_open(gate.pointer)
  }

  private func run() {
    // Two arrays that change places: one is filled while the other is worked off.
    var jobs: [UnownedJob] = []
    while true {
      jobs.removeAll(keepingCapacity: true)
      let isStopped = queue.withLock { queue in
        swap(&queue.jobs, &jobs)
        return queue.isStopped
      }
      if jobs.isEmpty {
        if isStopped { return }
        corfu_gate_wait(gate.pointer)
      }
      for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
  }
}
