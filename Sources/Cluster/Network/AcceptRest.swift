#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore

/// Says what to do about a connection that the system does not let a server have.
///
/// Where there are no more files, whoever tries again at once does nothing else, and in vain. The
/// connections wait meanwhile, and are not lost.
///
/// A value without a clock: whoever uses it says what time it is.
struct AcceptRest: Equatable {
  /// What to do.
  struct Verdict: Equatable {
    /// How long to take no connection; `nil` to go on.
    var pause: Duration?
    /// Whether somebody should be told.
    var isNews = false
  }

  /// How long to rest: whoever leaves makes room for somebody at any moment.
  static let pause = Duration.milliseconds(100)
  /// For how long nothing more is told.
  static let quiet = Duration.seconds(30)

  private var told: ContinuousClock.Instant?

  /// Hears of an error.
  ///
  /// - Parameters:
  ///   - number: The system's number of it.
  ///   - now: The time.
  /// - Returns: What to do.
  mutating func hear(_ number: CInt, at now: ContinuousClock.Instant) -> Verdict {
    guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(number) else { return Verdict() }
    let isNews = told.map { now - $0 >= Self.quiet } ?? true
    if isNews { told = now }
    return Verdict(pause: Self.pause, isNews: isNews)
  }
}

extension AcceptRest {
  /// What makes a server rest where it should.
  ///
  /// - Parameter tell: Hears why connections wait.
  /// - Returns: A handler for the server's own channel; it comes before those that accept.
  static func handler(_ tell: @escaping @Sendable (String) -> Void) -> AcceptBackoffHandler {
    var rest = AcceptRest()
    return AcceptBackoffHandler(shouldForwardIOErrorCaught: false) { error in
      let verdict = rest.hear(error.errnoCode, at: .now)
      if verdict.isNews { tell(SystemWords.of(error)) }
      return verdict.pause.map { TimeAmount($0) }
    }
  }
}
