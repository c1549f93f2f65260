// Goal: a cut loses what it says, and nothing else. Method: the ways of each kind of cut, by hand.
@testable import CorfuCluster
import CorfuStripeMirror
import Testing

@Suite struct NetworkCutTests {
  private let nodes = (1...3).map { NodeID($0) }

  /// The ways of a cut, as `1>2`; clients are `*`.
  private func ways(_ cut: NetworkCut) -> [String] {
    func text(_ place: NetworkPlace) -> String {
      switch place {
      case .node(let node): "\(node.number)"
      case .outside: "*"
      }
    }
    return cut.ways(among: nodes).map { "\(text($0.from))>\(text($0.to))" }.sorted()
  }

  @Test func eachCutLosesWhatItSays() {
    #expect(ways(.oneWay(from: NodeID(1), to: NodeID(2))) == ["1>2"])
    #expect(ways(.pair(NodeID(1), NodeID(2))) == ["1>2", "2>1"])
    #expect(ways(.fromClients(NodeID(3))) == ["*>3", "3>*"])
    #expect(ways(.fromNodes(NodeID(3))) == ["1>3", "2>3", "3>1", "3>2"])
    #expect(ways(.node(NodeID(3))) == ["*>3", "1>3", "2>3", "3>*", "3>1", "3>2"])
  }

  @Test func eachCutSaysWhatItIs() {
    let cuts: [NetworkCut] = [
      .node(NodeID(1)), .fromNodes(NodeID(1)), .fromClients(NodeID(1)),
      .pair(NodeID(1), NodeID(2)), .oneWay(from: NodeID(1), to: NodeID(2)),
    ]
    #expect(
      cuts.map(\.description) == [
        "n1 is cut off", "n1 is cut off from the other nodes", "n1 is cut off from clients",
        "n1 and n2 do not hear each other", "n2 does not hear n1",
      ]
    )
  }
}
