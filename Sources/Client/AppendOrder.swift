public import CorfuGlobalLog
public import CorfuSequencer

/// What one append puts into the log.
struct AppendOrder: Sendable {
  let payload: [UInt8]
  /// The streams that the entry belongs to, and what of each it writes.
  var writes: [StreamKeys] = []
  /// On which condition it gets a position; `nil` for any.
  var condition: CommitCondition?
  /// When its streams were those that are meant.
  let epoch: Epoch

  /// Where the log was cut since its streams were those that are meant; `nil` if it was not, or
  /// there are none.
  func cut(in cuts: [Snapshot]) -> Position? {
    if writes.isEmpty { return nil }
    return cuts.first { $0.epoch > epoch }?.position
  }
}

/// Why a transaction's entry is not in the log.
public enum CommitError: Error, Hashable, Sendable {
  /// The sequencer gave it no position. No effect.
  case refused(CommitRefusal)
  /// It had a position, which somebody filled before it was written; or the sequencer was asked for
  /// one and did not answer, so that nobody knows whether it had one. No effect: whoever wants to
  /// try again reads again first (R36).
  case lost
  /// Something else; the error tells whether there was an effect.
  case log(LogError)
}

extension CommitError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .refused(let refusal): "\(refusal)"
    case .lost: "its position was lost: to a filler, or with the sequencer's answer"
    case .log(let error): "\(error)"
    }
  }
}

extension CommitError {
  /// What it is for somebody who set no condition.
  var unconditional: LogError {
    guard case .log(let error) = self else {
      preconditionFailure("an append that hangs on nothing was refused: \(self)")
    }
    return error
  }
}
