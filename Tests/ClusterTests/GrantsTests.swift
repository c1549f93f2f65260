// Goal: what was wished for and has come about, or can no longer, is wished for no more. Method:
// what a monitor sees, made up.
@testable import Corfu
@testable import CorfuCluster
import CorfuGlobalLog
import CorfuProtocol
import CorfuSequencer
import CorfuStripeMirror
import Testing

struct GrantsTests {
  @Test("R24: a disk that was declared lost, and came back in time, is like any other again")
  func lostAndFound() throws {
    let units = (1...3 as ClosedRange<UInt32>).map { number in
      UnitName(node: NodeID(number), incarnation: Incarnation(high: 0, low: UInt64(number)))
    }
    let layout = Layout.first(
      of: units,
      stripes: 1,
      replicas: 3,
      acceptors: 3,
      sequencer: SequencerName(node: NodeID(1), boot: BootID(high: 0, low: 7))
    )
    var membership = Membership(
      of: try #require(ClusterName("test")),
      members: [:],
      replicas: 3,
      acceptors: 3,
      stripes: 1,
      author: 1
    )
    membership.lost = [units[0], units[1]]
    var status = MonitorStatus(layout: layout)
    #expect(Grants(of: membership, status).isEmpty)
    // The second has another disk by now.
    status.look.statuses[NodeID(1)] = NodeStatus(
      unit: UnitStatus(incarnation: units[0].incarnation)
    )
    status.look.statuses[NodeID(2)] = NodeStatus(
      unit: UnitStatus(incarnation: Incarnation(high: 5, low: 5))
    )
    let grants = Grants(of: membership, status)
    #expect(grants.found == [units[0]] && !grants.isEmpty)
    grants.apply(to: &membership)
    #expect(membership.lost == [units[1]])
  }
}
