internal import CorfuGlobalLog
internal import Synchronization

/// What is known of positions that were handed out twice, as the log was cut before them (R24):
/// which entries stood there before it was, and which since.
struct ClusterCut: Sendable {
  /// Which life of the log a subscription has told of.
  enum Life: Equatable, Sendable {
    /// The one before the cut: it has come further than that.
    case first
    /// The one since.
    case second
    /// This entry is of the first, and this one of the second.
    case both(ClusterHistory.Place, ClusterHistory.Place)
    /// Nothing that it told says so.
    case unknown
  }

  /// Where the log went on.
  let begin: Position
  /// In which epoch.
  private let epoch: Epoch
  private let first: Set<ClusterHistory.Place>
  private let second: Set<ClusterHistory.Place>

  /// What a history knows; `nil` if the log was never cut.
  init?(of state: ClusterHistory.State) {
    guard let loss = state.loss, let begin = loss.cut else { return nil }
    self.begin = begin
    epoch = loss.epoch
    var first: Set<ClusterHistory.Place> = []
    var second: Set<ClusterHistory.Place> = []
    for sighting in state.sightings where loss.forgets(sighting.position) {
      guard case .entry(let number) = sighting.sight else { continue }
      let place = ClusterHistory.Place(append: number, position: sighting.position)
      if sighting.heard < loss.epoch { first.insert(place) }
      if sighting.asked >= loss.epoch { second.insert(place) }
    }
    for (number, append) in state.appends.enumerated() {
      guard case .stands(let position) = append.fate, loss.forgets(position) else { continue }
      let place = ClusterHistory.Place(append: number, position: position)
      if append.epoch < loss.epoch { first.insert(place) } else { second.insert(place) }
    }
    self.first = first
    self.second = second
  }

  /// Whether an entry stood somewhere before the log was cut.
  func stoodBefore(_ place: ClusterHistory.Place) -> Bool { first.contains(place) }

  /// Whether an entry stands somewhere since.
  func standsSince(_ place: ClusterHistory.Place) -> Bool { second.contains(place) }

  /// Which life of the log a subscription has told of: never of both.
  func life(of subscription: ClusterHistory.Subscription) -> Life {
    var old: ClusterHistory.Place?
    var new: ClusterHistory.Place?
    for item in subscription.items where item.position >= begin {
      let place = ClusterHistory.Place(append: item.append, position: item.position)
      switch (stoodBefore(place), standsSince(place)) {
      case (true, false): old = old ?? place
      case (false, true): new = new ?? place
      // A writer may have got the same position once more.
      case (true, true), (false, false): continue
      }
    }
    if let old {
      if let new { return .both(old, new) }
      return .first
    }
    return new != nil || subscription.asked >= epoch ? .second : .unknown
  }
}

extension ClusterHistory {
  /// A unit said that something stands at a position.
  ///
  /// - Parameters:
  ///   - slot: What.
  ///   - position: Where.
  ///   - epoch: The epoch in which it was asked.
  func showed(_ slot: Slot, at position: Position, in epoch: Epoch) {
    state.withLock { state in
      guard case .data(let entry) = slot, let number = state.number(of: entry) else { return }
      let place = Place(append: number, position: position)
      state.shown[place] = max(state.shown[place] ?? epoch, epoch)
    }
  }

  /// In which epoch an append was acknowledged.
  func epoch(ofAppend number: Int) -> Epoch { state.withLock { $0.appends[number].epoch } }
}
