public import CorfuStripeMirror
import CorfuGlobalLog
import CorfuSimulation

/// The checks of exercise 3.2: any ``ChainWriting``, with others at the same position.
public struct ChainWritingChecks<Writer: ChainWriting>: Sendable {
  /// Checks for a writer.
  public init() {}

  private typealias Promise = Invariant.Chapter3
  private typealias Scenes = SceneChecks<Writer, ChainReader>

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    scenes + [
      Check(
        "3.2.5",
        Promise.stops,
        often: "What a later replica says is not compared. If it is your own value, a helper was "
          + "there before you; if it is another, nobody may be told that all is well."
      ) { seed throws(CheckFailure) in
        var story = WriterStory<Writer>(seed)
        return try story.judgeDisagreement()
      },
      Scenes().check(
        "3.2.6",
        Promise.failures,
        Scenes.Setting(lead: .writer, others: [.writer, .reader, .filler], replicasFail: true),
        often: "After the head said 'written', the value may stand, whatever goes wrong later. "
          + "Before that, it depends: 'isDefinite' of the error tells."
      ) { record throws(CheckFailure) in
        try record.judgeFailures()
        try record.judgeNothingLost()
      },
      Check(
        "3.2.7",
        Promise.price,
        often: "Values are written one by one, or those that are lost are carried on, or one that "
          + "is lost stops the others. Or a value that finds itself there is taken for lost: what "
          + "was there before must be compared, and if it is one's own it stands."
      ) { seed throws(CheckFailure) in
        var story = WriterStory<Writer>(seed)
        return try story.judgeBatch()
      },
      Check(
        "3.2.8",
        Promise.failures,
        often: "'refused' is judged like a request that failed: behind the head the value may "
          + "stand, whatever the error, since the head has it; at the head 'isDefinite' tells. And "
          + "one value that is refused does not stop the others."
      ) { seed throws(CheckFailure) in
        var story = WriterStory<Writer>(seed)
        return try story.judgeRefusal()
      },
    ]
      + SharedLogChecks(exercise: "3.2", first: 9) { clients, world, body in
        try await withMirroredLogs(WriterParts<Writer>.self, clients, in: world, body)
      }.checks
  }

  private var scenes: [Check] {
    let company: [ChainScene.Role] = [.writer, .reader, .filler]
    let setting = Scenes.Setting(lead: .writer, others: company, clientsDie: true)
    var withTrims = setting
    withTrims.others = [.reader, .filler, .trimmer]
    return [
      Scenes().check(
        "3.2.1",
        Promise.order,
        setting,
        often: "The replicas are written in the wrong order, or all at once. Write to one, wait "
          + "for "
          + "its answer, and only then to the next."
      ) { record throws(CheckFailure) in try record.judgeOrder() },
      Scenes().check(
        "3.2.2",
        Promise.oneValue,
        setting,
        often: "A writer that lost at the head goes on to the next replica all the same. Or a "
          + "value that finds itself there is taken for lost: what was there before must be "
          + "compared, and if it is one's own it stands."
      ) { record throws(CheckFailure) in try record.judgeOneValue() },
      Scenes().check(
        "3.2.3",
        Promise.kept,
        withTrims,
        often: "Success is reported before the tail has the value."
      ) { record throws(CheckFailure) in try record.judgeNothingLost() },
      Scenes().check(
        "3.2.4",
        Promise.losers,
        withTrims,
        often: "'Taken' by your own value is no defeat: a reader or filler has carried it on for "
          + "you."
      ) { record throws(CheckFailure) in try record.judgeLosers() },
    ]
  }
}

/// A writer alone on a chain that somebody has prepared.
private struct WriterStory<Writer: ChainWriting> {
  private var random: SeededGenerator
  private let count: Int
  private let world = World(seed: 1, eventsMax: 400)

  init(_ seed: UInt64) {
    random = SeededGenerator(seed: seed)
    count = random.number(in: 2...3)
  }

  /// Replicas with something on them, of which one may refuse what is written at some positions.
  private func replicas(
    _ slots: [[Position: Slot]],
    refusing: (place: Int, errors: [Position: LogError])? = nil
  ) -> [StillReplica] {
    slots.enumerated().map { index, slots in
      let name = UnitName(
        node: NodeID(UInt32(index + 1)),
        incarnation: Incarnation(high: 0, low: 0)
      )
      let errors = refusing?.place == index ? refusing?.errors : nil
      return StillReplica(name: name, slots: slots, damage: errors ?? [:]) {
        self.world.note("c1 -> \($0)")
      }
    }
  }

