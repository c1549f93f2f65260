internal import CorfuGlobalLog

/// Entries on their way into the log, and what has become of each.
struct AppendBatch {
  /// Those without a result, as of the last try.
  private(set) var pending: [Int]
  private let values: [Slot]
  private var outcomes: [Result<Position, LogError>?]
  /// Where the first of those that are pending was last tried; the others stand behind it.
  private var first = Position.zero

  init(marks: [EntryMark], payloads: [[UInt8]]) {
    values = zip(marks, payloads).map { .data(Entry(mark: $0, payload: $1)) }
    outcomes = Array(repeating: nil, count: payloads.count)
    pending = Array(payloads.indices)
  }

  /// A result for each entry, in order; nothing may be pending.
  var results: [Result<Position, LogError>] { outcomes.compactMap(\.self) }

  /// Gives positions to the first entries that are pending.
  mutating func place(at positions: Range<Position>) -> [PlacedValue] {
    first = positions.lowerBound
    return zip(pending, positions).map { PlacedValue(values[$0], at: $1) }
  }

  /// Whether the entry tried at a position is without a result.
  func isPending(at position: Position) -> Bool { outcomes[index(of: position)] == nil }

  mutating func succeed(at position: Position) {
    outcomes[index(of: position)] = .success(position)
  }

  mutating func fail(at position: Position, _ error: LogError) {
    outcomes[index(of: position)] = .failure(error)
  }

  /// Gives up on all that are pending.
  mutating func fail(_ error: LogError) {
    for index in pending { outcomes[index] = .failure(error) }
    pending = []
  }

  /// Ends a try: those that have a result are pending no longer.
  mutating func settle() {
    pending.removeAll { outcomes[$0] != nil }
  }

  private func index(of position: Position) -> Int {
    pending[first.distance(to: position)]
  }
}
