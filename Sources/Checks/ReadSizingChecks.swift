public import CorfuGlobalLog
import CorfuSimulation

/// Reads each record by itself: it works, and it is dear.
public struct SingleReads: ReadSizing {
  /// Begins a pass.
  public init(sideBySide: Bool) {}

  /// One record.
  public mutating func records(
    from record: FilePiece,
    after last: FilePiece?,
    left: Int
  ) -> Int {
    1
  }
}

/// The checks of exercise 1.5: any ``ReadSizing``, on passes over records that are neighbours, or
/// are not.
public struct ReadSizingChecks<Window: ReadSizing>: Sendable {
  /// Checks for a way to read.
  public init() {}

  private typealias Promise = Invariant.Chapter1

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "1.5.1",
        Promise.readLimit,
        often: "One record is always read, however long it is. More than one only as far as they "
          + "are wanted ('left'), and as they fit into 'bytesMax'."
      ) { seed throws(CheckFailure) in
        var random = SeededGenerator(seed: seed)
        var pass = CountedPass<Window>(anyOf: &random)
        return try pass.run()
      },
      Check(
        "1.5.2",
        Promise.readPieces,
        often: "Where they are known to stand side by side, read as many as may be, at once. "
          + "Elsewhere a record that begins where the last read ended is a neighbour: read twice "
          + "as many as the last time."
      ) { seed throws(CheckFailure) in
        var random = SeededGenerator(seed: seed)
        var pass = CountedPass<Window>(neighboursOf: &random)
        return try pass.judgeReads()
      },
      Check(
        "1.5.3",
        Promise.readPieces,
        often: "Many are read at once though this record is far from the last. Then there is no "
          + "reason to believe that the next is near: begin anew, with one."
      ) { seed throws(CheckFailure) in
        var random = SeededGenerator(seed: seed)
        var pass = CountedPass<Window>(scatteredOf: &random)
        return try pass.judgeBytes()
      },
    ]
  }
}

/// A pass over records in files, and what is read for it.
private struct CountedPass<Window: ReadSizing> {
  private let sideBySide: Bool
  /// The records that are wanted, in order.
  private var wanted: [FilePiece] = []
  private var reads = 0
  private var bytesRead = 0
  private var events: [String] = []

  /// Records of all sizes, in two files, some of them far apart.
  init(anyOf random: inout SeededGenerator) {
    sideBySide = random.chance(0.5)
    for segment in UInt32(1)...2 {
      var offset = 1024
      for _ in 0..<random.number(in: 1...200) {
        let size = random.number(below: 50)
        let byteCount =
          switch size {
          case 0: 3 << 20
          case 1..<25: 8 * random.number(in: 512...4096)
          default: 8 * random.number(in: 12...128)
          }
        if !sideBySide, random.chance(0.3) { offset += 8 * random.number(in: 1...4096) }
        want(byteCount, in: segment, at: offset)
        offset += byteCount
      }
    }
    tell()
  }

  /// Records of one size, one behind the other.
  init(neighboursOf random: inout SeededGenerator) {
    sideBySide = random.chance(0.5)
    let byteCount = 8 * random.number(in: 12...128)
    for index in 0..<random.number(in: 200...2000) {
      want(byteCount, in: 1, at: 1024 + index * byteCount)
    }
    tell()
  }

  /// Records of one size, a few together, and far from all others.
  init(scatteredOf random: inout SeededGenerator) {
    sideBySide = false
    let byteCount = 8 * random.number(in: 12...128)
    var offset = 1024
    for _ in 0..<random.number(in: 5...40) {
      for _ in 0..<random.number(in: 1...6) {
        want(byteCount, in: 1, at: offset)
        offset += byteCount
      }
      offset += byteCount * random.number(in: 100...1000)
    }
    tell()
  }

  private mutating func want(_ byteCount: Int, in segment: UInt32, at offset: Int) {
    wanted.append(FilePiece(segment: segment, offset: offset, byteCount: byteCount))
  }

  private mutating func tell() {
    let places = sideBySide ? "side by side" : "anywhere"
    events.append("\(wanted.count) records are wanted, \(places), of \(wantedBytes) bytes in all")
  }

  private var wantedBytes: Int { wanted.reduce(0) { $0 + $1.byteCount } }

  private func failure(_ finding: String) -> CheckFailure {
    CheckFailure(finding, events: events)
  }

  /// Reads what is wanted and was not read yet.
  mutating func run() throws(CheckFailure) -> CheckTrace {
    var window = Window(sideBySide: sideBySide)
    var last: FilePiece?
    for (index, record) in wanted.enumerated() {
      if let last, last.holds(record) { continue }
      let left = wanted.count - index
      let count = window.records(from: record, after: last, left: left)
      let (segment, offset, byteCount) = (record.segment, record.offset, record.byteCount)
      events.append(
        "file \(segment), \(offset): \(byteCount) bytes are wanted, and \(left - 1) "
          + "\(left == 2 ? "record" : "records") behind  <- \(count) at once"
      )
      if count < 1 { throw failure("nothing is read, and the record is wanted") }
      if count > left { throw failure("\(count) are to be read, and \(left) are wanted") }
      let piece = FilePiece(segment: segment, offset: offset, byteCount: count * byteCount)
      if count > 1, piece.byteCount > ReadWindow.bytesMax {
        throw failure(
          "\(piece.byteCount) bytes are too many at once: \(ReadWindow.bytesMax) is the most"
        )
      }
      reads += 1
      bytesRead += piece.byteCount
      last = piece
    }
    return CheckTrace(events: events)
  }

  /// Looks how often the disk was asked.
  mutating func judgeReads() throws(CheckFailure) -> CheckTrace {
    var trace = try run()
    var budget = 2
    if sideBySide {
      budget = 1 + wantedBytes / ReadWindow.bytesMax
    } else {
      // One each time that the number doubles, and two more.
      var reach = 1
      while reach < wanted.count {
        reach *= 2
        budget += 1
      }
    }
    let cost = Cost(reads, budget: budget, unit: "reads")
    if !cost.isWithinBudget { throw failure("\(wanted.count) neighbours cost \(cost)") }
    trace.cost = cost
    return trace
  }

  /// Looks how much was read.
  mutating func judgeBytes() throws(CheckFailure) -> CheckTrace {
    var trace = try run()
    let cost = Cost(bytesRead, budget: 2 * wantedBytes, unit: "bytes")
    if !cost.isWithinBudget { throw failure("\(wanted.count) scattered records cost \(cost)") }
    trace.cost = cost
    return trace
  }
}
