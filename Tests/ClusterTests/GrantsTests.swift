// Goal: what was wished for and has come about, or can no longer, is wished for no more. Method:
// what a monitor sees, made up.
@testable import CorfuClient
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
    // Whoever answered when the monitor last looked may have died since.
    #expect(Grants.confirmed(of: membership, status, by: ClusterLook())?.isEmpty == true)
    let grants = try #require(Grants.confirmed(of: membership, status, by: status.look))
    #expect(grants.found == [units[0]] && !grants.isEmpty)
    grants.apply(to: &membership)
    #expect(membership.lost == [units[1]])
    // And a layout that another has replaced tells of nothing.
    var look = status.look
    look.statuses[NodeID(3)] = NodeStatus(
      unit: UnitStatus(incarnation: units[2].incarnation),
      newest: LayoutID(epoch: Epoch(2), hash: 7)
    )
    #expect(Grants.confirmed(of: membership, status, by: look) == nil)
  }
}
