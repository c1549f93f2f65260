import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation

/// What is known of a reign that has ended, as a seed draws it, and where the next may begin.
struct ReignEndScene {
  private static let positions = 24

  /// What is known.
  let end: ReignEnd
  /// Who said what, a line each.
  private let events: [String]

  /// An end: somebody does not answer, somebody has nothing, and each knows of another height.
  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var end = ReignEnd(firstTail: Self.somePosition(&random), replicas: [])
    var events = ["the layout before says: the reign began at \(end.firstTail)"]
    if random.chance(0.7) {
      let tail = Self.somePosition(&random)
      end.sequencerTail = tail
      let age = tail < end.firstTail ? ", of an older reign" : ""
      events.append("any -> seq  seal(1)  <- its tail is \(tail)\(age)")
    } else {
      events.append("any -> seq  seal(1)  <- no answer")
    }
    for number in 1...random.number(in: 1...3) {
      let highest = random.chance(0.7) ? Self.somePosition(&random) : nil
      let trimMark = random.chance(0.5) ? Self.somePosition(&random) : .zero
      end.replicas.append(ReplicaEnd(highest: highest, trimMark: trimMark))
      let height = highest.map { "its highest position is \($0)" } ?? "it has no position"
      events.append("any -> unit \(number)  seal(1)  <- \(height), trim mark \(trimMark)")
    }
    self.end = end
    self.events = events
  }

  private static func somePosition(_ random: inout SeededGenerator) -> Position {
    Position(UInt64(random.number(below: positions)))
  }

  /// Judges where the next reign is to begin.
  ///
  /// - Parameter begin: What a sequencer makes of the end.
  /// - Returns: Who said what.
  /// - Throws: The failure, if a position may be handed out again.
  func judge(_ begin: Position) throws(CheckFailure) -> CheckTrace {
    let events = events + ["firstTail(after: all that)  <- \(begin)"]
    var highest = bounds[0]
    for bound in bounds where bound.position > highest.position { highest = bound }
    if begin < highest.position {
      throw CheckFailure(
        "the next reign was to begin at \(begin), though \(highest.why)",
        events: events
      )
    }
    return CheckTrace(events: events)
  }

  /// Before which positions the next reign must not begin, and why not.
  private var bounds: [(position: Position, why: String)] {
    var bounds = [
      (position: end.firstTail, why: "the reign before began at \(end.firstTail)")
    ]
    if let tail = end.sequencerTail {
      bounds.append((tail, "the old sequencer would have gone on at \(tail)"))
    }
    for replica in end.replicas {
      bounds.append((replica.trimMark, "all before \(replica.trimMark) is trimmed"))
      if let highest = replica.highest {
        bounds.append((highest.advanced(by: 1), "\(highest) is taken"))
      }
    }
    return bounds
  }
}
