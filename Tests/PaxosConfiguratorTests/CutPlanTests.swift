// Goal: a layout says so where the log may go on from an earlier place than it had come to, and
// never otherwise. Method: a chain is given up with the sequencer, or without; cuts one behind the
// other.
import CorfuGlobalLog
import CorfuPaxosConfigurator
import CorfuSequencer
import CorfuStripeMirror
import Testing

struct CutPlanTests {
  @Test(
    "R24: where neither a chain nor the sequencer can tell where the log ended, the layout says so"
  )
  func cut() throws {
    var scene = Shape(stripes: 2, replicas: 2, spares: 1, hasHistory: false)
      .scene(dead: [unit(1), unit(2)])
    scene.goal.lost = [unit(1), unit(2)]
    #expect(try scene.plan.layout(firstTail: tail).cuts == [])
    let next = try scene.plan.layout(firstTail: tail, isEndKnown: false)
    #expect(next.cuts == [Snapshot(epoch: next.epoch, position: tail)])
    // Though nothing is known to be lost.
    let short = try scene.plan.layout(firstTail: .zero, isEndKnown: false)
    #expect(short.losses == [] && short.cuts == [Snapshot(epoch: short.epoch, position: .zero)])
    #expect(try Layout(decoding: short.encoded()) == short)
    // It is remembered, whatever is trimmed: somebody may have seen more.
    scene = scene.after(next)
    scene.sight.units.insert(unit(5))
    let later = try scene.plan.layout(firstTail: tail, isEndKnown: false, trimMark: tail)
    #expect(later.cuts == next.cuts && later.losses == [])
    // Where a chain is left of each stripe nobody can have gone further.
    let whole = Shape(stripes: 2, replicas: 2, spares: 1, hasHistory: false).scene(dead: [unit(1)])
    #expect(try whole.plan.layout(firstTail: tail, isEndKnown: false).cuts == [])
  }

  @Test("R24: of two cuts the deeper one counts for whoever has seen all")
  func cutAgain() throws {
    let cuts = [(2, 10), (5, 20)].map { Snapshot(epoch: Epoch($0), position: Position($1)) }
    let seen = { (epoch: UInt64, position: UInt64) in
      Snapshot(epoch: Epoch(epoch), position: Position(position)).cut(in: cuts)
    }
    #expect(seen(1, 10) == nil && seen(1, 11) == cuts[0] && seen(1, 30) == cuts[0])
    #expect(seen(2, 20) == nil && seen(4, 21) == cuts[1] && seen(5, 99) == nil)
    var scene = Shape(stripes: 1, replicas: 1, spares: 1, hasHistory: false).scene(dead: [unit(1)])
    scene.goal.lost = [unit(1)]
    scene.layout.firstTail = Position(3)
    scene.layout.cuts = [
      Snapshot(epoch: .zero, position: Position(1)),
      Snapshot(epoch: Epoch(1), position: Position(3)),
    ]
    let next = try scene.plan.layout(firstTail: Position(3), isEndKnown: false)
    #expect(next.cuts.map(\.position) == [Position(1), Position(3)])
    #expect(next.cuts.last?.epoch == next.epoch)
    for bad in [
      [Snapshot(epoch: Epoch(99), position: .zero)],
      [Snapshot(epoch: .zero, position: Position(99))],
      [
        Snapshot(epoch: .zero, position: Position(2)),
        Snapshot(epoch: Epoch(1), position: Position(1)),
      ],
    ] {
      var layout = scene.layout
      layout.cuts = bad
      #expect(throws: LayoutError.self) { try layout.validate() }
    }
  }
}
