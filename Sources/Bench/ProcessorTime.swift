#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The time that the processor spent on the calling thread.
///
/// For what costs nanoseconds: what neighbours take away of the machine does not count.
struct ProcessorTime {
  private let begin = ProcessorTime.read(CLOCK_THREAD_CPUTIME_ID)

  /// The time spent since this was made, on the same thread.
  var elapsed: Duration { Self.read(CLOCK_THREAD_CPUTIME_ID) - begin }

  /// The time that the processor has spent on a process so far, all threads together.
  ///
  /// - Parameter process: Which; `nil` for this one.
  /// - Returns: The time; zero of others where the system does not tell it.
  static func of(_ process: Int32?) -> Duration {
    guard let process else { return read(CLOCK_PROCESS_CPUTIME_ID) }
    #if canImport(Darwin)
    return .zero
    #else
    var clock = clockid_t()
    guard clock_getcpuclockid(process, &clock) == 0 else { return .zero }
    return read(clock)
    #endif
  }

  private static func read(_ clock: clockid_t) -> Duration {
    var time = timespec()
    guard clock_gettime(clock, &time) == 0 else { return .zero }
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
