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

/// Makes a server rest where it should; it comes before those that accept.
///
/// NIO's own handler for this takes back the wish to read, but the system goes on to tell that
/// there is something to read, as often as it is asked.
final class AcceptPause: ChannelInboundHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel

  private var rest = AcceptRest()
  private let tell: @Sendable (String) -> Void

  /// - Parameter tell: Hears why connections wait.
  init(_ tell: @escaping @Sendable (String) -> Void) {
    self.tell = tell
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError else { return context.fireErrorCaught(error) }
    // One connection that the system could not hand over is nothing to the others.
    let verdict = rest.hear(error.errnoCode, at: .now)
    if verdict.isNews { tell(SystemWords.of(error)) }
    guard let pause = verdict.pause else { return }
    let channel = context.channel
    Self.read(channel, false)
    channel.eventLoop.scheduleTask(in: TimeAmount(pause)) { Self.read(channel, true) }
  }

  private static func read(_ channel: any Channel, _ isReading: Bool) {
    // A door that is closed hears nothing more.
    try? channel.syncOptions?.setOption(.autoRead, value: isReading)
  }
}
