/// Why a benchmark could not be run.
public enum BenchError: Error, Hashable, Sendable {
  /// A call of the system failed: which, on what, and the system's reason.
  case failed(String)
  /// Something in the log was not what had been written.
  case wrongAnswer(String)
}

extension BenchError: CustomStringConvertible {
  /// The reason, in one line.
  public var description: String {
    switch self {
    case .failed(let reason), .wrongAnswer(let reason): reason
    }
  }
}
