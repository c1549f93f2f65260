internal import CorfuGlobalLog

/// Entries on their way into the log, and what has become of each.
struct AppendBatch {
  /// Those without a result.
  private(set) var pending: [Int]
  private let values: [Slot]
  private var outcomes: [Result<Position, LogError>?]
  /// Which entry was last tried where.
  private var places: [Position: Int] = [:]

  init(marks: [EntryMark], payloads: [[UInt8]]) {
    values = zip(marks, payloads).map { .data(Entry(mark: $0, payload: $1)) }
    outcomes = Array(repeating: nil, count: payloads.count)
    pending = Array(payloads.indices)
  }

  /// A result for each entry, in order; nothing may be pending.
  var results: [Result<Position, LogError>] { outcomes.compactMap(\.self) }

  /// Gives positions to the first entries that are pending.
  mutating func place(at positions: Range<Position>) -> [PlacedValue] {
    places = [:]
    return zip(pending, positions).map { index, position in
      places[position] = index
      return PlacedValue(values[index], at: position)
    }
  }

  mutating func succeed(at position: Position) {
    settle(position, .success(position))
  }

  mutating func fail(at position: Position, _ error: LogError) {
    settle(position, .failure(error))
  }

  /// Gives up on all that are pending.
  mutating func fail(_ error: LogError) {
    for index in pending { outcomes[index] = .failure(error) }
    pending = []
  }

  private mutating func settle(_ position: Position, _ result: Result<Position, LogError>) {
    guard let index = places[position] else { return }
    outcomes[index] = result
    pending.removeAll { $0 == index }
  }
}
