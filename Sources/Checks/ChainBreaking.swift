public import CorfuGlobalLog
public import CorfuStripeMirror
import CorfuSimulation

/// Messages that never arrive: the part that exercise 3.4 builds.
public protocol ChainBreaking: Sendable {
  /// Between whom the network is cut.
  static var cuts: [NetworkCut] { get }
}

/// A writer and a unit that hear nothing of each other; both are well.
public struct NetworkCut: Hashable, Sendable {
  /// Which writer: 1 or 2.
  public var writer: Int
  /// Which unit: 1, the head, or 2, the tail.
  public var unit: Int

  /// A cut between a writer and a unit.
  public init(writer: Int, unit: Int) {
    self.writer = writer
    self.unit = unit
  }
}

/// Cuts with which two writers of ``UndauntedWriter`` are both told that the position is theirs.
public enum ChainBreaker: ChainBreaking {
  // exercise 3.4: cuts with which two writers are both told that one position is theirs
  public static var cuts: [NetworkCut] {
    [NetworkCut(writer: 1, unit: 1), NetworkCut(writer: 2, unit: 2)]
  }
  // end 3.4
}

/// A writer that nothing stops: whoever does not answer is left out.
///
/// It has a bug.
public struct UndauntedWriter: ChainWriting {
  /// A writer.
  public init() {}

  /// Writes head first, and goes round units that do not answer, as long as one is left.
  public func write(
    _ values: [PlacedValue],
    to chain: [some Replica]
  ) async -> [ChainOutcome] {
    var answering = chain
    while true {
      let outcomes = await ChainWriter().write(values, to: answering)
      let count = answering.count
      for case .failed(let error, _) in outcomes where answering.count > 1 {
        answering.removeAll { $0.name == error.unit }
      }
      if answering.count == count { return outcomes }
    }
  }
}

/// The checks of exercise 3.4.
public struct ChainBreakingChecks<Breaker: ChainBreaking>: Sendable {
  /// Checks for a network.
  public init() {}

  private typealias Promise = Invariant.Chapter3

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "3.4.1",
        Promise.oneValue,
        often: "Where the two writers meet at one unit, that unit decides between them, and one "
          + "of the two is told that it lost."
      ) { _ throws(CheckFailure) in
        let (outcomes, trace) = try CutScene(cuts: Breaker.cuts).play(UndauntedWriter())
        if outcomes == [.complete, .complete] { return trace }
        throw CheckFailure("the undaunted writer got away with it", events: trace.events)
      },
      Check(
        "3.4.2",
        Promise.oneValue,
        often: "Our own writer, under your cuts: whoever waits for the whole chain is told the "
          + "truth, or nothing."
      ) { _ throws(CheckFailure) in
        let (outcomes, trace) = try CutScene(cuts: Breaker.cuts).play(ChainWriter())
        if outcomes != [.complete, .complete] { return trace }
        throw CheckFailure(
          "a writer that leaves out nobody was told too much",
          events: trace.events
        )
      },
    ]
  }
}

/// Two writers on one position of a chain of two, one after the other.
private struct CutScene: Sendable {
  let cuts: [NetworkCut]

  /// Plays it.
  ///
  /// - Returns: What each writer was told, and the story.
  func play(
    _ writer: some ChainWriting
  ) throws(CheckFailure) -> (outcomes: [ChainOutcome], trace: CheckTrace) {
    for cut in cuts where !(1...2).contains(cut.writer) || !(1...2).contains(cut.unit) {
      throw CheckFailure(
        "there are c1 and c2, and n1 and n2: nobody can cut c\(cut.writer) from n\(cut.unit)",
        often: "A cut is between writer 1 or 2 and unit 1 or 2; no more of them take part."
      )
    }
    let world = World(seed: 1)
    for cut in cuts {
      world.note("before: c\(cut.writer) and n\(cut.unit) hear nothing of each other")
    }
    let units = (1...2).map { number in
      let incarnation = Incarnation(high: 0, low: UInt64(number))
      let name = UnitName(node: NodeID(UInt32(number)), incarnation: incarnation)
      return StillReplica(name: name, slots: [:])
    }
    do {
      let outcomes = try world.run(stepsMax: 10_000) {
        var outcomes: [ChainOutcome] = []
        for number in 1...2 { outcomes += await write(as: number, writer, to: units, in: world) }
        return outcomes
      }
      return (outcomes, CheckTrace(world))
    } catch {
      throw CheckFailure(world: error)
    }
  }

  private func write(
    as number: Int,
    _ writer: some ChainWriting,
    to units: [StillReplica],
    in world: World
  ) async -> [ChainOutcome] {
    let replicas = units.enumerated().map { index, unit in
      CutReplica(
        unit: unit,
        writer: number,
        isCut: cuts.contains(NetworkCut(writer: number, unit: index + 1)),
        world: world
      )
    }
    let value = PlacedValue(ChainScene.entry(of: number), at: ChainScene.position)
    let outcomes = await writer.write([value], to: replicas)
    for outcome in outcomes { world.note("c\(number) is told: \(outcome.told)") }
    return outcomes
  }
}

/// A unit as one writer sees it, who may not reach it.
private struct CutReplica: Replica {
  let unit: StillReplica
  let writer: Int
  let isCut: Bool
  let world: World

  var name: UnitName { unit.name }

  func write(_ values: [PlacedValue]) async throws(ReplicaError) -> [WriteAnswer] {
    let text = values.map { "\($0.value.owner) at \($0.position)" }.joined(separator: ", ")
    try reach("write(\(text))")
    let answers = try await unit.write(values)
    let told = answers.map(\.told).joined(separator: ", ")
    world.note("c\(writer) -> \(name)  write(\(text))  <- \(told)")
    return answers
  }

  func read(
    _ positions: [Position]
  ) async throws(ReplicaError) -> [Result<Slot, LogError>] {
    try reach("read")
    return try await unit.read(positions)
  }

  func trim(_ positions: [Position]) async throws(ReplicaError) {
    try reach("trim")
    try await unit.trim(positions)
  }

  func trimPrefix(before mark: Position) async throws(ReplicaError) {
    try reach("trim")
    try await unit.trimPrefix(before: mark)
  }

  private func reach(_ call: String) throws(ReplicaError) {
    guard isCut else { return }
    world.note("c\(writer) -> \(name)  \(call)  <- no answer")
    throw .timedOut(name)
  }
}
