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
    for (index, position) in positions.enumerated() {
      let chain = mapping.chain(of: position, in: layout)
      if let place = places[chain] {
        chains[place].indexes.append(index)
      } else {
        places[chain] = chains.count
        chains.append((chain, [index]))
      }
    }
  }

  /// The chain, if there is but one.
  var only: Chain? { chains.count == 1 ? chains.first?.chain : nil }

  /// Takes out a group.
  mutating func popFirst() -> (chain: Chain, indexes: [Int])? {
    chains.isEmpty ? nil : chains.removeFirst()
  }
}
