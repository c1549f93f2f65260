/// How long a hole may be somebody's slow write, before it is taken for a dead client's.
///
/// Filling too soon costs a live writer its position; filling too late makes every reader wait. So
/// the answer follows how long slow writes have taken of late, and never exceeds its limit (R21).
/// The smoothing is that of TCP's retransmission timer: mean, and four times the mean deviation.
struct FillPatience: Equatable, Sendable {
  private let max: Duration
  private var mean: Duration?
  private var deviation = Duration.zero

  init(max: Duration) {
    self.max = max
  }

  /// How long to wait for the next hole.
  var timeout: Duration {
    guard let mean else { return max }
    return Swift.min(max, Swift.max(max / 100, mean * 2 + deviation * 4))
  }

  /// Takes in how long a write took, or how long a hole was waited for until it was written.
  mutating func observe(_ latency: Duration) {
    guard let mean else {
      mean = latency
      deviation = latency / 2
      return
    }
    let off = latency > mean ? latency - mean : mean - latency
    deviation += (off - deviation) / 4
    self.mean = mean + (latency - mean) / 8
  }
}
