internal import CorfuGlobalLog
internal import CorfuSequencer

/// Entries on their way into the log, and what has become of each.
struct AppendBatch {
  /// Those without a result, as of the last try.
  private(set) var pending: [Int]
  private let marks: [EntryMark]
  private var orders: [AppendOrder]
  private var outcomes: [Result<Position, CommitError>?]
  /// Values that have a position, and that no server was asked to write yet.
  private var kept: [Int: PlacedValue] = [:]
  /// The epoch that those are of.
  private var epoch = Epoch.zero
  /// How many tries there were.
  private var tries = 0
  /// Who is tried, in the order of positions.
  private var tried: [(index: Int, value: PlacedValue)] = []

  init(marks: [EntryMark], orders: [AppendOrder]) {
    self.marks = marks
    self.orders = orders
    outcomes = Array(repeating: nil, count: orders.count)
    pending = Array(orders.indices)
  }

  /// A result for each entry, in order; nothing may be pending.
  var results: [Result<Position, CommitError>] { outcomes.compactMap(\.self) }

  /// What to ask of the sequencer for the next try: those that want the same, one after the other,
  /// ask together.
  ///
  /// A position is used in its own epoch only (R10).
  mutating func missing(in epoch: Epoch) -> [Reservation] {
    if epoch != self.epoch {
      lose(Array(kept.keys))
      pending.removeAll { outcomes[$0] != nil }
      kept = [:]
    }
    self.epoch = epoch
    let wishes = pending.compactMap { index -> Reservation? in
      kept[index] == nil
        ? Reservation(writes: orders[index].writes, condition: orders[index].condition) : nil
    }
    return WishRuns().gathered(wishes)
  }

  /// Gives positions to the entries that have none, and begins a try of all that have one.
  ///
  /// - Parameter grants: The answers to ``missing(in:)``.
  /// - Returns: What is to be written, and where.
  mutating func place(by grants: [Grant]) -> [PlacedValue] {
    var fresh = GrantedPlaces(grants)
    tried = []
    tried.reserveCapacity(pending.count)
    for index in pending {
      if let value = kept[index] {
        tried.append((index, value))
        continue
      }
      switch fresh.next() {
      case .success(let place): tried.append((index, value(of: index, at: place)))
      case .failure(let refusal): outcomes[index] = .failure(.refused(refusal))
      }
    }
    tries += 1
    if !kept.isEmpty { tried.sort { $0.value.position < $1.value.position } }
    kept = [:]
    return tried.map(\.value)
  }

  private func value(of index: Int, at place: GrantedPlaces.Place) -> PlacedValue {
    let entry = Entry(mark: marks[index], streams: place.links, payload: orders[index].payload)
    return PlacedValue(.data(entry), at: place.position)
  }

  /// Whether those whose chain is down are given another position, in the hope of another chain.
  ///
  /// Only a few times: a client that goes on like this writes the log full of holes.
  func mayMove(among chainCount: Int) -> Bool { tries <= 2 * (chainCount - 1) }

  // What became of an entry, by its number in the try.

  mutating func succeed(_ number: Int) {
    outcomes[tried[number].index] = .success(tried[number].value.position)
  }

  mutating func fail(_ number: Int, _ error: LogError) {
    outcomes[tried[number].index] = .failure(.log(error))
  }

  /// Nobody was asked: the position can be tried again.
  mutating func keep(_ number: Int) {
    kept[tried[number].index] = tried[number].value
  }

  /// Gives up on those whose streams may be others' than those that were meant, as the log was cut
  /// since (R24).
  mutating func fail(cutBy cuts: [Snapshot]) {
    if cuts.isEmpty { return }
    for index in pending where outcomes[index] == nil {
      guard let place = orders[index].cut(in: cuts) else { continue }
      outcomes[index] = .failure(.log(.cut(place)))
      kept[index] = nil
    }
    pending.removeAll { outcomes[$0] != nil }
  }

  /// Gives up on all that are pending.
  mutating func fail(_ error: LogError) {
    for index in pending where outcomes[index] == nil { outcomes[index] = .failure(.log(error)) }
    pending = []
  }

  /// Nobody knows whether the sequencer gave out what it was asked for: what hangs on a condition
  /// may have met it already, and must not be judged by its own writes.
  mutating func loseWhatWasAsked() {
    lose(pending.filter { kept[$0] == nil })
    pending.removeAll { outcomes[$0] != nil }
  }

  /// Ends a try: those that have a result are pending no longer, and those that lost their position
  /// want another, unless they hang on a condition: that was met at the position, and at no other
  /// (R36).
  mutating func settle() {
    lose(tried.map(\.index).filter { kept[$0] == nil })
    pending.removeAll { outcomes[$0] != nil }
  }

  private mutating func lose(_ indexes: [Int]) {
    for index in indexes where outcomes[index] == nil && orders[index].condition != nil {
      if planted(.retriesLostCommits) {
        orders[index].condition = nil
        continue
      }
      outcomes[index] = .failure(.lost)
    }
  }
}

/// The positions of some grants, one after the other.
private struct GrantedPlaces {
  struct Place {
    let position: Position
    let links: [StreamLink]
  }

  private var grants: [Grant].Iterator
  private var token: Token?
  private var used = 0

  init(_ grants: [Grant]) {
    self.grants = grants.makeIterator()
  }

  mutating func next() -> Result<Place, CommitRefusal> {
    if let token, used < token.count {
      defer { used += 1 }
      let place = token.first.advanced(by: used)
      return .success(Place(position: place, links: token.links(ofEntry: used)))
    }
    switch grants.next() {
    case .token(let token)?:
      self.token = token
      used = 0
      return next()
    case .refused(let refusal)?:
      token = nil
      return .failure(refusal)
    case nil: preconditionFailure("as many places as were asked for")
    }
  }
}
