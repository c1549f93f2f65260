import CorfuGlobalLog
import CorfuSequencer
@testable import CorfuStages
import CorfuStripeMirror

// Layouts, and what stages keep beside their units.

extension FuzzTargets {
  static let units = (1...5).map { number in
    UnitName(node: NodeID(number), incarnation: Incarnation(high: 7, low: UInt64(number)))
  }

  static let opening = DiskOpening(count: 3, boot: BootID(high: 4, low: 5))

  static let plainLayout = Layout(
    epoch: Epoch(9),
    generation: 1,
    firstTail: Position(50),
    spans: [
      Span(begin: .zero, stripes: [Chain([units[0], units[1]]), Chain([units[2]])]),
      Span(begin: Position(20), stripes: [Chain([units[3], units[1]])]),
    ],
    sequencer: SequencerName(node: NodeID(6), boot: BootID(high: 1, low: 2)),
    acceptors: Array(units.prefix(3)),
    spares: [units[4]]
  )

  /// One with all that a layout may say.
  static let fullLayout: Layout = {
    var layout = plainLayout
    layout.losses = [LostRange(range: Position(3)..<Position(9), stripes: 2, stripe: 1)]
    layout.cuts = [Snapshot(epoch: Epoch(1), position: Position(2))]
    layout.openings = [units[0]: opening, units[4]: opening]
    return layout
  }()

  static let layouts: [FuzzTarget] = [
    FuzzTarget(
      "layout",
      files: ["StripeMirror/LayoutCoding.swift"],
      samples: [plainLayout.encoded(), fullLayout.encoded()],
      check: { bytes in
        do throws(LayoutError) {
          let layout = try Layout(decoding: bytes)
          try layout.validate()
          // Whatever a layout says is asked of it sooner or later.
          for position in [.zero, layout.firstTail, layout.lossEnd] as [Position] {
            _ = (layout.span(of: position), layout.isLost(position))
          }
          return .spelledOnce(layout.encoded(), as: bytes)
        } catch {
          return .refused
        }
      }
    ),
    FuzzTarget(
      "layout of a stage",
      files: ["Stages/MirrorFile.swift"],
      samples: [mirrorFile],
      seal: { sealEnd(&$0) },
      check: { bytes in
        guard let file = MirrorFile(bytes) else { return .refused }
        guard let again = MirrorFile(file.encoded()) else {
          return .broken("what was taken and written again is refused")
        }
        // Older versions had no boots.
        let isSame = again.shape == file.shape && again.members == file.members
        return isSame
          ? .comesBack(file.layout, as: again.layout) : .broken("\(file) comes back as \(again)")
      }
    ),
    FuzzTarget(
      "roster of a stage",
      files: ["Stages/ClusterRoster.swift"],
      samples: [roster],
      seal: { sealEnd(&$0) },
      check: { bytes in
        guard let roster = ClusterRoster(bytes) else { return .refused }
        let encoded = roster.encoded()
        if bytes[8] == encoded[8] { return .spelledOnce(encoded, as: bytes) }
        // The older version had fewer lists.
        guard let again = ClusterRoster(encoded) else { return .broken("\(roster) is refused") }
        return .comesBack(roster, as: again)
      }
    ),
  ]

  private static var mirrorFile: [UInt8] {
    var file = MirrorFile(
      shape: MirrorShape(stripes: 2, replicas: 2),
      members: Array(units.prefix(4)),
      layout: fullLayout
    )
    file.note(boots: [units[1]: 6])
    return file.encoded()
  }

  private static var roster: [UInt8] {
    var roster = ClusterRoster(stripes: 2, replicas: 2, spares: 1)
    roster.leaving = [NodeID(2), NodeID(3)]
    roster.returning = [NodeID(3)]
    roster.remaps = [NodeID(1)]
    roster.remapShare = 0.25
    return roster.encoded()
  }
}
