public import CorfuGlobalLog

/// Why there is no report.
public enum ChaosError: Error, Sendable {
  /// Processes could not be started, or the cluster did not begin.
  case cluster(LocalClusterError)
  /// The cluster has begun, and there is no way into it.
  case notConnected(LogConnectionError)
  /// The network was to be cut, and cannot be.
  case noPartitions(NamespaceError)
  /// Nodes were to have certificates, and there are none.
  case noCertificates(String)
  /// What an operator wanted was not done, and why.
  case operation(String)
  /// All its processes run, and it does not do what it is asked, for a minute.
  case notHealed(String, LogError)
}

extension ChaosError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cluster(let error): "\(error)"
    case .notConnected(let error): "\(error)"
    case .noPartitions(let error): "no partitions: \(error)"
    case .noCertificates(let reason): "no certificates: \(reason)"
    case .operation(let reason): reason
    case .notHealed(let what, let error):
      "all processes run, and after a minute '\(what)' still fails: \(error)"
    }
  }
}
