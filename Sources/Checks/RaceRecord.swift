import CorfuGlobalLog
import CorfuSimulation

/// A race that was run, and all that the checks want to know of it.
struct RaceRecord: Sendable {
  /// One append of one racer.
  struct Append: Sendable {
    let name: String
    let entries: [Entry]
    let result: Result<RaceResult, LogError>
    let counts: RaceClient.Counts
    /// When it began and ended, in steps of one order for all.
    let began: Int
    let ended: Int
    /// The entries in the store when it began and when it ended.
    let entriesAtBegin: Int
    let entriesAtEnd: Int

    /// The positions it returned, if it returned any.
    var positions: [Position] {
      guard case .success(let result) = result else { return [] }
      return result.positions
    }
  }

  /// The appends, in the order in which they ended.
  fileprivate(set) var appends: [Append] = []
  /// What was in the store in the end.
  fileprivate(set) var log = ModelLog()
  /// What happened.
  fileprivate(set) var trace = CheckTrace(events: [], fingerprint: 0)

  /// The error that the store gave, if it was to fail.
  fileprivate(set) var storeError: LogError?
  private var steps = 0

  /// Counts a step, and gives its number.
  fileprivate mutating func step() -> Int {
    steps += 1
    return steps
  }

  /// A failure with this race's story; `often` where the finding tells more than the check knows.
  func failure(_ finding: String, often: String? = nil) -> CheckFailure {
    CheckFailure(finding, events: trace.events, often: often)
  }
}

/// What is wrong with the disk of a race's store.
enum RaceTrouble: Sendable {
  /// It fails at a drawn moment, for good.
  case fails
  /// It has no room at drawn moments, and cuts runs short.
  case cutsShort
}

/// How large a race is; everything is drawn from the seed.
struct RaceShape: Sendable {
  let racers: Int
  let appends: Int
  let batchMax: Int
  let rivals: Int
  let failure: RaceStore.Failure?
  let shortRuns: Int

  /// Draws a race: most of them small, so that a story is short.
  init(_ random: inout SeededGenerator, _ trouble: RaceTrouble?) {
    racers = random.number(in: 1...4)
    appends = random.number(in: 1...3)
    batchMax = random.number(in: 1...4)
    rivals = random.number(in: 0...5)
    let operations = random.number(in: 0...(2 * racers * appends))
    shortRuns = trouble == .cutsShort ? random.number(in: 1...3) : 0
    guard trouble == .fails else {
      failure = nil
      return
    }
    failure =
      random.chance(0.5)
      ? .fills(entriesLeft: random.number(in: 0...8)) : .breaks(operationsLeft: operations)
  }
}

extension RaceRecord {
  /// How many steps a race may take: far more than an honest one needs.
  private static let stepsMax = 5_000
  private static let eventsMax = stepsMax

  /// Lets several racers append to one store, all at once.
  ///
  /// - Parameters:
  ///   - race: The type under test.
  ///   - seed: Draws everything.
  ///   - trouble: What is wrong with the store's disk; `nil` for a good one.
  /// - Returns: All that the checks want to know of it.
  /// - Throws: A failure if the race came to no end, or left the simulation.
  static func run<Race: AppendRace>(
    _ race: Race.Type,
    seed: UInt64,
    trouble: RaceTrouble? = nil
  ) throws(CheckFailure) -> RaceRecord {
    let world = World(seed: seed, eventsMax: eventsMax)
    var random = world.random.split()
    let shape = RaceShape(&random, trouble)
    let store = RaceStore(
      in: world,
      rivals: shape.rivals,
      failure: shape.failure,
      shortRuns: shape.shortRuns
    )
    let generators = (0..<shape.racers).map { _ in random.split() }
    let book = Notebook(RaceRecord())
    do {
      try world.run(stepsMax: stepsMax) {
        await withTaskGroup(of: Void.self) { group in
          for (index, generator) in generators.enumerated() {
            let racer = Racer<Race>(number: index + 1, world: world, store: store, book: book)
            group.addTask { await racer.run(shape, generator) }
          }
        }
      }
    } catch {
      throw CheckFailure(world: error)
    }
    var record = book.content
    record.log = store.log
    record.storeError = shape.failure?.error
    record.trace = CheckTrace(world)
    return record
  }
}

/// One racer of a race.
private struct Racer<Race: AppendRace>: Sendable {
  let number: Int
  let world: World
  let store: RaceStore
  let book: Notebook<RaceRecord>

  func run(_ shape: RaceShape, _ generator: SeededGenerator) async {
    var random = generator
    let race = Race()
    let name = "c\(number)"
    var sequence: UInt64 = 0
    for _ in 0..<shape.appends {
      await world.sleep(for: random.duration(in: .zero ... .microseconds(60)))
      let entries = (0..<random.number(in: 1...shape.batchMax)).map { _ in
        sequence += 1
        let mark = EntryMark(client: ClientID(high: 0, low: UInt64(number)), sequence: sequence)
        return Entry(mark: mark, payload: Array("\(name)#\(sequence)".utf8))
      }
      let began = book.write { $0.step() }
      let entriesAtBegin = store.log.tail.distance(from: .zero)
      let client = RaceClient(of: store, name: name)
      world.note("\(name) appends \(entries.map(\.mark.name).joined(separator: " "))")
      let result: Result<RaceResult, LogError>
      do {
        result = .success(try await race.append(entries, to: client))
      } catch {
        result = .failure(error)
      }
      world.note("\(name) \(result.told)")
      let entriesAtEnd = store.log.tail.distance(from: .zero)
      book.write { record in
        let append = RaceRecord.Append(
          name: name,
          entries: entries,
          result: result,
          counts: client.counts,
          began: began,
          ended: record.step(),
          entriesAtBegin: entriesAtBegin,
          entriesAtEnd: entriesAtEnd
        )
        record.appends.append(append)
      }
    }
  }
}

extension Result<RaceResult, LogError> {
  fileprivate var told: String {
    switch self {
    case .success(let result):
      let positions = result.positions.map(\.description).joined(separator: " ")
      return "is told: at \(positions.isEmpty ? "no position" : positions), "
        + "\(result.lostRaces) lost"
    case .failure(let error): return "is told: \(error)"
    }
  }
}

extension Position {
  fileprivate func distance(from other: Position) -> Int { other.distance(to: self) }
}
