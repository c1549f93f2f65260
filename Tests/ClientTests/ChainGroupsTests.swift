@testable import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import CorfuStripeMirror
import Testing

// Goal: positions come to their chains' groups, in order, whatever order they come in. Method: held
// against a plain grouping, for neighbours, jumps, and chains that take no turns.

private func chain(_ number: Int) -> Chain {
  let incarnation = Incarnation(high: 0, low: UInt64(number))
  return Chain([UnitName(node: NodeID(UInt32(number)), incarnation: incarnation)])
}

private let layout = Layout(
  epoch: Epoch(1),
  spans: [
    Span(begin: .zero, stripes: [1, 2, 3].map(chain)),
    Span(begin: Position(50), stripes: [3, 1].map(chain)),
  ],
  sequencer: SequencerName(node: NodeID(1), boot: BootID(high: 1, low: 2)),
  acceptors: []
)

@Test(arguments: [
  Array(0..<100), Array((0..<100).reversed()), [], [7], [3, 3, 3],
  (0..<200).map { $0 * 37 % 101 }, (0..<40).map { $0 * 3 },
])
func positionsAreGroupedByTheirChains(_ numbers: [Int]) {
  let positions = numbers.map { Position(UInt64($0)) }
  let mapping = RoundRobin()
  var order: [Chain] = []
  var plain: [Chain: [Int]] = [:]
  for (index, position) in positions.enumerated() {
    let chain = mapping.chain(of: position, in: layout)
    if plain[chain] == nil { order.append(chain) }
    plain[chain, default: []].append(index)
  }
  var groups = ChainGroups(positions, in: layout, by: mapping)
  #expect((groups.only != nil) == (order.count == 1))
  for chain in order {
    let group = groups.popFirst()
    #expect(group?.chain == chain)
    #expect(group?.indexes == plain[chain])
  }
  #expect(groups.popFirst()?.chain == nil)
}
