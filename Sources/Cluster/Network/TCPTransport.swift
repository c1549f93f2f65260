internal import CorfuGlobalLog
public import CorfuProtocol
public import CorfuStripeMirror
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The way to the nodes of a cluster over TCP: one connection to each, shared by all calls, made
/// when it is needed and made anew when it breaks.
public final class TCPTransport: Transport {
  private struct State {
    var links: [NodeID: NodeLink] = [:]
    var addresses: [NodeID: NodeAddress] = [:]
    var isClosed = false
    /// When the nodes were last asked who there is.
    var discovered: ContinuousClock.Instant?
  }

  private let setting: NodeLink.Setting
  /// All connections live here: whoever asks several nodes wakes one thread.
  private let loop: any EventLoop
  private let loopExecutor: LoopExecutor
  private let state = Mutex(State())

  /// A way to nobody yet.
  ///
  /// - Parameters:
  ///   - hello: Who this program is, and which cluster it means.
  ///   - security: How strangers are kept out.
  ///   - limits: How much is on its way at once, and how long to wait for a connection.
  public init(as hello: Hello, security: Security, limits: NetworkLimits = NetworkLimits()) {
    setting = NodeLink.Setting(hello: hello, security: security, limits: limits)
    loop = MultiThreadedEventLoopGroup.singleton.next()
    loopExecutor = LoopExecutor(loop)
  }

  /// A way to nobody yet, whose connections live on another thread than those of another way, if
  /// there is more than one.
  ///
  /// - Parameters:
  ///   - hello: Who this program is, and which cluster it means.
  ///   - security: How strangers are kept out.
  ///   - limits: How much is on its way at once, and how long to wait for a connection.
  ///   - other: The way that has its own thread.
  package init(
    as hello: Hello,
    security: Security,
    limits: NetworkLimits = NetworkLimits(),
    apartFrom other: TCPTransport
  ) {
    setting = NodeLink.Setting(hello: hello, security: security, limits: limits)
    let group = MultiThreadedEventLoopGroup.singleton
    loop = group.makeIterator().first { $0 !== other.loop } ?? group.next()
    loopExecutor = LoopExecutor(loop)
  }

  /// The thread of the connections.
  public var executor: (any TaskExecutor)? { loopExecutor }

  /// Where nodes are, as far as it was told.
  public var addresses: [NodeID: NodeAddress] { state.withLock { $0.addresses } }

  /// Learns where nodes are; those it is not told of stay where they were.
  public func learn(_ addresses: [NodeID: NodeAddress]) {
    let moved = state.withLock { state in
      var moved: [(NodeLink, NodeAddress)] = []
      for (node, address) in addresses where state.addresses[node] != address {
        state.addresses[node] = address
        if let link = state.links[node] { moved.append((link, address)) }
      }
      return moved
    }
    for (link, address) in moved { link.move(to: address) }
  }

  /// Finds out who listens somewhere, and remembers it.
  ///
  /// - Returns: What it said.
  /// - Throws: ``MeetingError``, with a reason for people.
  public func meet(_ address: NodeAddress) async throws(MeetingError) -> Welcome {
    let (setting, loop) = (setting, loop)
    let promise = loop.makePromise(of: Welcome.self)
    let result: Result<Welcome, any Error>
    Dialer.dial(address, setting, expecting: nil, on: loop) { channel, _, welcome in
      // First: the end that comes of closing it is told as well, and nobody listens then.
      promise.succeed(welcome)
      channel.close(promise: nil)
    } onReply: { _, _ in
    } onEnd: { reason in
      promise.fail(MeetingError(address: address, reason: reason))
    }
    do {
      result = .success(try await promise.futureResult.get())
    } catch {
      result = .failure(error)
    }
    switch result {
    case .success(let welcome):
      learn([welcome.node: address])
      return welcome
    case .failure(let error as MeetingError): throw error
    case .failure(let error): throw MeetingError(address: address, reason: SystemWords.of(error))
    }
  }

  /// Why there is no connection to a node, for people; `nil` if there is one, or none was wanted.
  public func trouble(with node: NodeID) -> String? {
    let (link, isKnown) = state.withLock { ($0.links[node], $0.addresses[node] != nil) }
    return isKnown ? link?.trouble : "nobody has said where \(node) is"
  }

  public func call(
    _ request: Request,
    to node: NodeID,
    patience: Duration
  ) async throws(TransportError) -> Reply {
    if let link = link(to: node) { return try await link.call(request, patience: patience) }
    // Somebody who joined since: the others know where.
    await discover(atMostEvery: .seconds(1))
    guard let link = link(to: node) else { throw .unreachable }
    return try await link.call(request, patience: patience)
  }

  /// Asks the nodes that are known who there is, and where.
  ///
  /// - Parameter met: Nodes that were just met: where they are is known better than from what was
  ///   written down before they moved.
  /// - Returns: The newest that any of them knows; `nil` if none knows anything.
  @discardableResult
  public func discover(besides met: Set<NodeID> = []) async -> Membership? {
    state.withLock { $0.discovered = .now }
    let nodes = state.withLock { $0.addresses.keys.map(\.self) }
    let newest = await withTaskGroup(of: Membership?.self) { group in
      for node in nodes {
        group.addTask {
          // Who is silent tells nothing.
          let reply = try? await self.call(.membership(nil), to: node, patience: .seconds(1))
          guard case .membership(let membership)? = reply else { return nil }
          return membership
        }
      }
      var newest: Membership?
      for await case let membership? in group where membership.replaces(newest) {
        newest = membership
      }
      return newest
    }
    if let newest { learn(newest.members.filter { !met.contains($0.key) }) }
    return newest
  }

  private func discover(atMostEvery pause: Duration) async {
    let isDue = state.withLock { state in
      if let last = state.discovered, ContinuousClock.now - last < pause { return false }
      state.discovered = .now
      return !state.isClosed
    }
    if isDue { await discover() }
  }

  private func link(to node: NodeID) -> NodeLink? {
    state.withLock { state in
      if let link = state.links[node] { return link }
      guard !state.isClosed, let address = state.addresses[node] else { return nil }
      let link = NodeLink(to: node, at: address, setting, on: loop)
      state.links[node] = link
      return link
    }
  }

  /// Closes all connections; calls find no way from now on.
  public func close() async {
    let links = state.withLock { state in
      state.isClosed = true
      state.addresses = [:]
      defer { state.links = [:] }
      return state.links
    }
    for link in links.values { await link.close() }
  }
}

/// Why nobody was met at an address.
public struct MeetingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where.
  public let address: NodeAddress
  /// What was in the way, in words.
  public let reason: String

  public var description: String { "\(address): \(reason)" }
}
