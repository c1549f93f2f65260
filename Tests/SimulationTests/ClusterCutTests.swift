// Goal: where a log was cut, what was before and what is since are told apart, and each is judged
// as strictly as a log that never was (R24). Method: small histories, one fault each, and the same
// without it.
import CorfuGlobalLog
@testable import CorfuSimulation
import Testing

struct ClusterCutTests {
  private func verdict(isCut: Bool = true, _ tell: (LossStory) -> Void) -> String? {
    LossStory.verdict(beyond: isCut, tell)
  }

  @Test("R24: positions that are handed out again begin anew, and whoever followed is told")
  func cut() {
    let nothing = verdict { story in
      let entry = story.append(at: 11)
      story.saw(entry, at: 11, in: 4)
      story.trim(11, in: 4)
      story.sawLoss(at: 10, following: true)
      story.saw(story.append(at: 11, in: 5), at: 11, in: 5)
    }
    #expect(nothing == nil)
    // Whoever does not follow the log has nothing to be told, and nobody is told of another place.
    for (position, isFollower) in [(10, false), (11, false), (11, true)] as [(UInt64, Bool)] {
      let told = verdict { $0.sawLoss(at: position, following: isFollower) }
      #expect(told?.contains("nobody gave it up") == true, "\(position)")
    }
    // What was trimmed since stays so, and what stands there since has one value.
    let trimmed = verdict { story in
      let entry = story.append(at: 11, in: 5)
      story.trim(11, in: 5)
      story.saw(entry, at: 11, in: 5)
    }
    #expect(trimmed?.hasPrefix("R20") == true)
    let two = verdict { story in
      story.saw(story.append(at: 11, in: 5), at: 11, in: 5)
      story.saw(story.append(at: nil, in: 5), at: 11, in: 5)
    }
    #expect(two?.hasPrefix("I1") == true)
    #expect(verdict(isCut: false) { $0.sawLoss(at: 10, following: true) }?.hasPrefix("R24") == true)
  }

  @Test("R24: an append counts from the epoch in which it was acknowledged, not asked for")
  func acknowledgements() {
    // It was asked for before, as all of these.
    for (epoch, isThere) in [(4, false), (5, true), (6, true)] as [(UInt64, Bool)] {
      let gone = verdict { story in
        story.append(at: 11, acknowledgedIn: epoch)
        story.saw(.empty, at: 11, in: 6)
      }
      #expect(gone?.hasPrefix("I2") ?? false == isThere, "\(epoch)")
      let other = verdict { story in
        story.append(at: 11, acknowledgedIn: epoch)
        story.saw(story.append(at: nil, in: 6), at: 11, in: 6)
      }
      #expect(other?.hasPrefix("I1") ?? false == isThere, "\(epoch)")
      // Nobody can promise what is known to be lost.
      let promise = verdict { $0.append(at: 1, acknowledgedIn: epoch) }
      #expect(promise?.hasPrefix("R24") ?? false == isThere, "\(epoch)")
      // The others' word counts for the place where it was written, and for no other.
      let moved = verdict { story in
        let entry = story.append(at: 11, acknowledgedIn: epoch)
        story.history.showed(entry, at: Position(13), in: Epoch(6))
        story.saw(.empty, at: 11, in: 6)
      }
      #expect(moved?.hasPrefix("I2") ?? false == isThere, "\(epoch)")
    }
  }

  @Test("I4, R19, I3: behind a cut order, tails and doubles are judged as anywhere else")
  func orderSince() {
    let good = verdict { story in
      story.append(at: 13)
      story.saw(tail: 14, in: 4)
      story.saw(tail: 10, in: 5)
      story.append(at: 10, in: 5)
      story.append(at: 11, in: 5)
      story.saw(tail: 12, in: 5)
    }
    #expect(good == nil)
    let order = verdict { story in
      story.append(at: 13, in: 5)
      story.append(at: 11, in: 5)
    }
    #expect(order?.hasPrefix("I4") == true)
    let tail = verdict { story in
      story.append(at: 11, in: 5)
      story.saw(tail: 10, in: 5)
    }
    #expect(tail?.hasPrefix("R19") == true)
    let short = verdict { story in
      story.append(at: 8)
      story.saw(tail: 8, in: 5)
    }
    #expect(short?.hasPrefix("R19") == true)
    let twice = verdict { story in
      let entry = story.append(at: 11, in: 5)
      story.saw(entry, at: 13, in: 5)
    }
    #expect(twice?.hasPrefix("I3") == true)
    // It stood there before, and was written again.
    let again = verdict { story in
      let entry = story.append(at: nil)
      story.saw(entry, at: 13, in: 4)
      story.saw(entry, at: 11, in: 5)
    }
    #expect(again == nil)
  }

  @Test("I9, R24: a subscription is the log from before a cut or since, never both")
  func lives() {
    /// Follows a log in which 11 and 13 had other entries before; 12 has been written since, too.
    func verdict(
      in epoch: UInt64 = 4,
      _ items: (LossStory, _ old: [Slot], _ new: [Slot]) -> KeyValuePairs<UInt64, Slot>
    ) -> String? {
      self.verdict { story in
        let old = [story.append(at: 11), story.append(at: 13)]
        let new = [
          story.append(at: 11, in: 5), story.append(at: 12, in: 5), story.append(at: 13, in: 5),
        ]
        story.follow(items(story, old, new).map { ($0.key, $0.value) }, in: epoch)
      }
    }
    #expect(verdict { _, old, _ in [11: old[0], 13: old[1]] } == nil)
    #expect(verdict { _, _, new in [11: new[0], 12: new[1], 13: new[2]] } == nil)
    #expect(verdict { _, old, _ in [11: old[0]] } == nil)
    let both = verdict { _, old, new in [11: old[0], 13: new[2]] }
    #expect(both?.hasPrefix("R24") == true)
    // Nothing is left out since.
    let gap = verdict { _, _, new in [11: new[0], 13: new[2]] }
    #expect(gap?.contains("never 12") == true)
    // Whoever began since has nothing from before, though it may not be known whose entry it is.
    let late = verdict(in: 5) { story, _, _ in [11: story.append(at: nil)] }
    #expect(late?.hasPrefix("I9") == true)
    #expect(verdict { story, _, _ in [11: story.append(at: nil)] } == nil)
  }

  @Test("R24: what stood behind the end that is left is gone, and on its chain only")
  func beyond() {
    let tell = { (story: LossStory) in
      let old = story.append(at: 11)
      story.saw(old, at: 11, in: 4)
      story.saw(story.append(at: 11, in: 5), at: 11, in: 5)
    }
    #expect(verdict(tell) == nil)
    #expect(verdict(isCut: false, tell)?.hasPrefix("I1") == true)
    let elsewhere = verdict { story in
      _ = story.append(at: 12)
      story.saw(.empty, at: 12, in: 5)
    }
    #expect(elsewhere?.hasPrefix("I2") == true)
  }
}
