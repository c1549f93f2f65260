/// Carries the jobs of pinned actors into the world, marked as theirs.
///
/// A world is no `SerialExecutor` itself: both protocols enqueue by one method, and a job must run
/// on the kind of executor it was meant for.
final class PinnedExecutor: SerialExecutor {
  private unowned let world: World

  init(_ world: World) {
    self.world = world
  }

  func enqueue(_ job: consuming ExecutorJob) {
    world.enqueue(UnownedJob(job), isPinned: true)
  }

  func checkIsolated() {
    world.checkRunning()
  }
}
