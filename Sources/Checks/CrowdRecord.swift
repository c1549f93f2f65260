import CorfuGlobalLog
import CorfuSimulation

/// Several clients at one log, all at once, and what came of it.
struct CrowdRecord: Sendable {
  /// One append of one client.
  struct Append: Sendable {
    let payloads: [String]
    let positions: [Position]
    let began: Int
    let ended: Int
  }

  private static let clientsMax = 4
  private static let stepsMax = 20_000

  private(set) var appends: [Append] = []
  /// The tails that one client was told, in order.
  private(set) var tails: [Position] = []
  /// What stood in the log in the end.
  private(set) var contents: [String] = []
  private(set) var trace = CheckTrace(events: [], fingerprint: 0)
  private var steps = 0

  /// Lets clients append what a seed draws.
  static func run<Log: SharedLog>(
    seed: UInt64,
    open: @escaping SharedLogChecks<Log>.Opening
  ) throws(CheckFailure) -> CrowdRecord {
    let world = World(seed: seed, eventsMax: 400)
    var random = world.random.split()
    let clients = random.number(in: 1...clientsMax)
    let generators = (0...clients).map { _ in random.split() }
    let book = Notebook(CrowdRecord())
    do {
      try world.run(stepsMax: stepsMax) {
        try await open(clients, world) { logs in
          try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, log) in logs.enumerated() {
              let client = CrowdClient(number: index + 1, world: world, log: log, book: book)
              group.addTask { try await client.run(generators[index]) }
            }
            try await group.waitForAll()
          }
          guard let log = logs.first else { return }
          let tail = try await log.tail()
          let slots = try await log.read(Position.zero..<tail)
          book.write { $0.contents = slots.map(\.content) }
        }
      }
    } catch {
      throw CheckFailure(world: error)
    }
    var record = book.content
    record.trace = CheckTrace(world)
    return record
  }

  /// Counts a step, and gives its number.
  fileprivate mutating func step() -> Int {
    steps += 1
    return steps
  }

  fileprivate mutating func add(_ append: Append) {
    appends.append(append)
  }

  fileprivate mutating func add(tail: Position) {
    tails.append(tail)
  }

  private func failure(_ finding: String, often: String? = nil) -> CheckFailure {
    CheckFailure(finding, events: trace.events, often: often)
  }
}

extension CrowdRecord {
  @Sendable static func judgeSingle(_ record: CrowdRecord) throws(CheckFailure) {
    var acknowledged = 0
    for append in record.appends {
      guard append.payloads.count == append.positions.count else {
        throw record.failure(
          "\(append.payloads.count.of("entry", "entries")) got "
            + append.positions.count.of("position", "positions"),
          often: "An append returned before all its entries were written."
        )
      }
      for (payload, position) in zip(append.payloads, append.positions) {
        acknowledged += 1
        let index = Position.zero.distance(to: position)
        let found = index < record.contents.count ? record.contents[index] : "nothing"
        if found == payload { continue }
        throw record.failure("\(payload) was acknowledged at \(position), where \(found) stands")
      }
    }
    if let hole = record.contents.firstIndex(of: "\(Slot.empty)") {
      throw record.failure(
        "position \(hole) is empty, though the log reaches to \(record.contents.count)",
        often: "After a lost race more than one position is skipped: only one is known to be taken."
      )
    }
    // Each stands where it should, so one more than were acknowledged is one too many.
    guard record.contents.count == acknowledged else {
      throw record.failure(
        "\(acknowledged) entries were appended, and the log holds \(record.contents.count)",
        often: "After a lost race an entry that stands already is written again."
      )
    }
  }

  @Sendable static func judgeTimeOrder(_ record: CrowdRecord) throws(CheckFailure) {
    for append in record.appends {
      for earlier in record.appends where earlier.ended < append.began {
        guard let last = earlier.positions.max(), let first = append.positions.min() else {
          continue
        }
        if last < first { continue }
        throw record.failure(
          "\(append.payloads[0]) was appended after \(earlier.payloads.last ?? "") had its "
            + "position, \(last), and got \(first)",
          often: last == first
            ? "A position was returned where another's entry stands: the check before tells more."
            : nil
        )
      }
    }
  }

  @Sendable static func judgeTail(_ record: CrowdRecord) throws(CheckFailure) {
    for (before, after) in zip(record.tails, record.tails.dropFirst()) where after < before {
      throw record.failure("the tail was \(before), and then \(after)")
    }
  }
}

/// One client of the crowd.
private struct CrowdClient<Log: SharedLog>: Sendable {
  let number: Int
  let world: World
  let log: Log
  let book: Notebook<CrowdRecord>

  func run(_ generator: SeededGenerator) async throws {
    var random = generator
    var sequence = 0
    for _ in 0..<random.number(in: 1...6) {
      // Whole microseconds, so that clients often begin in the same moment, and race.
      await world.sleep(for: .microseconds(random.number(in: 0...2)))
      let payloads = (0..<random.number(in: 1...4)).map { _ in
        sequence += 1
        return "c\(number)#\(sequence)"
      }
      let began = book.write { $0.step() }
      let positions = try await log.append(batch: payloads.map { Array($0.utf8) })
      world.note("append(\(payloads.joined(separator: " ")))  <- \(positions)")
      book.write { record in
        let append = CrowdRecord.Append(
          payloads: payloads,
          positions: positions,
          began: began,
          ended: record.step()
        )
        record.add(append)
      }
      if number == 1 {
        let tail = try await log.tail()
        world.note("tail()  <- \(tail)")
        book.write { $0.add(tail: tail) }
      }
    }
  }
}
