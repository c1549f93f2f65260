public import CorfuGlobalLog

/// The checks of exercise 1.3: any ``AppendRace``, against a store where others are faster.
public struct AppendRaceChecks<Race: AppendRace>: Sendable {
  /// Checks for a race.
  public init() {}

  private typealias Promise = Invariant.Chapter1

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        1,
        Promise.found,
        often: "The positions returned are those that were asked for, whatever the store answered. "
          + "'written' says how many entries stand from the position you gave; no more do.",
        Self.judgeFound
      ),
      check(
        2,
        Promise.single,
        often: "After a lost race the whole batch is written again, although a part of it stands.",
        Self.judgeSingle
      ),
      check(
        3,
        Promise.batchOrder,
        often: "The entries are written at the same time, or the rest is taken from the wrong end.",
        Self.judgeBatchOrder
      ),
      check(
        4,
        Promise.timeOrder,
        often: "The race begins at a position that was looked up for an earlier append.",
        Self.judgeTimeOrder
      ),
      check(
        5,
        Promise.dense,
        often:
          "After a lost race more than one position is skipped: only one is known to be taken.",
        Self.judgeDense
      ),
      check(
        6,
        Promise.lostRaces,
        often: "A write that found an obstacle is a lost race; nothing else is.",
        Self.judgeLostRaces
      ),
      check(
        7,
        Promise.failures,
        trouble: .fails,
        often: "An error is caught, and the race goes on. Pass on what the store throws.",
        Self.judgeFailures
      ),
      check(
        8,
        Promise.lostRaces,
        trouble: .cutsShort,
        often: "A run that was cut short, with nothing in its way, is no lost race: nobody has "
          + "taken the next position. Offer the rest right there.",
        Self.judgeShortRuns
      ),
    ] + SharedLogChecks(exercise: "1.3", first: 9, open: Self.withLogs).checks
  }

  private func check(
    _ number: Int,
    _ invariant: Invariant,
    trouble: RaceTrouble? = nil,
    often: String,
    _ judge: @escaping @Sendable (RaceRecord) throws(CheckFailure) -> Void
  ) -> Check {
    Check("1.3.\(number)", invariant, often: often) { seed throws(CheckFailure) in
      let record = try RaceRecord.run(Race.self, seed: seed, trouble: trouble)
      try judge(record)
      return record.trace
    }
  }
}

// Each judge looks at the same race from one side, and says nothing of the others.
extension AppendRaceChecks {
  @Sendable private static func judgeFound(_ record: RaceRecord) throws(CheckFailure) {
    for append in record.appends {
      guard case .success(let result) = append.result else {
        throw record.failure("\(append.name) threw an error that the store never gave")
      }
      guard result.positions.count == append.entries.count else {
        throw record.failure(
          "\(append.name) gave \(append.entries.count.of("entry", "entries")) and got "
            + result.positions.count.of("position", "positions"),
          often: "The race must go on until there is a position for each entry, and then stop."
        )
      }
      for (entry, position) in zip(append.entries, result.positions) {
        let slot = record.log.read(position)
        guard slot == .data(entry) else {
          throw record.failure(
            "\(append.name) was told that \(entry.mark.name) stands at \(position), "
              + "but there stands \(slot.owner)"
          )
        }
      }
    }
  }

  @Sendable private static func judgeSingle(_ record: RaceRecord) throws(CheckFailure) {
    var places: [EntryMark: Position] = [:]
    for position in Position.zero..<record.log.tail {
      guard case .data(let entry) = record.log.read(position) else { continue }
      if let other = places[entry.mark] {
        throw record.failure("\(entry.mark.name) stands at \(other) and again at \(position)")
      }
      places[entry.mark] = position
    }
  }

  @Sendable private static func judgeBatchOrder(_ record: RaceRecord) throws(CheckFailure) {
    var last: [UInt64: EntryMark] = [:]
    var seen: Set<EntryMark> = []
    for position in Position.zero..<record.log.tail {
      guard case .data(let entry) = record.log.read(position) else { continue }
      // A racer appends one batch after the other, so its entries stand in the order of their
      // numbers.
      if let before = last[entry.mark.client.low], before.sequence > entry.mark.sequence {
        throw record.failure(
          "\(entry.mark.name) stands behind \(before.name), at \(position)",
          often: seen.contains(entry.mark)
            ? "It stands there for the second time, which is what 1.3.2 is about." : nil
        )
      }
      last[entry.mark.client.low] = entry.mark
      seen.insert(entry.mark)
    }
    for append in record.appends {
      for (one, next) in zip(append.positions, append.positions.dropFirst()) where one >= next {
        throw record.failure("\(append.name) was told \(one), then \(next): they must increase")
      }
    }
  }

