/// Puts what the entries of a batch want into few wishes: the part that exercise 2.5 builds.
///
/// A sequencer grants wishes one after the other, a token for each, and the positions of the tokens
/// go to the entries in the order of the batch. Each token has links of its own.
public protocol WishGathering: Sendable {
  /// Remembers nothing.
  init()

  /// Puts together what can be granted together.
  ///
  /// Entries share a wish if they stand side by side, and write the same. An entry with a condition
  /// shares with nobody, since whoever shares a wish is refused together.
  ///
  /// - Parameter wishes: What each entry wants, one position each, in the order of the batch.
  /// - Returns: Wishes for the same positions, in the same order, each for ``Token/countMax`` of
  ///   them at most.
  func gathered(_ wishes: [Reservation]) -> [Reservation]
}

/// One wish for each run of entries that want the same.
public struct WishRuns: WishGathering {
  /// Remembers nothing.
  public init() {}

  // exercise 2.5: as few wishes as can be, in the order of the batch
  public func gathered(_ wishes: [Reservation]) -> [Reservation] {
    var runs: [Reservation] = []
    for wish in wishes {
      if let last = runs.indices.last, runs[last].condition == nil, wish.condition == nil,
        runs[last].writes == wish.writes, runs[last].count < Token.countMax
      {
        runs[last].count += 1
      } else {
        runs.append(wish)
      }
    }
    return runs
  }
  // end 2.5
}
