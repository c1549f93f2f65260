public import CorfuGlobalLog
public import CorfuProtocol

/// The system as it stands after chapter 5.
///
/// It is a cluster in one process, whose units refuse stale clients and whose clients get past each
/// other's holes. Its layout is changed by hand.
public typealias Stage5<Storage: Device, Network: LocalTransport, Kit: Parts> =
  EmbeddedCluster<Storage, Network, Kit>
