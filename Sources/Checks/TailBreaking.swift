/// What happens to a log file, step by step: the part that exercise 1.4 builds.
public protocol TailBreaking: Sendable {
  /// What happens, in order.
  static var script: [DiskStep] { get }
}

/// Something that happens to a log file.
public enum DiskStep: Hashable, Sendable {
  /// An entry is written, synced and acknowledged.
  case append
  /// An entry is written, and nobody waits for it to be synced.
  case write
  /// The disk spoils the record at a position: 0 is the first.
  case spoil(Int)
  /// The power goes, and the log is opened again.
  case powerCut
}

/// Steps after which ``LeanFile`` calls an acknowledged entry empty, and ours does not.
public enum TailBreaker: TailBreaking {
  // exercise 1.4: a script after which an acknowledged entry reads as empty
  public static var script: [DiskStep] {
    [.append, .append, .spoil(1), .powerCut]
  }
  // end 1.4
}

/// A log file that somebody made leaner: each record notes how many before it are durable, and so
/// nothing needs to be written after a sync.
///
/// It has a bug.
public struct LeanFile: Sendable {
  // On its disk: of each record what it notes, and whether it can be read.
  private var records: [(durable: Int, isSpoilt: Bool)] = []
  // In memory.
  private var durable = 0

  /// A file with nothing in it.
  public init() {}

  /// Writes a record.
  public mutating func write() { records.append((durable, false)) }

  /// Makes all records durable.
  public mutating func sync() { durable = records.count }

  /// Spoils a record.
  public mutating func spoil(_ index: Int) { records[index].isSpoilt = true }

  /// Finds out what was durable, and cuts off what was torn.
  public mutating func open() {
    durable = records.filter { !$0.isSpoilt }.map(\.durable).max() ?? 0
    if let torn = records[durable...].firstIndex(where: \.isSpoilt) {
      records.removeSubrange(torn...)
    }
  }

  /// How many records there are.
  public var count: Int { records.count }

  /// Whether a record can be read; one that cannot is reported as lost.
  public func isReadable(_ index: Int) -> Bool { !records[index].isSpoilt }
}

/// The checks of exercise 1.4.
public struct TailBreakingChecks<Breaker: TailBreaking>: Sendable {
  /// Checks for a script.
  public init() {}

  private typealias Promise = Invariant.Chapter1

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      Check(
        "1.4.1",
        Promise.damage,
        often: "Write down for each record what it notes. Who tells, of which record, that it was "
          + "durable? And of which one does nobody?"
      ) { _ throws(CheckFailure) in
        var scene = FileScene(LeanFile())
        try scene.play(Breaker.script)
        if scene.isHarmed { return CheckTrace(events: scene.events) }
        let (finding, often) = scene.excuse
        throw CheckFailure(finding, events: scene.events, often: often)
      },
      Check(
        "1.4.2",
        Promise.damage,
        often: "This is for us: whatever happens, a file with claims keeps its word."
      ) { _ throws(CheckFailure) in
        var scene = FileScene(ClaimingFile())
        try scene.play(Breaker.script)
        guard scene.isHarmed else { return CheckTrace(events: scene.events) }
        throw CheckFailure("a file with claims called a promise empty", events: scene.events)
      },
    ]
  }
}

/// A file as the scene sees it.
private protocol MortalFile {
  var count: Int { get }
  mutating func write()
  mutating func sync()
  mutating func spoil(_ index: Int)
  mutating func open()
  func isReadable(_ index: Int) -> Bool
}

extension LeanFile: MortalFile {}

/// Chapter 1's file: after a sync it is claimed behind the last record, so that the next need not
/// come for the last to be known.
private struct ClaimingFile: MortalFile {
  private var spoilt: [Bool] = []
  private var claimed = 0

  var count: Int { spoilt.count }
  mutating func write() { spoilt.append(false) }
  mutating func sync() { claimed = spoilt.count }
  mutating func spoil(_ index: Int) { spoilt[index] = true }
  func isReadable(_ index: Int) -> Bool { !spoilt[index] }

  mutating func open() {
    if let torn = spoilt[claimed...].firstIndex(of: true) { spoilt.removeSubrange(torn...) }
  }
}

/// A file, a client that writes to it, and a disk.
private struct FileScene<File: MortalFile> {
  private var file: File
  /// Of each position that was written last, whether it was acknowledged.
  private var promised: [Bool] = []
  /// Whether something was spoilt since the log was opened.
  private var isUnseen = false
  /// A position that was spoilt, reads as empty, and was promised to nobody.
  private var unpromised: Int?

  /// What happened, a line each.
  private(set) var events: [String] = []
  /// Whether an acknowledged entry reads as empty.
  private(set) var isHarmed = false

  init(_ file: File) {
    self.file = file
  }

  /// Why no harm was done, and what that often is, if there is more to say than the check does.
  var excuse: (finding: String, often: String?) {
    if isUnseen {
      return (
        "nobody has opened the log since the record was spoilt",
        "A log that is open knows in memory what was durable. Only 'powerCut' has it read again: "
          + "that is the last step."
      )
    }
    if let unpromised {
      return (
        "position \(unpromised) reads as empty, and nobody was promised it: no harm was done",
        "'write' promises nothing. The record that is spoilt must be one of an 'append'."
      )
    }
    return ("the file without claims got away with it", nil)
  }

  mutating func play(_ script: [DiskStep]) throws(CheckFailure) {
    for step in script {
      switch step {
      case .append:
        file.write()
        file.sync()
        promised.append(true)
        events.append("position \(file.count - 1) is written, synced and acknowledged")
      case .write:
        file.write()
        promised.append(false)
        events.append("position \(file.count - 1) is written, and not synced")
      case .spoil(let index):
        guard 0..<file.count ~= index else {
          throw CheckFailure(
            "there is no record at position \(index)",
            events: events,
            often: "Positions count from 0, in the order of 'append' and 'write'. Nothing can be "
              + "spoilt before it is written, nor after it was cut off."
          )
        }
        file.spoil(index)
        isUnseen = true
        events.append("the disk spoils the record at position \(index)")
      case .powerCut: open()
      }
    }
  }

  private mutating func open() {
    events.append("---- the power goes, and the log is opened again ----")
    isUnseen = false
    file.open()
    for index in promised.indices {
      if index >= file.count {
        events.append("position \(index) is empty" + (promised[index] ? ", and was promised" : ""))
        if promised[index] { isHarmed = true } else { unpromised = index }
      } else if !file.isReadable(index) {
        events.append("position \(index) is lost, and reported")
      }
    }
    promised = Array(promised.prefix(file.count))
  }
}
