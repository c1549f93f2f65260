import CorfuGlobalLog

// What the sessions over a store tell of it, in one form for all of them.

extension Fact {
  /// The numbers of a store.
  static func facts<Storage: Device>(of reader: StoreReader<Storage>) -> [Fact] {
    let summary = reader.summary
    var facts = [
      Fact("entries", .count(summary.entries)), Fact("tail", .position(reader.tail)),
      Fact("trim mark", .position(reader.trimMark)),
      Fact("segments", .count(summary.closedSegments + 1)),
      Fact("record bytes", .bytes(summary.recordBytes)),
    ]
    if summary.junk > 0 { facts.append(Fact("junk", .count(summary.junk))) }
    if summary.trims > 0 { facts.append(Fact("trimmed", .count(summary.trims))) }
    if summary.lost > 0 { facts.append(Fact("lost", .count(summary.lost))) }
    if reader.isInDoubt {
      facts.append(Fact("in doubt", .text("yes: 'verify' tells what is damaged")))
    }
    return facts
  }

  /// What a store and its clients did since it was opened.
  static func facts(of counters: StoreCounters, appends: Int, retries: Int) -> [Fact] {
    var facts = [
      Fact("appends", .count(appends)), Fact("retries", .count(retries)),
      Fact("syncs", .count(counters.syncs)),
    ]
    if counters.syncs > 0 {
      let ratio = Double(counters.records) / Double(counters.syncs)
      facts.append(Fact("records per sync", .number(ratio)))
    }
    return facts
  }
}

extension VerifyReport {
  /// Reads every byte of a folder.
  ///
  /// Throws ``ReplError/cancelled`` when the task is, and what `onFile` throws.
  init(
    of device: some Device,
    isOfNode: Bool = false,
    onFile: (_ done: Int, _ whole: Int) throws(ReplError) -> Void
  ) throws(ReplError) {
    var stop = ReplError.cancelled
    do throws(StoreOpenError) {
      let report = try FolderReport(of: device) { done, whole in
        // The count of presses, too: on a machine with one core nobody else may get to cancel.
        if Task.isCancelled || Interruption.isRaised { return false }
        do throws(ReplError) {
          try onFile(done, whole)
          return true
        } catch {
          stop = error
          return false
        }
      }
      guard report.identity != nil else { throw .device(.notFound(device.name)) }
      self.init(report)
    } catch .device(.stopped) {
      throw stop
    } catch {
      throw ReplError(error, folder: device.name, isOfNode: isOfNode)
    }
  }

  /// What reading every byte of a folder found.
  private init(_ report: FolderReport) {
    let files = report.segments.map { segment in
      File(
        name: segment.file,
        records: segment.records,
        bytes: segment.bytes,
        liveBytes: segment.liveBytes,
        tornBytes: segment.tornBytes,
        state: segment.isClosed ? "closed" : "open",
        damage: segment.damage
      )
    }
    var flaws: [Flaw] = []
    if report.hasDamagedIdentity {
      flaws.append(
        Flaw(
          "one of two copies of the file 'identity' is damaged",
          advice: "the other one is whole, and the next opening writes both anew"
        )
      )
    }
    if report.missingSegments > 0 {
      let missing = Numbers.count(report.missingSegments, "segment file is", "segment files are")
      flaws.append(
        Flaw("\(missing) gone", advice: "put back what was moved away, before the log is opened")
      )
    }
    if report.isInDoubt {
      let advice =
        "records may be missing without a trace, so absent positions are neither read nor written; "
        + "if no other disk has copies, 'corfu unit accept-loss' gives them up"
      flaws.append(Flaw("the log is in doubt", advice: advice))
    }
    self.init(files: files, flaws: flaws)
  }
}

extension ReplError {
  /// A log that could not be opened, in words that say what to do.
  ///
  /// - Parameters:
  ///   - error: Why not.
  ///   - folder: The folder.
  ///   - creates: Whether it would have been made.
  ///   - isOfNode: Whether it is the disk of a node, which makes its own.
  init(
    _ error: StoreOpenError,
    folder: String,
    creates: Bool = false,
    isOfNode: Bool = false
  ) {
    switch error {
    case .device(.notFound) where creates:
      self = .refused("\(folder): no folder can be made there")
    case .device(.inUse):
      self = .refused("\(folder): another process has this log open; close it there first")
    case .device(.notFound) where isOfNode:
      self = .refused(
        "\(folder): there is no disk of a node here; it is in the folder 'disk' of the node's own"
      )
    case .device(.notFound):
      self = .refused(
        "\(folder): there is no log here; 'corfu append --data \(folder)' makes one"
      )
    case .device(.powerOff): self = .log(.failed(.powerOff))
    case .device(.notAFolder):
      self = .refused("\(folder) is a file; a log needs a folder")
    case .device(.outOfSpace):
      self = .diskFull(folder: folder)
    case .device(let error): self = .refused("\(folder): \(error)")
    case .identityLost where isOfNode:
      self = .refused(
        "\(error); or give the disk up, if others have copies of what it had: "
          + "'mv \(folder) \(folder).lost', and start the node, which comes back with an empty one"
      )
    case .identityLost:
      self = .refused(
        "\(error); or begin anew: 'mv \(folder) \(folder).lost' keeps what is left, then "
          + "'corfu append --data \(folder)' makes a new log"
      )
    case .otherVersion, .foreignSegment, .misnamedSegment, .exchangedSegments:
      self = .refused(error.description)
    }
  }
}

/// Counts what opening a store came upon.
final class RecoveryNotes: Sendable {
  private struct Counts: Sendable {
    var torn = 0
    var lost = 0
    var missing = 0
    var carried = 0
    var rot = 0
  }

  private let notes = Guarded<Counts>(Counts())

  func note(_ event: StoreEvent) {
    notes.update { notes in
      switch event {
      case .tornTail(_, let bytes): notes.torn += bytes
      case .lossFound(_, let records, _): notes.lost += records
      case .segmentsMissing(let segments): notes.missing += segments
      case .carried(_, _, let records): notes.carried += records
      case .rotFound: notes.rot += 1
      default: break
      }
    }
  }

  /// What the background scrub found, if anything.
  var rotFacts: [Fact] {
    let rot = notes.value.rot
    return rot > 0 ? [Fact("damage found by the scrub", .count(rot))] : []
  }

  /// What is worth telling after an opening.
  func facts(tail: Position) -> [Fact] {
    let notes = notes.value
    var facts = [Fact("tail", .position(tail)), Fact("torn bytes dropped", .count(notes.torn))]
    if notes.lost > 0 { facts.append(Fact("records lost", .count(notes.lost))) }
    if notes.missing > 0 { facts.append(Fact("segment files missing", .count(notes.missing))) }
    return facts
  }
}
