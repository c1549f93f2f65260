// Goal: who looks after a cluster is told what does not go on, and what the next death would take.
// Method: layouts and what nodes say of themselves, made up, and the exact lines.
import CorfuClient
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
    troubles.halting + troubles.weakening + troubles.wishes + troubles.departed
  }

  /// A cluster of three of those nodes, with one stripe.
  private static func small() throws -> ClusterTroubles {
    var troubles = try Self.troubles()
    troubles.layout.spans = [Span(begin: .zero, stripes: [Chain([unit(1)])])]
    troubles.wanted?.stripes = 1
    for number in UInt32(4)...5 {
      troubles.wanted?.members[NodeID(number)] = nil
      troubles.look.statuses[NodeID(number)] = nil
    }
    return troubles
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
    troubles = try Self.small()
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
    var troubles = try Self.small()
    troubles.layout.spans = (0..<20).map { index in
      Span(begin: Position(UInt64(index) * 10), stripes: [Chain([Self.unit(1)])])
    }
    #expect(Self.lines(of: troubles).count == 7)
    #expect(Self.lines(of: troubles).last == "the same goes for 14 more; see 'layout'")
  }

  // MARK: - What people want

  @Test func moreStripesAreSaidUntilTheyAreThere() throws {
    var troubles = try Self.troubles()
    troubles.wanted?.stripes = 3
    let wish = "3 stripes are wanted, and there are 2: "
    let lacking =
      "that takes 2 nodes that stand by, and there are 0: 'corfu cluster add' takes in more"
    #expect(Self.lines(of: troubles) == [wish + lacking])
    // It is nothing amiss.
    #expect(HealthVerdict(of: troubles).state == .well)
    troubles.layout.spares = [Self.unit(6), Self.unit(7)]
    for number in UInt32(6)...7 {
      let unit = UnitStatus(incarnation: Self.unit(number).incarnation)
      troubles.look.statuses[NodeID(number)] = NodeStatus(unit: unit)
    }
    #expect(troubles.wishes == [wish + "they come next"])
    troubles.wanted?.isAutomatic = false
    #expect(troubles.wishes == [wish + "the monitors are off"])
    troubles.wanted?.stripes = 2
    #expect(troubles.wishes == [])
  }

  @Test func whoIsLeavingIsFollowedToTheEnd() throws {
    var troubles = try Self.troubles()
    troubles.wanted?.leaving = [NodeID(5)]
    #expect(Self.lines(of: troubles) == ["others are given what n5 has; it is removed then"])
    troubles.wanted?.returning = [NodeID(5)]
    let comesBack = "others are given what n5 has; it is emptied then, and stands by"
    #expect(Self.lines(of: troubles) == [comesBack])
    // The copies are made.
    troubles.layout.spans[1].stripes[0] = Chain([Self.unit(1), Self.unit(2)])
    #expect(Self.lines(of: troubles) == ["others have all that n5 has; it is emptied next"])
    troubles.wanted?.returning = []
    #expect(Self.lines(of: troubles) == ["others have all that n5 has; it is removed next"])
    // And it is a member no more.
    troubles.wanted?.leaving = []
    troubles.wanted?.members[NodeID(5)] = nil
    troubles.look.statuses[NodeID(5)]?.unit?.tail = Position(7)
    #expect(troubles.strangers == [NodeID(5)])
    #expect(
      Self.lines(of: troubles) == [
        "n5 was removed, and nothing of it is needed any more: its process can be stopped, and its "
          + "disk taken away"
      ]
    )
    #expect(HealthVerdict(of: troubles).state == .well)
    troubles.look.statuses[NodeID(5)] = nil
    #expect(Self.lines(of: troubles) == [])
  }

  @Test func newNodesAreToldApart() throws {
    var troubles = try Self.troubles()
    let unit = UnitStatus(incarnation: Self.unit(6).incarnation)
    troubles.look.statuses[NodeID(6)] = NodeStatus(unit: unit)
    #expect(Self.lines(of: troubles) == ["n6 is no member: 'corfu cluster add' takes it in"])
    troubles.wanted?.members[NodeID(6)] = NodeAddress("127.0.0.1:7006")
    #expect(Self.lines(of: troubles) == ["n6 is a member, and stands by next"])
    troubles.layout.spares = [Self.unit(6)]
    #expect(Self.lines(of: troubles) == [])
  }

  @Test("R29: a member's disk in the place of a stranger's is not to be taken away")
  func aStrangerHasTheDiskOfAMember() throws {
    var troubles = try Self.troubles()
    let unit = UnitStatus(incarnation: Self.unit(2).incarnation, tail: Position(7))
    troubles.look.statuses[NodeID(6)] = NodeStatus(unit: unit)
    let lines = Self.lines(of: troubles)
    #expect(lines.count == 1 && lines[0].hasPrefix("n6 has the disk of n2: "), "\(lines)")
  }

  @Test func whereNobodyKnowsWhoIsInTheClusterThatIsSaidFirst() throws {
    var troubles = try Self.troubles()
    troubles.wanted = nil
    #expect(Self.lines(of: troubles) == [])
    troubles.isForgotten = true
    #expect(HealthVerdict(of: troubles).state == .down)
    #expect(
      Self.lines(of: troubles) == [
        "none of these nodes knows who is in the cluster: name all with --connect; if none of them "
          + "knows it, 'corfu cluster init --again' writes it anew"
      ]
    )
  }
}
