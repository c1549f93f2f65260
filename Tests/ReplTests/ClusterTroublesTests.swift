// Goal: who looks after a cluster is told what does not go on, and what the next death would take.
// Method: layouts and what nodes say of themselves, made up, and the exact lines.
import Corfu
import CorfuGlobalLog
import CorfuProtocol
@testable import CorfuRepl
import CorfuSequencer
import CorfuStripeMirror
import Testing

@Suite struct ClusterTroublesTests {
  private static func unit(_ number: UInt32) -> UnitName {
    UnitName(node: NodeID(number), incarnation: Incarnation(high: 0, low: UInt64(number)))
  }

  /// A cluster of five disks whose stripe 0 was mended at position 100; all answer.
  private static func troubles() throws -> ClusterTroubles {
    let (one, two, three, four) = (unit(1), unit(2), unit(3), unit(4))
    let boot = BootID(high: 0, low: 7)
    let layout = Layout(
      epoch: Epoch(2),
      firstTail: Position(100),
      spans: [
        Span(begin: .zero, stripes: [Chain([one, two]), Chain([three, four])]),
        Span(begin: Position(100), stripes: [Chain([one, unit(5)]), Chain([three, four])]),
      ],
      sequencer: SequencerName(node: NodeID(1), boot: boot),
      acceptors: [one, two, three]
    )
    var statuses: [NodeID: NodeStatus] = [:]
    for number in UInt32(1)...5 {
      statuses[NodeID(number)] = NodeStatus(
        unit: UnitStatus(incarnation: unit(number).incarnation),
        sequencer: number == 1 ? SequencerStatus(boot: boot) : nil
      )
    }
    let address = try #require(NodeAddress("127.0.0.1:7000"))
    let wanted = Membership(
      of: try #require(ClusterName("test")),
      members: Dictionary(uniqueKeysWithValues: (UInt32(1)...5).map { (NodeID($0), address) }),
      replicas: 2,
      acceptors: 3,
      stripes: 2,
      author: 1
    )
    return ClusterTroubles(layout: layout, look: ClusterLook(statuses), wanted: wanted)
  }

  /// All that is said, the worst first.
  private static func lines(of troubles: ClusterTroubles) -> [String] {
    troubles.halting + troubles.weakening + troubles.wishes
  }

  @Test func whereAllIsWellThereIsNothingToSay() throws {
    #expect(try Self.lines(of: Self.troubles()) == [])
  }

  @Test("R29: a disk in another's place is said, since nobody empties it")
  func foldersAreMixedUp() throws {
    var troubles = try Self.troubles()
    troubles.look.statuses[NodeID(5)]?.unit?.incarnation = Self.unit(2).incarnation
    let line =
      "n5 has the disk of n2: put the folders back in their places. If n2 has "
      + "it as well, start n5 with an empty one"
    #expect(Self.lines(of: troubles).contains(line), "\(Self.lines(of: troubles))")
  }

