public import CorfuGlobalLog

/// Those of some positions that one chain keeps.
public struct ChainShare: Hashable, Sendable {
  /// The chain.
  public let chain: Chain
  /// Where they stand in the list of all, in the order of the list.
  public var places: [Int]

  /// A share.
  public init(chain: Chain, places: [Int]) {
    self.chain = chain
    self.places = places
  }
}

/// Says which chain has what to do with a list of positions: the part that exercise 3.5 builds.
///
/// A client asks each unit of a share's chain once, for all of the share; all shares at once.
public protocol ChainSharing: Sendable {
  /// Remembers nothing.
  init()

  /// Shares out some positions.
  ///
  /// - Parameters:
  ///   - positions: All different, in any order.
  ///   - layout: Whose chains.
  ///   - mapping: From a position to its chain.
  /// - Returns: Each place of the list once, in a share of the chain that keeps its position. The
  ///   shares stand in the order of the first place of each.
  func shares(
    of positions: [Position],
    in layout: Layout,
    by mapping: some PositionMapping
  ) -> [ChainShare]
}

/// One share for each chain, and so one request for each unit, however many positions there are.
///
/// (I3.12.)
public struct ChainShares: ChainSharing {
  /// Remembers nothing.
  public init() {}

  // exercise 3.5: as few shares as there are chains, with the places of each in order
  public func shares(
    of positions: [Position],
    in layout: Layout,
    by mapping: some PositionMapping
  ) -> [ChainShare] {
    var shares: [ChainShare] = []
    var known: [Chain: Int] = [:]
    for (place, position) in positions.enumerated() {
      let chain = mapping.chain(of: position, in: layout)
      if let index = known[chain] {
        shares[index].places.append(place)
      } else {
        known[chain] = shares.count
        shares.append(ChainShare(chain: chain, places: [place]))
      }
    }
    return shares
  }
  // end 3.5
}
