internal import CorfuGlobalLog
internal import CorfuStripeMirror

/// Positions, by the chain that keeps them.
struct ChainGroups {
  private var chains: [(chain: Chain, indexes: [Int])] = []

  /// - Parameters:
  ///   - positions: In any order; a group's indexes are in the order given.
  ///   - layout: Whose chains.
  ///   - mapping: From a position to its chain.
  init(_ positions: [Position], in layout: Layout, by mapping: some PositionMapping) {
    var places: [Chain: Int] = [:]
    // Neighbours take turns, mostly: then the next one's chain is known without a look-up.
    var next = 0
    for (index, position) in positions.enumerated() {
      let chain = mapping.chain(of: position, in: layout)
      let isTurn = next < chains.count && chains[next].chain == chain
      let place = isTurn ? next : places[chain] ?? chains.count
      if place < chains.count {
        chains[place].indexes.append(index)
      } else {
        places[chain] = place
        chains.append((chain, [index]))
      }
      next = place + 1 < chains.count ? place + 1 : 0
    }
  }

  /// The chain, if there is but one.
  var only: Chain? { chains.count == 1 ? chains.first?.chain : nil }

  /// Takes out a group.
  mutating func popFirst() -> (chain: Chain, indexes: [Int])? {
    chains.isEmpty ? nil : chains.removeFirst()
  }
}
