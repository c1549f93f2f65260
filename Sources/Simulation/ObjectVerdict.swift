internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuTransactions
internal import Synchronization

/// Holds what processes were told about objects against the log, played once from its beginning to
/// its end by nobody but the judge.
///
/// | Judged | Says | Rule |
/// |---|---|---|
/// | every look at an object | it is what all entries before a moment make of it | R31, R32, R38 |
/// | outcomes | they are those of the update's own position | R33 |
/// | what transactions read | it stood there at their moment, and still when they were put | R34 |
/// | what they wrote | all of it stands in one entry, or nothing | R35, R36 |
/// | why they were off | the reason is true | R34, R36, R37 |
/// | streams | they are the log, filtered | R31 |
struct ObjectVerdict {
  private let history: ObjectHistory.State
  private let log: [Position: Slot]
  private let end: Position
  private let writesMax: Int

  /// Where an update stands, and what else does.
  private struct Place {
    var position: Position
    var played: ObjectReplay.Played
  }

  /// - Parameters:
  ///   - history: What was asked and heard, in one life of the log.
  ///   - writesMax: How many writes sequencers remember.
  init(on history: ObjectHistory.State, writesMax: Int) {
    self.history = history
    let whole = self.history.log.merging(self.history.archive) { read, kept in
      read == .trimmed ? kept : read
    }
    self.log = whole
    appended = Self.appended(in: whole)
    end = self.history.end
    self.writesMax = writesMax
  }

  /// The first thing that must not be; `nil` if all is well.
  var violation: String? {
    let (places, violation) = playThrough()
    return violation ?? findFalseSights(places) ?? findUpdateFaults(places)
      ?? findDealFaults(places) ?? findStreamFaults() ?? findFalseReasons()
  }

  // MARK: - The log

  /// Where each update stands.
  private func playThrough() -> (places: [Int: Place], violation: String?) {
    var replay = ObjectReplay()
    var places: [Int: Place] = [:]
    for position in Position.zero..<end {
      switch log[position] {
      case .trimmed?, .empty?, nil: return (places, "nobody knows what stood at \(position)")
      case .junk?: continue
      case .data(let entry)?:
        guard Self.isUpdates(entry) else { continue }
        guard let played = replay.play(entry) else {
          return (places, "R35: nobody can play what is at \(position)")
        }
        for one in played {
          if let place = places[one.number] {
            let both = "\(place.position) and at \(position)"
            return (places, "I3: update \(one.number) stands at \(both)")
          }
          places[one.number] = Place(position: position, played: one)
        }
      }
    }
    return (places, nil)
  }

  /// Whether objects play it: not plain entries, those of streams, nor parts of checkpoints.
  private static func isUpdates(_ entry: Entry) -> Bool {
    if entry.streams.isEmpty { return false }
    do throws(ObjectEntryError) {
      if case .checkpoint = try ObjectEntry(decoding: entry.payload) { return false }
      return true
    } catch {
      return error != .otherPayload
    }
  }

  /// Plays the log, and looks at every moment at which somebody else has looked.
  private func findFalseSights(_ places: [Int: Place]) -> String? {
    var replay = ObjectReplay()
    let looks = Dictionary(grouping: history.looks, by: \.position)
    var deals: [Position: [Int]] = [:]
    for (number, deal) in history.deals.enumerated() {
      for moment in moments(of: deal, places) { deals[moment, default: []].append(number) }
    }
    for position in Position.zero..<end.advanced(by: 1) {
      for look in looks[position] ?? [] where replay.digest(of: look.object) != look.digest {
        return "R31: \(look.what) of \(look.object) at \(position) saw what never was"
      }
      for number in deals[position] ?? [] {
        if let violation = findFalseRead(in: number, at: position, replay) { return violation }
      }
      if case .data(let entry)? = log[position], Self.isUpdates(entry) { _ = replay.play(entry) }
    }
    return nil
  }

