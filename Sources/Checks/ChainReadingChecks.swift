public import CorfuStripeMirror
import CorfuGlobalLog
import CorfuSimulation

/// The checks of exercise 3.3: any ``ChainReading``, where entries are left half-written.
public struct ChainReadingChecks<Reader: ChainReading>: Sendable {
  /// Checks for a reader.
  public init() {}

  private typealias Promise = Invariant.Chapter3
  private typealias Scenes = SceneChecks<ChainWriter, Reader>

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    let company: [ChainScene.Role] = [.writer, .reader, .filler]
    let setting = Scenes.Setting(lead: .reader, others: company, clientsDie: true)
    var trims = setting
    trims.others = [.trimmer]
    return [
      Check(
        "3.3.1",
        Promise.finished,
        often: "What the tail lacks may stand on the head. Look there, write it down the chain "
          + "with "
          + "'writer', and then return it."
      ) { seed throws(CheckFailure) in
        var story = ReaderStory<Reader>(seed)
        return try story.judgeHalves()
      },
      Scenes().check(
        "3.3.2",
        Promise.kept,
        setting,
        often: "The head's value is returned before the tail has it. If the head's disk burns now, "
          + "nobody else will ever see what you saw."
      ) { record throws(CheckFailure) in try record.judgeNothingLost() },
      Scenes().check(
        "3.3.3",
        Promise.seen,
        trims,
        often: "What only the head has, an entry or a trim, was returned before the tail has it. "
          + "Call 'finish' first."
      ) { record throws(CheckFailure) in
        try record.judgeReaders()
        try record.judgeOneValue()
        try record.judgeNothingLost()
      },
      Check(
        "3.3.4",
        Promise.price,
        often: "The head is asked even where the tail has everything, or positions are asked for "
          + "one by one. On a chain of one replica the tail is the head, and was asked already."
      ) { seed throws(CheckFailure) in
        var story = ReaderStory<Reader>(seed)
        return try story.judgePrice()
      },
      Check(
        "3.3.5",
        Promise.damage,
        often: "An error of the tail, or of the head, is not 'empty'. Pass it on; the client "
          + "knows whom else to ask."
      ) { seed throws(CheckFailure) in
        var story = ReaderStory<Reader>(seed)
        return try story.judgeDamage()
      },
    ]
      + SharedLogChecks(exercise: "3.3", first: 6) { clients, world, body in
        try await withMirroredLogs(ReaderParts<Reader>.self, clients, in: world, body)
      }.checks
  }
}

/// A reader alone on a chain that somebody has prepared.
private struct ReaderStory<Reader: ChainReading> {
  private var random: SeededGenerator
  private let count: Int
  private let world = World(seed: 1, eventsMax: 400)

  init(_ seed: UInt64) {
    random = SeededGenerator(seed: seed)
    count = random.number(in: 2...3)
  }

  private func replica(
    _ index: Int,
    _ slots: [Position: Slot],
    _ damage: [Position: LogError] = [:]
  ) -> StillReplica {
    let name = UnitName(
      node: NodeID(UInt32(index + 1)),
      incarnation: Incarnation(high: 0, low: 0)
    )
    return StillReplica(name: name, slots: slots, damage: damage) { self.world.note("c1 -> \($0)") }
  }

  private func read(
    _ positions: [Position],
    from chain: [StillReplica]
  ) throws(CheckFailure) -> [Result<Slot, LogError>] {
    let slots: [Result<Slot, LogError>]
    do {
      slots = try world.run(stepsMax: 10_000) {
        try await Reader().read(positions, from: chain, completingBy: ChainWriter())
      }
    } catch {
      var failure = CheckFailure(world: error)
      if case .threw = error.reason {
        failure.often =
          "What the head has at one position was written down the chain at another: its answers "
          + "stand in the order of the positions that it was asked for, and those are not all."
      }
      throw failure
    }
    guard slots.count == positions.count else {
      throw failure("\(positions.count) positions were read, and \(slots.count) slots returned")
    }
    return slots
  }

  private func failure(_ finding: String, often: String? = nil) -> CheckFailure {
    CheckFailure(finding, events: CheckTrace(world).events, often: often)
  }