  @Test func aCopyThatIsMissingIsSaid() throws {
    var troubles = try Self.troubles()
    troubles.layout.spans[0].stripes[0] = Chain([Self.unit(1)])
    let begin = "n1 alone has stripe 0 of 0...99, and 2 disks should: "
    #expect(Self.lines(of: troubles) == [begin + "a copy is under way, or comes next"])
    troubles.wanted = nil
    #expect(Self.lines(of: troubles) == [begin + "a copy is under way, or comes next"])
    troubles = try Self.troubles()
    troubles.layout.spans = [Span(begin: .zero, stripes: [Chain([Self.unit(1)])])]
    #expect(
      Self.lines(of: troubles) == [
        "n1 alone has 0..., and 2 disks should: no disk is free for a copy: 'corfu cluster add' "
          + "takes in another node"
      ]
    )
    troubles.wanted?.isAutomatic = false
    #expect(
      Self.lines(of: troubles) == [
        "n1 alone has 0..., and 2 disks should: no copy is made while the monitors are off",
        "the monitors leave what breaks as it is: 'corfu cluster monitors on' ends that",
      ]
    )
  }

  @Test func whatDoesNotGoOnIsSaidFirst() throws {
    var troubles = try Self.troubles()
    for number in UInt32(1)...2 { troubles.look.statuses[NodeID(number)] = nil }
    #expect(
      Self.lines(of: troubles) == [
        "stripe 0 of 0...99 can be neither read nor written: of its disks none is there (n1, n2): "
          + "start one of them; 'corfu cluster lost' gives up disks that are gone for good",
        "nobody hands out positions: n1 is silent",
        "the layout cannot be changed without most acceptors (1 of 3 answer): start n1, n2, or "
          + "'corfu cluster appoint' if they are lost for good",
        "n1, n2 do not answer, and nobody stands by: start them, or 'corfu cluster add' takes in "
          + "another node",
      ]
    )
  }

  @Test func aDiskThatFailedIsSaid() throws {
    var troubles = try Self.troubles()
    troubles.look.statuses[NodeID(4)]?.unit?.hasFailed = true
    troubles.look.statuses[NodeID(3)]?.unit?.damage = [Position(3)]
    #expect(Self.lines(of: troubles) == ["n3 has damaged entries", "the disk of n4 has failed"])
  }

  @Test func aDiskThatIsFullIsSaid() throws {
    var troubles = try Self.troubles()
    troubles.look.statuses[NodeID(3)]?.unit?.room = .short(bytes: 300 << 20)
    #expect(HealthVerdict(of: troubles).state == .degraded)
    troubles.look.statuses[NodeID(2)]?.unit?.room = .full
    #expect(HealthVerdict(of: troubles).state == .degraded)
    #expect(
      Self.lines(of: troubles) == [
        "the disk of n2 is full: entries are refused until there is room; trim what is not needed, "
          + "or make room on it",
        "the disk of n3 is nearly full: 300 MiB are left; trim what is not needed, or make room on "
          + "it",
      ]
    )
  }

  @Test("Appends stop when no stripe has all its disks, though each has one")
  func appendsThatAreBlockedAreSaid() throws {
    var troubles = try Self.troubles()
    troubles.look.statuses[NodeID(5)]?.unit?.room = .full
    #expect(HealthVerdict(of: troubles).state == .degraded)
    troubles.look.statuses[NodeID(4)] = nil
    let down = HealthVerdict(of: troubles)
    #expect(down.state == .down)
    let line =
      "nothing can be appended: n4, n5 take no entries, and each stripe needs all its disks"
    #expect(down.reasons.first == line)
    // One that waits to be let in serves nobody either.
    troubles = try Self.troubles()
    troubles.layout.spans = [Span(begin: .zero, stripes: [Chain([Self.unit(1), Self.unit(2)])])]
    troubles.look.statuses[NodeID(2)]?.unit?.admission = .waits
    #expect(
      HealthVerdict(of: troubles).reasons.first
        == "nothing can be appended: n2 takes no entries, and each stripe needs all its disks"
    )
  }

  @Test func theVerdictIsTheWorstThatIsSo() throws {
    var troubles = try Self.troubles()
    #expect(HealthVerdict(of: troubles).state == .well)
    #expect(HealthVerdict(of: troubles).headline == "all is well")
    // What people have asked for is nothing amiss.
    troubles.wanted?.leaving = [NodeID(2)]
    #expect(HealthVerdict(of: troubles).state == .well)
    troubles.wanted?.leaving = []
    troubles.layout.spares = [Self.unit(2)]
    troubles.look.statuses[NodeID(4)] = nil
    #expect(
      HealthVerdict(of: troubles).headline
        == "degraded: n4 does not answer: start it, or 'corfu cluster remove n4' lets it go for "
        + "good"
    )
    troubles.wanted?.isAutomatic = false
    let degraded = HealthVerdict(of: troubles)
    #expect(degraded.state == .degraded && degraded.reasons.count == 2)
    #expect(degraded.headline.hasSuffix("(and 1 more, below)"))
    troubles.look.statuses[NodeID(1)] = nil
    let down = HealthVerdict(of: troubles)
    #expect(down.state == .down)
    #expect(down.headline.hasPrefix("down: nobody hands out positions: n1 is silent (and "))
  }

  @Test func noMoreIsSaidThanSomebodyReads() throws {
    var troubles = try Self.troubles()
    troubles.layout.spans = (0..<20).map { index in
      Span(begin: Position(UInt64(index) * 10), stripes: [Chain([Self.unit(1)])])
    }
    #expect(Self.lines(of: troubles).count == 7)
    #expect(Self.lines(of: troubles).last == "the same goes for 14 more; see 'layout'")
  }
}
