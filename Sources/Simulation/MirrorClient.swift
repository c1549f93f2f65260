import CorfuGlobalLog
import CorfuStages
import CorfuStripeMirror

/// A client that does whatever clients may do to a log over many units, and tells the history.
struct MirrorClient<Parts: MirrorParts>: Sendable {
  let run: MirroredRun<Parts>
  let log: MirroredRun<Parts>.Stage.Mirrors.Log
  let name: String

  private var history: MirrorHistory { run.history }

  /// Works until it is done or the log ends.
  func work() async {
    var random = run.world.random.split()
    for number in 1...run.configuration.operations {
      await run.world.sleep(for: random.duration(in: .zero ... .microseconds(400)))
      let isAlive: Bool
      switch random.number(below: 12) {
      case 0..<2 where run.configuration.fills: isAlive = await fill(&random)
      case 2 where run.configuration.trims: isAlive = await trim(&random)
      case 3 where run.configuration.trims && random.chance(0.3):
        isAlive = await trimPrefix(&random)
      case 4..<7: isAlive = await read(&random)
      default: isAlive = await append(number: number, count: random.number(in: 1...6))
      }
      if !isAlive { break }
    }
    if log.counters.layoutChanges > 0 { run.count("layout changed under an operation") }
    if log.counters.lostPositions > 0 { run.count("position lost") }
  }

  func append(number: Int, count: Int) async -> Bool {
    let payloads = (0..<count).map { "\(name)#\(number).\($0)" }
    let attempt = history.begin(payloads)
    do {
      let positions = try await log.append(batch: payloads.map { Array($0.utf8) })
      history.acknowledge(attempt, at: positions)
      run.world.note("\(payloads[0]) and on stand at \(positions)")
      return true
    } catch {
      return goesOn(error, payloads[0])
    }
  }

  private func read(_ random: inout SeededGenerator) async -> Bool {
    let moment = history.moment()
    do {
      let tail = try await log.tail()
      let first = somewhere(tail, &random)
      let range = first..<first.advanced(by: random.number(in: 1...12))
      let slots = try await log.read(range)
      for (position, slot) in zip(range, slots) {
        history.saw(slot, at: position, since: moment)
      }
      return true
    } catch {
      return goesOn(error, "read")
    }
  }

  private func fill(_ random: inout SeededGenerator) async -> Bool {
    do {
      let position = somewhere(try await log.tail(), &random)
      history.filling(position)
      let moment = history.moment()
      history.saw(try await log.fill(position), at: position, since: moment)
      return true
    } catch {
      return goesOn(error, "fill")
    }
  }

  private func trim(_ random: inout SeededGenerator) async -> Bool {
    do {
      let position = somewhere(try await log.tail(), &random)
      history.trimming(position)
      try await log.trim(position)
      history.trimmed(position)
      return true
    } catch {
      return goesOn(error, "trim")
    }
  }

  private func trimPrefix(_ random: inout SeededGenerator) async -> Bool {
    do {
      let mark = somewhere(try await log.tail(), &random)
      history.trimming(before: mark)
      try await log.trimPrefix(before: mark)
      history.trimmed(before: mark)
      return true
    } catch {
      return goesOn(error, "trim before")
    }
  }

  /// Near the tail most often, and a little behind it.
  private func somewhere(_ tail: Position, _ random: inout SeededGenerator) -> Position {
    let end = Int(tail.number)
    let back = random.chance(0.7) ? random.number(below: 12) : random.number(below: end + 4)
    return Position(UInt64(max(0, end + 2 - back)))
  }

  /// Whether a client that met an error may try something else.
  private func goesOn(_ error: LogError, _ what: String) -> Bool {
    run.world.note("\(name) \(what): \(error)")
    switch error {
    case .beyondTail: return true
    case .unavailable, .indefinite:
      run.count("\(error)".hasPrefix("nobody") ? "indefinite" : "unavailable")
      return true
    case .closed, .failed: return false
    case .entryTooLarge, .outOfSpace, .corrupt, .unknown, .lost, .cut, .trimmed,
      .inconsistent, .noQuorum:
      history.fail("a log answered: \(error)")
      return false
    }
  }
}
