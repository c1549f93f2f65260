internal import CorfuPaxosConfigurator
internal import Synchronization

/// Somebody new for each proposal.
///
/// Whoever proposes begins at the first ballot. Had two proposals the same proposer, they could ask
/// votes for two layouts in one ballot, and both be chosen.
final class ProposerSource: Sendable {
  private let first: ProposerID
  private let count = Mutex<UInt64>(0)

  init(using random: inout some RandomNumberGenerator) {
    first = ProposerID(using: &random)
  }

  func next() -> ProposerID {
    let number = count.withLock { count in
      count += 1
      return count
    }
    return ProposerID(high: first.high, low: first.low &+ number)
  }
}
