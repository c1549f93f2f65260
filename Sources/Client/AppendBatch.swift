internal import CorfuGlobalLog
internal import CorfuSequencer

/// Entries on their way into the log, and what has become of each.
struct AppendBatch {
  /// Those without a result, as of the last try.
  private(set) var pending: [Int]
  private var values: [Slot]
  /// The streams that all of them belong to.
  let streams: [StreamID]
  private var outcomes: [Result<Position, LogError>?]
  /// Positions that entries have, and that no server was asked to write yet.
  private var kept: [Int: Position] = [:]
  /// The epoch that those are of.
  private var epoch = Epoch.zero
  /// How many tries there were.
  private var tries = 0
  /// Who is tried, and where, in the order of positions.
  private var tried: [(index: Int, position: Position)] = []

  init(marks: [EntryMark], payloads: [[UInt8]], streams: [StreamID] = []) {
    self.streams = streams
    values = zip(marks, payloads).map { .data(Entry(mark: $0, payload: $1)) }
    outcomes = Array(repeating: nil, count: payloads.count)
    pending = Array(payloads.indices)
  }

  /// A result for each entry, in order; nothing may be pending.
  var results: [Result<Position, LogError>] { outcomes.compactMap(\.self) }

  /// How many positions the next try needs.
  ///
  /// A position is used in its own epoch only (R10).
  mutating func missing(in epoch: Epoch) -> Int {
    if epoch != self.epoch { kept = [:] }
    self.epoch = epoch
    return pending.count - kept.count
  }

  /// Gives a token's positions to the first entries that have none, and begins a try of all that
  /// have one.
  ///
  /// An entry gets its links with its position, and keeps them with it.
  mutating func place(with token: Token?) -> [PlacedValue] {
    var fresh = (token?.positions ?? .zero..<(.zero))[...]
    tried = []
    tried.reserveCapacity(pending.count)
    for index in pending {
      guard let position = kept[index] ?? fresh.popFirst() else { continue }
      tried.append((index, position))
      if let token, !streams.isEmpty, kept[index] == nil { link(index, at: position, by: token) }
    }
    tries += 1
    if !kept.isEmpty { tried.sort { $0.position < $1.position } }
    kept = [:]
    return tried.map { PlacedValue(values[$0.index], at: $0.position) }
  }

  private mutating func link(_ index: Int, at position: Position, by token: Token) {
    guard case .data(let entry) = values[index] else { return }
    let links = token.links(ofEntry: token.first.distance(to: position))
    values[index] = .data(Entry(mark: entry.mark, streams: links, payload: entry.payload))
  }

  /// Whether those whose chain is down are given another position, in the hope of another chain.
  ///
  /// Only a few times: a client that goes on like this writes the log full of holes.
  func mayMove(among chainCount: Int) -> Bool { tries <= 2 * (chainCount - 1) }

  // What became of an entry, by its number in the try.

  mutating func succeed(_ number: Int) {
    outcomes[tried[number].index] = .success(tried[number].position)
  }

  mutating func fail(_ number: Int, _ error: LogError) {
    outcomes[tried[number].index] = .failure(error)
  }

  /// Nobody was asked: the position can be tried again.
  mutating func keep(_ number: Int) {
    kept[tried[number].index] = tried[number].position
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
}