  private func findFalseRead(
    in number: Int,
    at position: Position,
    _ replay: ObjectReplay
  ) -> String? {
    let deal = history.deals[number]
    for read in deal.reads {
      let there = replay.word(of: read.object, at: read.key)
      guard let word = read.word, word != there else { continue }
      return "R34: transaction \(number), which read at \(deal.snapshot) and is \(deal.fate), saw "
        + "\(word) in \(read.object), where at \(position) \(there) stands"
    }
    return nil
  }

  /// When what a transaction read must have stood there: when it read, and when it was put; of one
  /// that wrote nothing, when it began.
  private func moments(of deal: ObjectHistory.Deal, _ places: [Int: Place]) -> Set<Position> {
    var moments: Set<Position> = [deal.snapshot.position]
    if let first = deal.updates.first {
      if let place = places[first.number] { moments.insert(place.position) }
    } else if deal.fate == .stands(nil) && deal.floor > deal.snapshot.position {
      moments.insert(deal.floor)
    }
    return moments
  }

  // MARK: - What was written

  private func findUpdateFaults(_ places: [Int: Place]) -> String? {
    for (number, update) in history.updates.sorted(by: { $0.key < $1.key }) {
      let place = places[number]
      if let violation = fault(in: update.fate, standing: place?.position, "update \(number)") {
        return violation
      }
      if let outcome = update.outcome, outcome != place?.played.outcome {
        return "R33: update \(number) of \(update.object) was said to come to \(outcome), and came "
          + "to \(place.map { "\($0.played.outcome)" } ?? "nothing")"
      }
    }
    for (number, append) in history.appends.sorted(by: { $0.key < $1.key }) {
      let place = appended[number]
      if let violation = fault(in: append.fate, standing: place?.position, "entry \(number)") {
        return violation
      }
      if let place, place.streams != append.streams {
        return "R35: entry \(number) stands in \(place.streams), and was for \(append.streams)"
      }
    }
    return nil
  }

  private func fault(
    in fate: ObjectHistory.Fate,
    standing place: Position?,
    _ what: String
  ) -> String? {
    switch (fate, place) {
    case (.stands(let told?), let place) where told != place:
      "R35: \(what) was put at \(told), and stands at \(place.map(\.description) ?? "no place")"
    case (.stands(nil), nil): "R35: \(what) was put, and stands nowhere"
    case (.nowhere, let place?): "R36: \(what) was said to be nowhere, and stands at \(place)"
    case (.indefinite(let told), let place?) where told != place:
      "R36: \(what) was said to be at \(told) if anywhere, and stands at \(place)"
    case (.stands, _), (.nowhere, nil), (.indefinite, _), (.unknown, _): nil
    }
  }

  private func findDealFaults(_ places: [Int: Place]) -> String? {
    for (number, deal) in history.deals.enumerated() {
      let what = "transaction \(number)"
      let standing = deal.updates.map { places[$0.number]?.position }
      if Set(standing).count > 1 {
        return "R35: of \(what) some is in the log and some is not: \(standing)"
      }
      if !deal.updates.isEmpty,
        let violation = fault(in: deal.fate, standing: standing.first ?? nil, what)
      {
        return violation
      }
      for write in deal.updates {
        guard let outcome = write.outcome, let place = places[write.number],
          place.played.outcome != outcome
        else { continue }
        return "R34: \(what) was told that \(write.object) comes to \(outcome), and it came to "
          + "\(place.played.outcome)"
      }
    }
    return nil
  }

  // MARK: - Streams

  /// Where the numbered entries of streams stand, and in which.
  private let appended: [Int: (position: Position, streams: [StreamID])]

  private static func appended(
    in log: [Position: Slot]
  ) -> [Int: (position: Position, streams: [StreamID])] {
    var all: [Int: (position: Position, streams: [StreamID])] = [:]
    for (position, slot) in log {
      guard case .data(let entry) = slot, !entry.streams.isEmpty,
        let number = ObjectProcess.number(in: entry.payload)
      else { continue }
      all[number] = (position, entry.streams.map(\.stream))
    }
    return all
  }

