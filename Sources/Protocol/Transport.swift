public import CorfuStripeMirror

/// What carries requests to servers and replies back: the seam to the network.
public protocol Transport: Sendable {
  /// Whether a request may arrive twice, so that a reply tells of one of its copies only.
  var mayRepeat: Bool { get }

  /// Where tasks that call nodes one after the other are done best; `nil` for wherever they are.
  var executor: (any TaskExecutor)? { get }

  /// Asks a node, and waits for its reply.
  ///
  /// - Parameters:
  ///   - request: What to ask.
  ///   - node: Whom.
  ///   - patience: How long to wait.
  /// - Returns: The reply.
  /// - Throws: ``TransportError``.
  func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply
}

extension Transport {
  /// A connection delivers what was sent once, or breaks.
  public var mayRepeat: Bool { false }

  /// What is in this process needs no thread of its own.
  public var executor: (any TaskExecutor)? { nil }
}

/// Why there is no reply.
public enum TransportError: Error, Hashable, Sendable {
  /// There is no way to the node: nothing was sent.
  case unreachable
  /// No reply came in time: whether the request arrived, and what came of it, is not known.
  case timedOut
}

/// What answers requests: a node, however it is reached.
public protocol RequestHandler: Sendable {
  /// Does as it is asked, or says why not.
  func handle(_ request: Request) async -> Reply
}

/// A transport whose nodes are in this process.
public protocol LocalTransport: Transport {
  /// Makes a node known, in place of what was known by its name before.
  func connect(_ handler: any RequestHandler, as node: NodeID)

  /// Forgets a node: calls to it find no way.
  func disconnect(_ node: NodeID)
}