  private func write(
    _ values: [PlacedValue],
    to chain: [StillReplica]
  ) throws(CheckFailure) -> [ChainOutcome] {
    do {
      return try world.run(stepsMax: 10_000) { await Writer().write(values, to: chain) }
    } catch {
      throw CheckFailure(world: error)
    }
  }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: CheckTrace(world).events)
  }

  /// A later replica has another value than the head, which no writer could bring about.
  mutating func judgeDisagreement() throws(CheckFailure) -> CheckTrace {
    let place = random.number(in: 1...count - 1)
    let position = ChainScene.position
    let strange = random.chance(0.7) ? ChainScene.entry(of: 7) : .junk
    var slots = [[Position: Slot]](repeating: [:], count: count)
    slots[place][position] = strange
    world.note("before: n\(place + 1) has \(strange.owner) at \(position), n1 has nothing")
    let chain = replicas(slots)
    let outcomes = try write([PlacedValue(ChainScene.entry(of: 1), at: position)], to: chain)
    for outcome in outcomes { world.note("c1 is told: \(outcome.told)") }
    guard outcomes == [.inconsistent(found: strange, at: chain[place].name)] else {
      throw failure(
        "n\(place + 1) has another value than n1, which must not be: the outcome is "
          + "'inconsistent', "
          + "with what was found, and where"
      )
    }
    for index in chain.indices where index > place && chain[index].requests > 0 {
      throw failure("n\(index + 1) was written to, after n\(place + 1) had disagreed")
    }
    return CheckTrace(world)
  }

  /// A replica refuses one of two values, and knows that nothing was done, or does not.
  mutating func judgeRefusal() throws(CheckFailure) -> CheckTrace {
    let place = random.number(below: count)
    let error: LogError = random.chance(0.5) ? .outOfSpace : .failed(.powerOff)
    let position = ChainScene.position
    world.note(
      "before: n\(place + 1) will refuse at \(position), "
        + "\(error.isDefinite ? "definite" : "not definite"): \(error)"
    )
    let values = [
      PlacedValue(ChainScene.entry(of: 1), at: position),
      PlacedValue(ChainScene.entry(of: 2), at: position.advanced(by: 1)),
    ]
    let empty = [[Position: Slot]](repeating: [:], count: count)
    let chain = replicas(empty, refusing: (place: place, errors: [position: error]))
    let outcomes = try write(values, to: chain)
    guard outcomes.count == values.count else {
      throw failure("\(values.count) values got \(outcomes.count) outcomes")
    }
    // Behind the head it stands on the head, whatever was done here.
    let mayStand = place > 0 || !error.isDefinite
    let expected: [ChainOutcome] = [
      .failed(.log(chain[place].name, error), mayStand: mayStand), .complete,
    ]
    for (value, (outcome, right)) in zip(values, zip(outcomes, expected)) where outcome != right {
      throw failure(
        "\(value.value.owner) at \(value.position): right is '\(right.told)', and it was told "
          + "'\(outcome.told)'"
      )
    }
    for (index, replica) in chain.enumerated() {
      if index > place, replica.content[position] != nil {
        throw failure("what n\(place + 1) had refused was carried on to n\(index + 1)")
      }
      if replica.content[values[1].position] != values[1].value {
        throw failure("\(values[1].value.owner) is missing on n\(index + 1)")
      }
    }
    return CheckTrace(world)
  }

  /// A batch of which some positions are lost, some are trimmed, and some are a helper's work.
  mutating func judgeBatch() throws(CheckFailure) -> CheckTrace {
    var slots = [[Position: Slot]](repeating: [:], count: count)
    var values: [PlacedValue] = []
    var expected: [ChainOutcome] = []
    for number in 1...random.number(in: 3...6) {
      let position = Position(UInt64(number))
      let value = ChainScene.entry(of: number)
      values.append(PlacedValue(value, at: position))
      let obstacle: Slot = random.chance(0.5) ? .junk : ChainScene.entry(of: 90)
      switch random.number(below: 5) {
      case 0:
        slots[0][position] = obstacle
        expected.append(.lost(obstacle))
      case 1:
        slots[0][position] = .trimmed
        expected.append(.trimmed(afterHead: false))
      case 2:
        for index in 0..<random.number(in: 1...count) { slots[index][position] = value }
        expected.append(.complete)
      default: expected.append(.complete)
      }
    }
    for value in values {
      let known = slots[0][value.position] ?? .empty
      world.note("before: n1 has \(known.owner) at \(value.position)")
    }
    let chain = replicas(slots)
    let outcomes = try write(values, to: chain)
    guard outcomes.count == values.count else {
      throw failure("\(values.count) values got \(outcomes.count) outcomes")
    }
    for (value, (outcome, right)) in zip(values, zip(outcomes, expected)) where outcome != right {
      throw failure(
        "\(value.value.owner) at \(value.position) is \(right.told), and was told: \(outcome.told)"
      )
    }
    let going = expected.contains(.complete)
    for (index, replica) in chain.enumerated() {
      let right = index == 0 || going ? 1 : 0
      if replica.requests > right {
        throw failure(
          "n\(index + 1) got \(replica.requests) requests for one batch: \(right) would do"
        )
      }
      for (value, outcome) in zip(values, expected) {
        let stands = replica.content[value.position] == value.value
        if stands != (outcome == .complete) {
          throw failure(
            "\(value.value.owner) \(stands ? "stands" : "is missing") at \(value.position) "
              + "on n\(index + 1)"
          )
        }
      }
    }
    return CheckTrace(world)
  }
}
