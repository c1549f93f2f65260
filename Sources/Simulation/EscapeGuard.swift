#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Notices jobs that leave a running ``World`` for the global pool.
///
/// The Swift runtime calls a hook, if one is set, in place of its own enqueueing. Ours lets every
/// job pass whose thread runs no world. A job that escapes from a world is reported and dropped:
/// let loose, it would touch the world's state from another thread, and the report might come after
/// the run.
///
/// `Task.sleep` and the main actor reach their threads without the hook. Their jobs come back from
/// a foreign thread, which `World.enqueue` sees, or not before the run ends, as a deadlock.
enum EscapeGuard {
  // The runtime's hooks use Swift's calling convention. For functions of a few words that neither
  // throw nor have a context it passes arguments and keeps registers as C does, on x86-64 and on
  // ARM.
  private typealias Original = @convention(c) (OpaquePointer) -> Void
  private typealias Hook = @convention(c) (OpaquePointer, Original) -> Void

  /// The thread-local place that holds the world which the thread runs.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key, nil)
    precondition(status == 0, "no thread-local storage left (error \(status))")
    return key
  }()

  /// Set once per process, at the first run.
  private static let installed: Void = {
    // A runtime without the hook would let a run pass that cannot be replayed.
    guard let slot = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook") else {
      preconditionFailure(
        "the Swift runtime has no hook for escaping jobs: no simulation can be trusted"
      )
    }
    let hook: Hook = { job, original in
      guard let world = pthread_getspecific(EscapeGuard.key) else { return original(job) }
      Unmanaged<World>.fromOpaque(world).takeUnretainedValue().report(.globalPool)
    }
    slot.storeBytes(of: hook, as: Hook.self)
  }()

  /// Runs `body` with this thread marked as the world's.
  static func watch<Result>(_ world: World, _ body: () -> Result) -> Result {
    _ = installed
    let status = pthread_setspecific(key, Unmanaged.passUnretained(world).toOpaque())
    precondition(status == 0, "the thread cannot be marked (error \(status))")
    defer { pthread_setspecific(key, nil) }
    return body()
  }

  /// The number of the current thread, never zero.
  static var threadID: UInt {
    #if canImport(Glibc)
    UInt(pthread_self())
    #else
    UInt(bitPattern: pthread_self())
    #endif
  }
}