  /// Positions of which some are complete, some half-written, and some empty.
  mutating func judgeHalves() throws(CheckFailure) -> CheckTrace {
    var slots = [[Position: Slot]](repeating: [:], count: count)
    var positions: [Position] = []
    for number in 1...random.number(in: 1...5) {
      let position = Position(UInt64(number))
      positions.append(position)
      let value: Slot = random.chance(0.3) ? .junk : ChainScene.entry(of: number)
      let reached = random.number(in: 0...count)
      for index in 0..<reached { slots[index][position] = value }
      world.note("before: \(value.owner) stands on \(reached) of \(count) replicas at \(position)")
    }
    let chain = slots.enumerated().map { replica($0, $1) }
    let found = try read(positions, from: chain)
    for (index, replica) in chain.enumerated() {
      guard let position = replica.emptyWritten else { continue }
      throw failure(
        "n\(index + 1) was asked to write 'empty' at \(position), and nothing is ever written to "
          + "be empty",
        often: "'finish' was given a position at which the head has nothing either."
      )
    }
    for (position, slot) in zip(positions, found) {
      let right = slots[0][position] ?? .empty
      guard slot == .success(right) else {
        throw failure("at \(position) stands \(right.owner), and the reader returned \(slot.told)")
      }
      for (index, replica) in chain.enumerated()
      where replica.content[position] ?? .empty != right {
        throw failure(
          "\(right.owner) was returned from \(position), and n\(index + 1) does not have it"
        )
      }
    }
    return CheckTrace(world)
  }

  /// Everything is complete, or some of it is half-written, or there is one replica.
  mutating func judgePrice() throws(CheckFailure) -> CheckTrace {
    switch random.number(below: 3) {
    case 0: try judgePriceOfHalves()
    case 1: try judgePriceAlone()
    default: try judgePriceOfComplete()
    }
    return CheckTrace(world)
  }

  /// Several positions must be looked for at the head, and finished.
  private mutating func judgePriceOfHalves() throws(CheckFailure) {
    var slots = [[Position: Slot]](repeating: [:], count: count)
    // Two that only the head has, one that nobody has, and one that all have.
    let first = [1, 1, 0, count]
    var positions: [Position] = []
    for number in 1...random.number(in: 4...8) {
      let position = Position(UInt64(number))
      positions.append(position)
      let value = ChainScene.entry(of: number)
      let reached = number <= first.count ? first[number - 1] : random.number(in: 0...count)
      for index in 0..<reached { slots[index][position] = value }
      world.note("before: \(value.owner) stands on \(reached) of \(count) replicas at \(position)")
    }
    let chain = slots.enumerated().map { replica($0, $1) }
    _ = try read(positions, from: chain)
    let requests = chain.reduce(0) { $0 + $1.requests }
    let right = 2 + count
    if requests > right {
      throw failure(
        "\(requests) requests where \(right) would do: one to the tail, one to the head, and one "
          + "write to each replica"
      )
    }
  }

  /// A chain of one replica, which has some of what is asked for.
  private mutating func judgePriceAlone() throws(CheckFailure) {
    let positions = (1...random.number(in: 2...8)).map { Position(UInt64($0)) }
    var slots: [Position: Slot] = [:]
    // Something is missing, or there would be no reason to ask again.
    for (number, position) in positions.enumerated().dropFirst() where random.chance(0.7) {
      slots[position] = ChainScene.entry(of: number + 1)
    }
    world.note(
      "before: n1 is alone, and has \(slots.count) of the positions 1 to \(positions.count)"
    )
    let alone = replica(0, slots)
    _ = try read(positions, from: [alone])
    if alone.requests > 1 {
      throw failure(
        "\(alone.requests) requests for what the tail alone could tell in one: it is the head, too"
      )
    }
  }

  /// The tail has everything.
  private mutating func judgePriceOfComplete() throws(CheckFailure) {
    let positions = (1...random.number(in: 2...8)).map { Position(UInt64($0)) }
    var slots: [Position: Slot] = [:]
    for (number, position) in positions.enumerated() {
      slots[position] = random.chance(0.2) ? .trimmed : ChainScene.entry(of: number + 1)
    }
    world.note("before: positions 1 to \(positions.count) are complete")
    let chain = (0..<count).map { replica($0, slots) }
    _ = try read(positions, from: chain)
    let requests = chain.reduce(0) { $0 + $1.requests }
    if requests > 1 {
      throw failure("\(requests) requests for what the tail alone could tell in one")
    }
  }

  /// The tail, or the head, has lost what it had.
  mutating func judgeDamage() throws(CheckFailure) -> CheckTrace {
    let position = ChainScene.position
    let error: LogError = random.chance(0.5) ? .corrupt(position) : .unknown(position)
    let isTail = random.chance(0.5)
    let damaged = isTail ? count - 1 : 0
    world.note("before: n\(damaged + 1) is damaged at \(position), the others have nothing there")
    let chain = (0..<count).map { replica($0, [:], $0 == damaged ? [position: error] : [:]) }
    let found = try read([position], from: chain)
    guard found == [.failure(error)] else {
      throw failure(
        "n\(damaged + 1) says: \(error). The reader returned \(found.map(\.told).joined())"
      )
    }
    return CheckTrace(world)
  }
}