  @Sendable private static func judgeTimeOrder(_ record: RaceRecord) throws(CheckFailure) {
    for append in record.appends {
      let tail = Position(UInt64(append.entriesAtBegin))
      if let first = append.positions.first, first < tail {
        throw record.failure(
          "when \(append.name) began, the log reached to \(tail); its entry stands at \(first)"
        )
      }
      for earlier in record.appends where earlier.ended < append.began {
        guard let last = earlier.positions.last, let first = append.positions.first else {
          continue
        }
        if last >= first {
          throw record.failure(
            "\(append.name) began after \(earlier.name) had \(last), and got \(first)",
            often: last == first
              ? "Both were told the same position, and one did not win it: see 1.3.1." : nil
          )
        }
      }
    }
  }

  @Sendable private static func judgeDense(_ record: RaceRecord) throws(CheckFailure) {
    for position in Position.zero..<record.log.tail where record.log.read(position) == .empty {
      throw record.failure(
        "position \(position) is empty, though the log reaches to \(record.log.tail): "
          + "a reader would wait there for ever"
      )
    }
  }

  /// Whether an append counted the races that it lost, and nothing else.
  private static func judgeCount(
    _ append: RaceRecord.Append,
    _ record: RaceRecord
  ) throws(CheckFailure) {
    let losses = append.counts.losses
    if case .success(let result) = append.result, result.lostRaces != losses {
      throw record.failure(
        "\(append.name) met \(losses.of("taken position", "taken positions")) and counted "
          + "\(result.lostRaces)"
      )
    }
  }

  @Sendable private static func judgeShortRuns(_ record: RaceRecord) throws(CheckFailure) {
    for append in record.appends { try judgeCount(append, record) }
    try judgeDense(record)
  }

  @Sendable private static func judgeLostRaces(_ record: RaceRecord) throws(CheckFailure) {
    for append in record.appends {
      let counts = append.counts
      try judgeCount(append, record)
      if counts.writes > counts.losses + 1 {
        throw record.failure(
          "\(append.name) wrote \(counts.writes) times and lost "
            + "\(counts.losses.of("race", "races")): \(counts.losses + 1) would do",
          often: "Entries are written one by one. Offer all that are left in one write: each write "
            + "costs a sync of the disk."
        )
      }
      if counts.looks > counts.losses + 1 {
        throw record.failure(
          "\(append.name) asked for the tail \(counts.looks) times and lost "
            + counts.losses.of("race", "races"),
          often: "The tail is asked for where it is known: behind what was just written."
        )
      }
      let others = append.entriesAtEnd - append.entriesAtBegin - append.positions.count
      if counts.losses > max(0, others) {
        throw record.failure(
          "\(append.name) tried \(counts.losses.of("taken position", "taken positions")), though "
            + "others wrote only \(max(0, others).of("entry", "entries")) meanwhile: "
            + "it began before the tail",
          often: "The next try begins at a position that is known to be taken. Go on behind what "
            + "was written, and one further if somebody stood in the way."
        )
      }
    }
  }

  @Sendable private static func judgeFailures(_ record: RaceRecord) throws(CheckFailure) {
    for append in record.appends {
      switch append.result {
      case .success where append.counts.hasFailed:
        throw record.failure(
          "the store failed under \(append.name), who was told that all is well"
        )
      case .success(let result) where result.positions.count < append.entries.count:
        throw record.failure(
          "\(append.name) was told that all is well, with "
            + "\(result.positions.count.of("position", "positions")) for "
            + append.entries.count.of("entry", "entries"),
          often: "A run that was cut short, with nothing in its way, is taken for done. Offer the "
            + "rest again: the store will say what is wrong."
        )
      case .failure(let error) where !append.counts.hasFailed || error != record.storeError:
        throw record.failure("\(append.name) threw an error that is not the store's: \(error)")
      case .success, .failure: break
      }
      if append.counts.afterFailure > 0 {
        throw record.failure("\(append.name) went on asking the store after it had failed")
      }
    }
  }
}

extension Int {
  /// `1 entry`, `2 entries`.
  func of(_ one: String, _ many: String) -> String {
    "\(self) \(self == 1 ? one : many)"
  }
}
