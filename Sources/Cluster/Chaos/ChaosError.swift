public import CorfuGlobalLog

/// Why there is no report.
public enum ChaosError: Error, Sendable {
  /// Processes could not be started.
  case cluster(LocalClusterError)
  /// The cluster did not begin.
  case notBegun(String)
  /// All its processes run, and it does not do what it is asked, for a minute.
  case notHealed(String, LogError)
}

extension ChaosError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cluster(let error): "\(error)"
    case .notBegun(let reason): "the cluster did not begin: \(reason)"
    case .notHealed(let what, let error):
      "all processes run, and after a minute '\(what)' still fails: \(error)"
    }
  }
}
