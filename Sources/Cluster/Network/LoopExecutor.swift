internal import NIOCore

/// Runs tasks on an event loop: what talks to a connection there needs no other thread, and nobody
/// has to be woken.
///
/// Nothing that blocks may run on it.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) {
    self.loop = loop
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
