internal import NIOCore
internal import Synchronization

/// Runs tasks on an event loop: what talks to a connection there needs no other thread, and nobody
/// has to be woken.
///
/// Nothing that blocks may run on it. Jobs that come together are one task of the loop: a batch of
/// replies makes as many of them as callers wait.
final class LoopExecutor: TaskExecutor {
  private struct Queue: Sendable {
    var jobs: [UnownedJob] = []
    /// The memory of jobs that were run, to be used again.
    var room: [UnownedJob] = []
  }

  private let loop: any EventLoop
  private let queue = Mutex(Queue())

  init(_ loop: any EventLoop) {
    self.loop = loop
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isFirst = queue.withLock { queue in
      queue.jobs.append(job)
      return queue.jobs.count == 1
    }
    if isFirst { loop.execute { self.run() } }
  }

  private func run() {
    var jobs: [UnownedJob] = []
    queue.withLock { queue in
      swap(&queue.jobs, &jobs)
      swap(&queue.jobs, &queue.room)
    }
    for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    jobs.removeAll(keepingCapacity: true)
    queue.withLock { swap(&$0.room, &jobs) }
  }
}
