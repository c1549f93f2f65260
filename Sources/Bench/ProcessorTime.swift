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
  private let begin = ProcessorTime.now()

  /// The time spent since this was made, on the same thread.
  var elapsed: Duration { Self.now() - begin }

  private static func now() -> Duration {
    var time = timespec()
    guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return .zero }
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
