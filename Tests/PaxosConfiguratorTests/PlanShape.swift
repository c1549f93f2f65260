// Small layouts to plan from, in all the shapes that matter.
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSequencer
import CorfuStripeMirror

/// A small layout.
struct Shape: CustomStringConvertible {
  var stripes: UInt32
  var replicas: UInt32
  var spares: UInt32
  var hasHistory: Bool

  static let all: [Shape] = [1, 2].flatMap { stripes in
    [1, 2, 3].flatMap { replicas in
      [0, 1, 2].flatMap { spares in
        [false, true].map { hasHistory in
          Shape(stripes: stripes, replicas: replicas, spares: spares, hasHistory: hasHistory)
        }
      }
    }
  }

  /// Where the newest span begins, if there is an older one.
  static let cut: UInt64 = 40

  /// Units are numbered chain by chain; then come spares, then who is known of old spans only.
  var layout: Layout {
    let newest = (0..<stripes).map { stripe in (1...replicas).map { stripe * replicas + $0 } }
    var spans = [span(0, newest)]
    if hasHistory {
      // The first replica of the last chain was not there yet; somebody else was its head.
      var old = newest
      let former = stripes * replicas + spares + 1
      let last = old.count - 1
      old[last] = [former] + old[last].dropFirst()
      spans = [span(0, old), span(Self.cut, newest)]
    }
    let units = (1...stripes * replicas).map { unit($0) }
    return Layout(
      epoch: Epoch(7),
      firstTail: Position(hasHistory ? Self.cut : 0),
      spans: spans,
      sequencer: sequencer(100),
      acceptors: Array(units.prefix(units.count < 3 ? 1 : 3)),
      spares: (0..<spares).map { unit(stripes * replicas + 1 + $0) }
    )
  }

  func scene(dead: [UnitName] = [], leaving: Set<NodeID> = [], fresh: [UnitName] = []) -> PlanScene
  {
    let layout = layout
    let units = Set(layout.units + layout.spares + fresh).subtracting(dead)
    return PlanScene(
      layout: layout,
      sight: ClusterSight(
        units: units,
        fresh: fresh,
        sequencers: [sequencer(100), sequencer(101)]
      ),
      goal: ClusterGoal(
        replicas: Int(replicas),
        acceptors: layout.acceptors.count,
        leaving: leaving
      )
    )
  }

  var description: String { "\(stripes)×\(replicas)+\(spares)\(hasHistory ? ", two spans" : "")" }
}

let tail = Position(90)
