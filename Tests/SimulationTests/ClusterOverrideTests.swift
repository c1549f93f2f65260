// Goal: what an operator decides against the rules is judged, and a seed that brings nothing of the
// kind is not touched by it (R24). Method: small histories and courses of layouts, one fault each;
// plans of ten thousand seeds; a few whole runs.
import CorfuGlobalLog
import CorfuSequencer
@testable import CorfuSimulation
import CorfuStripeMirror
import Testing

struct ClusterOverrideTests {
  // MARK: - What was given up

  private func verdict(_ tell: (LossStory) -> Void) -> String? { LossStory.verdict(tell) }

  @Test("R24: what was given up is told to be lost, and nothing else there nor elsewhere")
  func losses() {
    let nothing = verdict { story in
      let entry = story.append(at: 1)
      story.sawLoss(at: 1)
      // Whoever knows of the old layout only may have asked before.
      story.saw(entry, at: 1, in: 4)
      story.saw(.junk, at: 1, in: 5, isFill: true)
      story.sawLoss(at: 1, in: 6)
      story.saw(story.append(at: 2), at: 2, in: 5)
    }
    #expect(nothing == nil)
    for slot in [Slot.empty, .junk] {
      let silent = verdict { story in
        _ = story.append(at: 1)
        story.saw(slot, at: 1, in: 5)
      }
      #expect(silent?.hasPrefix("R24") == true, "\(slot)")
    }
    let other = verdict { story in
      let entry = story.append(at: 1)
      story.saw(entry, at: 1, in: 5)
    }
    #expect(other?.hasPrefix("R24") == true)
    for (position, epoch) in [(2, 5), (11, 5), (1, 4)] as [(UInt64, UInt64)] {
      let violation = verdict { $0.sawLoss(at: position, in: epoch) }
      #expect(violation?.contains("nobody gave it up") == true, "\(position) in \(epoch)")
    }
  }

