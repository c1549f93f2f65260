// Goal: chapter 2's checks pass the reference and catch a wrong sequencer, with a story.
// Method: seeds on both; the course's mutants try many more mistakes (`course verify`).
import CorfuChecks
import CorfuGlobalLog
import CorfuSequencer
import Testing

@Suite struct SequencerChecksTests {
  @Test("The reference passes", arguments: SequencerChecks<Sequencer>().checks.map(\.id))
  func reference(id: String) throws {
    for check in SequencerChecks<Sequencer>().checks where check.id == id {
      try check.run(seeds: 1..<40)
    }
  }

  @Test("A seed gives the same trace twice")
  func repeats() throws {
    for check in SequencerChecks<Sequencer>().checks {
      #expect(try check.run(seed: 7) == check.run(seed: 7))
    }
  }

  @Test("A sequencer that begins anew after a restart is told so")
  func forgetful() throws {
    let checks = SequencerChecks<ForgetfulSequencer>().checks
    let check = try #require(checks.first { $0.id == "2.3.1" })
    do {
      try check.run(seeds: 1..<40)
      Issue.record("it was not caught")
    } catch {
      let story = error.story(of: check)
      #expect(
        story.contains("2.3.1  FAIL   I2.3 no position is issued twice, even after a restart")
      )
      #expect(story.contains("was to begin at 0"))
      #expect(story.contains("Often: The new sequencer starts at 0"))
    }
    // The counter alone is right.
    for check in checks where check.exercise == "2.1" { try check.run(seeds: 1..<40) }
    // Whoever is asked says something else.
    let end = try #require(checks.first { $0.id == "2.3.5" })
    #expect(throws: SeedFailure.self) { try end.run(seeds: 1..<40) }
  }

  @Test("A sequencer that begins a reign without the streams is told so")
  func streamless() throws {
    let checks = SequencerChecks<StreamlessSequencer>().checks
    let check = try #require(checks.first { $0.id == "2.3.6" })
    do {
      try check.run(seeds: 1..<40)
      Issue.record("it was not caught")
    } catch {
      #expect(error.failure.finding.contains("the sequencer says it is unknown"))
    }
    // All else is right.
    for check in checks where check.id == "2.3.1" || check.id == "2.3.5" {
      try check.run(seeds: 1..<40)
    }
  }

  /// The checks of exercise 2.5 that fail.
  private func failing<Wishes: WishGathering>(_: Wishes.Type) -> [String] {
    // Whether it fails is all that is asked.
    WishGatheringChecks<Wishes>().checks.filter { (try? $0.run(seeds: 1..<30)) == nil }.map(\.id)
  }

  @Test("A batch that is asked for entry by entry is right, and over the budget")
  func dearWishesAreCaught() {
    #expect(failing(WishRuns.self) == [])
    #expect(failing(SingleWishes.self) == ["2.5.3"])
    #expect(failing(SortedWishes.self) == ["2.5.1", "2.5.2", "2.5.3"])
  }

  @Test("What a batch cost is told, and is the budget with our own runs; a seed repeats")
  func costsAreTold() throws {
    let check = try #require(WishGatheringChecks<WishRuns>().checks.last)
    var costs: [Cost] = []
    try check.run(seeds: 1..<31, onCost: { costs.append($0) })
    #expect(costs.count == 30)
    #expect(costs.allSatisfy { $0.count == $0.budget && $0.isWithinBudget })
    #expect(try check.run(seed: 7) == check.run(seed: 7))
  }
}

/// Puts together what is alike, wherever it stands.
private struct SortedWishes: WishGathering {
  func gathered(_ wishes: [Reservation]) -> [Reservation] {
    var kinds: [Reservation] = []
    for wish in wishes {
      if let index = kinds.firstIndex(where: { $0.writes == wish.writes }) {
        kinds[index].count += 1
      } else {
        kinds.append(wish)
      }
    }
    return kinds
  }
}

/// A sequencer that does as the right one does, but for what it does itself.
private protocol NearlyRight: TokenSource {
  var right: Sequencer { get set }

  init(right: Sequencer)
}

extension NearlyRight {
  init(boot: BootID, streamsMax: Int) {
    self.init(right: Sequencer(boot: boot, streamsMax: streamsMax))
  }

  init(serving reign: Reign, streamsMax: Int) {
    self.init(right: Sequencer(serving: reign, streamsMax: streamsMax))
  }

  mutating func reserve(
    _ count: Int,
    for streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> Token {
    try right.reserve(count, for: streams, in: epoch)
  }

  func tail(in epoch: Epoch) throws(SequencerRefusal) -> Position { try right.tail(in: epoch) }

  func streamTails(
    of streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> [StreamLink] {
    try right.streamTails(of: streams, in: epoch)
  }

  mutating func install(_ reign: Reign) throws(SequencerRefusal) { try right.install(reign) }

  mutating func seal(_ epoch: Epoch) -> Position? { right.seal(epoch) }

  static func firstTail(after end: ReignEnd) -> Position { Sequencer.firstTail(after: end) }
}

/// Begins every reign without knowing where the streams end.
private struct StreamlessSequencer: NearlyRight {
  var right: Sequencer

  mutating func install(_ reign: Reign) throws(SequencerRefusal) {
    try right.install(Reign(epoch: reign.epoch, boot: reign.boot, firstTail: reign.firstTail))
  }
}

/// Begins every reign at 0.
private struct ForgetfulSequencer: NearlyRight {
  var right: Sequencer

  static func firstTail(after end: ReignEnd) -> Position { .zero }
}