  private func findStreamFaults() -> String? {
    let entries = appended.map { (number: $0.key, position: $0.value.position, $0.value.streams) }
      .sorted { $0.position < $1.position }
    for read in history.reads {
      let known = read.items.last.map { $0.position.advanced(by: 1) } ?? .zero
      let until = max(known, read.floor)
      let expected = entries.filter {
        $0.position >= read.begin && $0.position < until && $0.2.contains(read.stream)
      }
      let found = read.items.map(\.position)
      if found != Array(Set(found)).sorted() { return "I9: a stream gave \(found)" }
      for item in read.items {
        let isThere = expected.contains {
          $0.position == item.position && $0.number == item.number
        }
        if !isThere {
          return "R31: stream \(read.stream) gave an entry at \(item.position) that is none of its"
        }
      }
      let all = Set(found)
      for entry in expected where entry.position >= read.trimmed && !all.contains(entry.position) {
        return "R31: stream \(read.stream), read from \(read.begin) to \(until), left out "
          + "\(entry.position)"
      }
    }
    return nil
  }

  // MARK: - Reasons

  /// A transaction that was off for a reason that is not true.
  private func findFalseReasons() -> String? {
    for (number, deal) in history.deals.enumerated() {
      guard let reason = deal.reason, !isTrue(reason, of: deal) else { continue }
      return "R37: transaction \(number), which read at \(deal.snapshot), was off, and it is not "
        + "true that \(reason)"
    }
    return nil
  }

  private func isTrue(_ reason: AbortReason, of deal: ObjectHistory.Deal) -> Bool {
    switch reason {
    case .conflict(let stream, let key, let position):
      return position >= deal.snapshot.position && hasRead(stream, key, deal)
        && wasGiven(position, to: stream, key, deal)
    case .newSequencer(let since):
      // If it were the same all the time, it would know.
      guard deal.snapshot.epoch < since else { return false }
      let reigns = history.reigns.filter { $0.epoch >= deal.snapshot.epoch && $0.epoch <= since }
      let epochs = since.number - deal.snapshot.epoch.number + 1
      return Set(reigns.map(\.boot)).count > 1 || UInt64(reigns.count) < epochs
    case .forgotten(let floor):
      return deal.snapshot.position < floor && isForgotten(before: floor)
    // What it wrote is nowhere, which was judged.
    case .lost, .tooLarge: return true
    case .tooOld(let moment): return moment == deal.snapshot.position
    case .trimmed(let moment, let mark): return moment == deal.snapshot.position && moment < mark
    // Nobody here calls one off.
    case .user: return false
    }
  }

  private func object(in stream: StreamID) -> TracedObject? {
    history.streams.first { $0.value == stream }?.key
  }

  private func hasRead(
    _ stream: StreamID,
    _ key: LogKey?,
    _ deal: ObjectHistory.Deal
  ) -> Bool {
    guard let object = object(in: stream) else { return false }
    return deal.reads.contains { $0.object == object && (key == nil || $0.key == key) }
  }

  /// Whether a position was given to somebody who was to write there what was read.
  private func wasGiven(
    _ position: Position,
    to stream: StreamID,
    _ key: LogKey?,
    _ deal: ObjectHistory.Deal
  ) -> Bool {
    history.given.contains { given in
      given.positions.upperBound == position.advanced(by: 1)
        && given.writes.contains { write in
          guard write.stream == stream else { return false }
          guard let keys = write.keys, let key else { return true }
          return keys.contains(key.canonicalBytes)
        }
    }
  }

  private func isForgotten(before floor: Position) -> Bool {
    if history.reigns.contains(where: { $0.firstTail == floor }) { return true }
    guard let last = history.given.last(where: { $0.positions.upperBound == floor }) else {
      return false
    }
    // A write of a stream counts once for all of it, and once for each key.
    let writes = history.given.filter { $0.boot == last.boot }.flatMap(\.writes)
    return writes.reduce(0) { $0 + 1 + max(1, $1.keys?.count ?? 1) } > writesMax
  }
}