  @Test("R20: what was given up is lost until it is trimmed since, and trimmed then")
  func trims() {
    #expect(
      verdict { story in
        story.trim(1, in: 4)
        story.sawLoss(at: 1)
        story.trim(1, in: 5)
        story.saw(.trimmed, at: 1, in: 5)
      } == nil
    )
    let again = verdict { story in
      story.trim(1, in: 5)
      story.sawLoss(at: 1)
    }
    #expect(again?.hasPrefix("R20") == true)
    // Those of the other chain have heard of a prefix trim, and of no other; if there are any left.
    for (position, isKnown) in [(5, true), (7, false)] as [(UInt64, Bool)] {
      let prefix = verdict { story in
        story.trim(.zero..<Position(8), in: 4)
        story.sawLoss(at: position)
      }
      #expect(prefix?.hasPrefix("R20") ?? false == isKnown, "\(position)")
    }
    let unasked = verdict { $0.saw(.trimmed, at: 1, in: 5) }
    #expect(unasked?.contains("nobody trimmed it") == true)
  }

  @Test("I3: who was told nothing of an entry that was given up writes it again")
  func duplicates() {
    #expect(
      verdict { story in
        let entry = story.append(at: 12)
        story.saw(entry, at: 1, in: 4)
      } == nil
    )
    let twice = verdict { story in
      let entry = story.append(at: 1)
      story.saw(entry, at: 12, in: 5)
    }
    #expect(twice?.hasPrefix("I3") == true)
  }

  // MARK: - The course of layouts

  private static let units = (1...6).map { number in
    UnitName(node: NodeID(UInt32(number)), incarnation: Incarnation(high: 1, low: UInt64(number)))
  }

  /// Two chains of two, and two spares.
  private func layout(_ epoch: UInt64, generation: UInt64 = 0) -> Layout {
    var layout = Layout.first(
      of: Self.units,
      stripes: 2,
      replicas: 2,
      acceptors: 3,
      sequencer: SequencerName(node: NodeID(9), boot: BootID(high: 9, low: 9))
    )
    layout.epoch = Epoch(epoch)
    layout.generation = generation
    layout.firstTail = Position(8)
    return layout
  }

  /// The same, with a unit in place of the second chain.
  private func layoutWithoutOne(_ epoch: UInt64, losing stripe: Int = 1) -> Layout {
    var next = layout(epoch)
    next.spans[0].stripes[stripe] = Chain([Self.units[4]])
    let range = Position.zero..<Position(8)
    next.losses = [LostRange(range: range, stripes: 2, stripe: stripe)]
    return next
  }

  @Test("R24: a generation begins where most acceptors were lost, and the old one is over then")
  func generations() {
    let course = LayoutCourse()
    #expect(course.hear(layout(3)) == LayoutCourse.News())
    #expect(course.hear(layout(3)) == nil)
    #expect(course.hear(layout(1003, generation: 1))?.violation?.hasPrefix("R24") == true)
    for (epoch, generation, isGood) in [
      (1004, 1, true), (1003, 1, false), (1005, 1, false), (1004, 2, false), (5, 0, false),
    ] as [(UInt64, UInt64, Bool)] {
      let course = LayoutCourse()
      _ = course.hear(layout(4))
      course.lose(under: layout(4), isQuorumLost: true)
      let news = course.hear(layout(epoch, generation: generation))
      #expect(news?.isAppointed == isGood, "\(epoch) of \(generation)")
      #expect(news?.violation == nil ? isGood : !isGood, "\(epoch) of \(generation)")
      if !isGood { continue }
      #expect(course.hear(layout(1005, generation: 1)) == LayoutCourse.News())
      #expect(course.hear(layout(5))?.violation?.hasPrefix("R24") == true)
    }
  }

  @Test("R24: only what was declared lost is given up")
  func declarations() {
    let course = LayoutCourse()
    _ = course.hear(layout(4))
    #expect(course.hear(layoutWithoutOne(5))?.violation?.hasPrefix("R24") == true)
    for (stripe, isGood) in [(1, true), (0, false)] {
      let course = LayoutCourse()
      let base = layout(4)
      _ = course.hear(base)
      course.lose(under: base, isQuorumLost: false)
      course.declare(Set(base.spans[0].stripes[1].replicas))
      let news = course.hear(layoutWithoutOne(5, losing: stripe))
      #expect(news?.violation == nil ? isGood : !isGood, "stripe \(stripe)")
      if !isGood { continue }
      #expect(news?.losses.count == 1)
      #expect(news?.witnessed == [.zero..<Position.max])
      #expect(news?.beyond.first?.contains(Position(9)) == true)
      #expect(news?.beyond.first?.contains(Position(7)) == false)
      // The next one says the same; it is no news.
      #expect(course.hear(layoutWithoutOne(6)) == LayoutCourse.News())
      #expect(course.hear(layoutWithoutOne(7, losing: 0))?.violation?.hasPrefix("R24") == true)
    }
  }

  @Test("R27: an epoch has one layout")
  func doubles() {
    let course = LayoutCourse()
    _ = course.hear(layout(4))
    #expect(course.hear(layoutWithoutOne(4))?.violation?.hasPrefix("R27") == true)
    #expect(course.layout(before: Epoch(5)) == layout(4))
    #expect(course.layout(before: Epoch(4)) == nil)
  }

  // MARK: - Plans

  @Test("An override is drawn by few seeds, and by the same ones each time")
  func plans() {
    let seeds = 1...10_000 as ClosedRange<UInt64>
    let kinds = seeds.compactMap { OverridePlan(seed: $0, stage: 6, focus: nil)?.kind }
    #expect((200...400).contains(kinds.count { $0 == .lost }))
    #expect((200...400).contains(kinds.count { $0 == .appoint }))
    #expect(kinds == seeds.compactMap { OverridePlan(seed: $0, stage: 6, focus: nil)?.kind })
    let withObjects = seeds.compactMap { OverridePlan(seed: $0, stage: 7, focus: nil)?.kind }
    #expect((200...400).contains(withObjects.count { $0 == .lost }))
    #expect((200...400).contains(withObjects.count { $0 == .appoint }))
    #expect(!seeds.contains { OverridePlan(seed: $0, stage: 5, focus: nil) != nil })
    #expect(OverridePlan(seed: 1, stage: 6, focus: .votes)?.kind == nil)
  }

  @Test(
    "R24: a cluster whose operator goes against the rules stays one, and goes on",
    arguments: [ClusterFocus.losses, .appointments]
  )
  func runs(focus: ClusterFocus) {
    let fault = focus == .losses ? ClusterFault.lostChain : .lostAcceptors
    for seed in 1...6 as ClosedRange<UInt64> {
      let outcome = ClusterRun.run(seed: seed, stage: 6, focus: focus)
      #expect(outcome.failure == nil, "seed \(seed)")
      if outcome.faults[fault, default: 0] > 0 { return }
    }
    Issue.record("the disks were never lost: \(focus)")
  }
}
