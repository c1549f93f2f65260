internal import CorfuGlobalLog

/// How many positions a subscription reads at once, so that what it holds has about so many bytes.
///
/// Pure: it is told what was read. It begins with as many as cannot be too large, and reads twice
/// as many each time, as long as entries are small.
struct ReadSize: Equatable, Sendable {
  /// How many positions to read next.
  private(set) var count: Int
  private let countMax: Int
  private let bytesMax: Int

  init(_ limits: ClientLimits) {
    countMax = max(1, limits.readAheadMax)
    bytesMax = limits.readAheadBytesMax
    count = max(1, min(countMax, bytesMax / max(1, limits.payloadBytesMax)))
  }

  /// Takes in what stands at the positions that were read.
  mutating func learn(from slots: some Collection<Slot>) {
    let largest = slots.reduce(1) { largest, slot in
      if case .data(let entry) = slot { max(largest, entry.payload.count) } else { largest }
    }
    count = max(1, min(countMax, count * 2, bytesMax / largest))
  }
}
