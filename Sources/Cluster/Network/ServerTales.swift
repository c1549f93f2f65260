internal import NIOCore
internal import Synchronization

/// Tells of a server's connections: each that is closed for a reason, to be counted, and of those
/// the few that are to be read.
final class ServerTales: Sendable {
  private let onEvent: @Sendable (ServerEvent) -> Void
  private let limit = Mutex(ComplaintLimit())

  init(_ onEvent: @escaping @Sendable (ServerEvent) -> Void) {
    self.onEvent = onEvent
  }

  /// A connection was closed.
  func tell(_ closing: Closing) {
    onEvent(.closed(closing.reason))
    if let complaint = limit.withLock({ $0.hear(closing, at: .now) }) {
      onEvent(.complained(complaint))
    }
  }

  /// Tells how many more there were, where that is due.
  func remind() {
    for complaint in limit.withLock({ $0.due(at: .now) }) { onEvent(.complained(complaint)) }
  }

  /// Tells what was not told yet.
  func end() {
    for complaint in limit.withLock({ $0.rest(at: .now) }) { onEvent(.complained(complaint)) }
  }
}

extension Closing {
  /// Of a connection, and why.
  init(of channel: any Channel, _ reason: ClosingReason, _ words: String) {
    let address = channel.remoteAddress
    let peer = address?.description ?? "somebody"
    self.init(peer: peer, host: address?.ipAddress ?? peer, reason: reason, words: words)
  }
}

/// What a server tells of its connections.
public enum ServerEvent: Hashable, Sendable {
  /// A connection was closed for a reason that somebody should know: each one.
  case closed(ClosingReason)
  /// The same in words: one of many, so that nobody can fill a log.
  case complained(Complaint)
  /// Connections wait, since the system does not let the server have them, and why: once for many.
  case waiting(because: String)
}
