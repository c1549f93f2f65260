internal import CorfuProtocol

/// Why a server closes connections, as far as somebody should know: by kind, so that each can be
/// counted, and told once for many.
public enum ClosingReason: String, Hashable, Sendable, CaseIterable {
  /// What came is no message, or one that makes no sense.
  case nonsense
  /// The peer speaks another version of the protocol.
  case otherVersion = "other_version"
  /// Messages are larger than are taken, or there are too many that have not all come.
  case tooLarge = "too_large"
  /// The two sides have not agreed on encryption: no certificate, or a wrong one.
  case encryption
  /// The hello names another cluster.
  case otherCluster = "other_cluster"
  /// The certificate does not say what the hello does.
  case notAllowed = "not_allowed"
  /// The peer did not greet in time.
  case silent
  /// As many connections as are served, or are open.
  case full
  /// The node is about to end.
  case ending
  /// The peer asks, and does not read what it is told: too much waits, or it has for too long.
  case deaf

  /// The kind of something that was no message.
  init(_ error: FrameError) {
    switch error {
    case .notCorfu, .damaged, .malformed: self = .nonsense
    case .otherVersion: self = .otherVersion
    case .tooLarge: self = .tooLarge
    }
  }

  /// The kind of a hello that was not taken.
  init(_ rejection: Rejection) {
    switch rejection {
    case .otherCluster: self = .otherCluster
    case .notAllowed: self = .notAllowed
    case .tooManyConnections: self = .full
    case .ending: self = .ending
    }
  }
}
