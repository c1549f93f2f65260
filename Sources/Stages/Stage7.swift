public import CorfuClient
public import CorfuGlobalLog
public import CorfuProtocol
public import CorfuTransactions

/// The system as it stands after chapter 7: objects and transactions, over a cluster that looks
/// after itself.
///
/// Nothing is added to the nodes: a sequencer hands out positions on conditions since it knows
/// streams, and all the rest is in the clients. Each program that keeps its state in the log has a
/// client of its own, and a runtime over it that plays the objects it has open.
public struct Stage7<
  Storage: Device,
  Network: LocalTransport,
  Time: Clock,
  Kit: Parts
>: Sendable where Time.Duration == Duration {
  /// The log as a program sees it.
  public typealias Log = Client<Network, Time, Kit>

  /// The nodes, and who looks after them.
  public let cluster: Stage6<Storage, Network, Time, Kit>
  private let limits: RuntimeLimits

  /// Objects over a cluster.
  ///
  /// - Parameters:
  ///   - cluster: The cluster, open by the time of the first ``runtime(via:limits:using:)``.
  ///   - limits: What a runtime does at once, and how patiently.
  public init(
    over cluster: Stage6<Storage, Network, Time, Kit>,
    limits: RuntimeLimits = RuntimeLimits()
  ) {
    self.cluster = cluster
    self.limits = limits
  }

  /// A runtime for one more program, which has nothing open yet.
  ///
  /// - Parameters:
  ///   - way: The program's way to the nodes.
  ///   - clientLimits: How patient its client is, and how much that does at once.
  ///   - random: Draws who it is.
  /// - Returns: The runtime; its log is the client.
  /// - Throws: ``ClusterError/notOpen``.
  public func runtime(
    via way: Network,
    limits clientLimits: ClientLimits = ClientLimits(),
    using random: inout some RandomNumberGenerator
  ) throws(ClusterError) -> Runtime<Log> {
    let client = try cluster.cluster.client(
      via: way,
      clock: cluster.clock,
      limits: clientLimits,
      using: &random
    )
    var limits = limits
    limits.payloadBytesMax = min(limits.payloadBytesMax, clientLimits.payloadBytesMax)
    return Runtime(over: client, limits: limits)
  }
}
