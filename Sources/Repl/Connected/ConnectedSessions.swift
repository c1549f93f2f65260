public import CorfuClient
public import CorfuProtocol
public import CorfuStripeMirror

/// Opens sessions on clusters that live elsewhere.
public enum ConnectedSessions {
  /// A session on the cluster that some nodes belong to.
  ///
  /// - Parameters:
  ///   - name: What people call the cluster: "the cluster at 10.0.0.1:7001".
  ///   - nodes: Some of its nodes; one that answers is enough.
  ///   - network: The way to all of them.
  ///   - clock: What waits are measured by.
  ///   - limits: How long clients wait, and how much they do at once.
  ///   - parts: What clients are built of.
  ///   - hands: What can be done to the nodes; `nil` if only they themselves do anything to them.
  ///   - onClose: What is to be closed with the session.
  /// - Returns: The session; the caller closes it.
  /// - Throws: ``ReplError/refused(_:)`` where none of the nodes answers, or none has a layout.
  public static func open(
    to name: String,
    knowing nodes: Set<NodeID>,
    via network: some Transport,
    clock: some Clock<Duration>,
    limits: ClientLimits = limitsDefault,
    parts: (some Parts).Type,
    hands: (any ClusterHands)? = nil,
    onClose: @escaping @Sendable () async -> Void = {}
  ) async throws(ReplError) -> any ReplSession {
    try await ConnectedSession(
      to: name,
      knowing: nodes,
      via: network,
      clock: clock,
      limits: limits,
      parts: parts,
      hands: hands,
      onClose: onClose
    )
  }

  /// As patient as people at a prompt are.
  public static var limitsDefault: ClientLimits {
    var limits = ClientLimits()
    limits.operationPatience = .seconds(5)
    return limits
  }
}
