internal import CorfuGlobalLog
import Synchronization

/// A simulated disk with one folder: it outlives the processes that use it.
///
/// ``SimulatedDevice`` is one process's view of it. All state sits behind one lock, which is never
/// waited for: a world has one thread.
final class Disk: Sendable {
  let name: String
  let world: World
  private let state: Mutex<DiskState>

  init(name: String, world: World, state: sending DiskState) {
    self.name = name
    self.world = world
    self.state = Mutex(state)
  }

  func access<Value, Failure: Error>(
    _ body: (inout DiskState) throws(Failure) -> sending Value
  ) throws(Failure) -> sending Value {
    try state.withLock { (state) throws(Failure) in try body(&state) }
  }

  /// Runs one sync: begins it, waits for the disk, and tells how it ended.
  func sync(_ target: DiskState.SyncTarget, of process: Int) async throws(DeviceError) {
    world.checkRunning()
    let result = await withUnsafeContinuation { continuation in
      start(target, of: process, continuation)
    }
    try result.get()
  }

  private func start(
    _ target: DiskState.SyncTarget,
    of process: Int,
    _ continuation: DiskState.SyncContinuation
  ) {
    let now = world.now
    let started = access { state in state.beginSync(target, process, now, continuation) }
    switch started {
    case .failure(let error):
      continuation.resume(returning: .failure(error))
    case .success(let sync):
      let timer = world.schedule(after: sync.delay) { [self] in
        access { state in state.finishSync(sync.number) }
      }
      access { state in state.syncs[sync.number]?.timer = timer }
    }
  }
}
