import CorfuGlobalLog
public import CorfuSequencer
import CorfuSimulation

/// Leaves each wish as it came: it works, and it is dear.
public struct SingleWishes: WishGathering {
  /// Remembers nothing.
  public init() {}

  /// The same wishes.
  public func gathered(_ wishes: [Reservation]) -> [Reservation] {
    wishes
  }
}

/// The checks of exercise 2.5: any ``WishGathering``, on batches that a sequencer is asked for.
public struct WishGatheringChecks<Wishes: WishGathering>: Sendable {
  /// Checks for a way to gather wishes.
  public init() {}

  private typealias Promise = Invariant.Chapter2

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "2.5.1",
        Promise.batchOrder,
        often: "Only entries side by side share a token, those that write the same streams and the "
          + "same keys: 'writes' as a whole. And a token is for 'Token.countMax' at most."
      ) { seed throws(CheckFailure) in
        var random = SeededGenerator(seed: seed)
        // Now and then more than one token can hold.
        let isHuge = seed.isMultiple(of: 10)
        if isHuge { return try GatheredBatch<Wishes>(hugeOf: &random).run() }
        return try GatheredBatch<Wishes>(of: &random, share: 0).run()
      },
      Check(
        "2.5.2",
        Promise.refusedAlone,
        often: "Look at both: whoever shares must have no condition, and who is joined none "
          + "either. Two entries with the same condition are no exception."
      ) { seed throws(CheckFailure) in
        var random = SeededGenerator(seed: seed)
        return try GatheredBatch<Wishes>(of: &random, share: 0.5).run()
      },
      Check(
        "2.5.3",
        Promise.tokens,
        often: "A run of entries that write the same needs one token, however long it is: compare "
          + "each wish with the last of those that you return, and count that one up."
      ) { seed throws(CheckFailure) in
        var random = SeededGenerator(seed: seed)
        return try GatheredBatch<Wishes>(of: &random, share: 0.1).judgeCost()
      },
    ]
  }
}

/// The wishes of a batch, put to a sequencer.
private struct GatheredBatch<Wishes: WishGathering> {
  /// What each entry wants.
  private var wishes: [Reservation] = []

  /// A batch in which some entries have a condition.
  init(of random: inout SeededGenerator, share: Double) {
    let kinds: [[StreamKeys]] = [
      [], [Self.keys(1)], [Self.keys(1, [[7]])], [Self.keys(2)], [Self.keys(1), Self.keys(2)],
    ]
    let condition = CommitCondition(
      snapshot: Snapshot(epoch: Epoch(1), position: .zero),
      reads: [Self.keys(1)]
    )
    for _ in 0..<random.number(in: 2...8) {
      let writes = random.element(of: kinds) ?? []
      for _ in 0..<random.number(in: 1...6) {
        let isBound = random.chance(share)
        wishes.append(Reservation(writes: writes, condition: isBound ? condition : nil))
      }
    }
  }

  /// A batch of entries that all want the same, too many for one token.
  init(hugeOf random: inout SeededGenerator) {
    let count = Token.countMax + random.number(in: 1...100)
    wishes = Array(repeating: Reservation(writes: [Self.keys(1)]), count: count)
  }

  private static func keys(_ stream: UInt64, _ keys: [[UInt8]]? = nil) -> StreamKeys {
    StreamKeys(StreamID(stream), keys: keys)
  }

  private static var oftenCount: String {
    "All that is wanted stands in what you return, and nothing else: the counts add up to as many "
      + "as there are entries."
  }

  /// What somebody writes, in words.
  private static func told(_ writes: [StreamKeys]) -> String {
    let streams = writes.map { "s\($0.stream)" + ($0.keys == nil ? "" : " (one key)") }
    return streams.isEmpty ? "no stream" : streams.joined(separator: " and ")
  }

  private static func told(_ wish: Reservation) -> String {
    let condition = wish.condition == nil ? "" : ", on a condition"
    return "\(wish.count) for \(told(wish.writes))\(condition)"
  }

  /// Has a sequencer grant what is asked for, and looks who is given what.
  func run() throws(CheckFailure) -> CheckTrace {
    CheckTrace(events: try play(Wishes().gathered(wishes)))
  }

  private func play(_ asked: [Reservation]) throws(CheckFailure) -> [String] {
    let boot = BootID(high: 0, low: 1)
    var sequencer = Sequencer(serving: Reign(epoch: Epoch(1), boot: boot, firstTail: .zero))
    var events = ["a batch of \(wishes.count) entries"]
    var entry = 0
    for wish in asked {
      let token: Token
      do throws(SequencerRefusal) {
        token = try sequencer.reserve(wish.count, for: wish.streams, in: Epoch(1))
      } catch {
        events.append("c1 -> seq  \(Self.told(wish))  <- refused")
        throw CheckFailure("a token is for 1 to \(Token.countMax) positions", events: events)
      }
      let (first, end) = (token.first, token.positions.upperBound)
      events.append("c1 -> seq  \(Self.told(wish))  <- \(first)..<\(end)")
      for position in token.positions {
        guard entry < wishes.count else {
          let finding = "\(position) was asked for, and is for no entry"
          throw CheckFailure(finding, events: events, often: Self.oftenCount)
        }
        if let finding = problem(of: entry, in: wish, at: position) {
          throw CheckFailure(finding, events: events)
        }
        entry += 1
      }
    }
    guard entry == wishes.count else {
      let finding = "entry \(entry) of the batch has no position"
      throw CheckFailure(finding, events: events, often: Self.oftenCount)
    }
    return events
  }

  /// What is wrong with the position that an entry is given, if anything is.
  private func problem(of entry: Int, in wish: Reservation, at position: Position) -> String? {
    let own = wishes[entry]
    if own.writes != wish.writes {
      return "entry \(entry) writes \(Self.told(own.writes)), and \(position), which it is given, "
        + "was asked for \(Self.told(wish.writes))"
    }
    if wish.condition != nil, wish.count > 1 {
      return "\(wish.count) entries share a condition: refused to one, it is refused to all"
    }
    if own.condition != wish.condition {
      let has = own.condition == nil ? "no condition" : "a condition"
      return "entry \(entry) has \(has), and \(position) was asked for otherwise"
    }
    return nil
  }

  /// Looks how many tokens it took.
  func judgeCost() throws(CheckFailure) -> CheckTrace {
    let asked = Wishes().gathered(wishes)
    let events = try play(asked)
    // One at first, and another wherever an entry cannot share with the one before it.
    let turns = zip(wishes, wishes.dropFirst()).count { before, next in
      before.condition != nil || next.condition != nil || before.writes != next.writes
    }
    let cost = Cost(asked.count, budget: turns + 1, unit: "tokens")
    if !cost.isWithinBudget {
      throw CheckFailure("a batch of \(wishes.count) cost \(cost)", events: events)
    }
    var trace = CheckTrace(events: events)
    trace.cost = cost
    return trace
  }
}
