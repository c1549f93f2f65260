public import CorfuGlobalLog
import CorfuSimulation

/// The checks of exercise 1.2: any ``TailJudging``, on segments that were damaged and cut short.
public struct TailJudgingChecks<Judge: TailJudging>: Sendable {
  /// Checks for a judge.
  public init() {}

  private typealias Promise = Invariant.Chapter1

  /// The checks, in the order in which they should pass.
  public var checks: [Check] {
    [
      check(
        1,
        Promise.found,
        often:
          "A record that can be read is kept as long as nothing is missing before it: the line "
          + "tells what was certainly promised, not all that was. 'end' moves to where it ends."
      ) { image, random in
        // Where there are no claims, the last record is durable and nothing says so.
        image.write(records: random.number(in: 1...3), &random)
        image.sync(claims: random.chance(0.5))
        if random.chance(0.5) { image.write(records: random.number(in: 1...2), &random) }
      },
      check(
        2,
        Promise.damage,
        often:
          "What cannot be read and lies below the line is a loss, and not where the log ends. If "
          + "its header is sound, 'damaged' tells what it was; if not, the landmark behind it does."
      ) { image, random in
        image.write(records: random.number(in: 2...4), &random)
        image.sync()
        image.spoil(random.number(below: image.count), random.chance(0.5) ? .header : .body)
        if random.chance(0.3) { image.write(records: 1, &random) }
      },
      check(
        3,
        Promise.torn,
        often: "Once 'end' has reached the line, the first landmark of a record that is damaged, "
          + "or has a gap before it, ends the log: 'isTorn', and return. What follows goes, too. A "
          + "claim ends nothing; and where no such record comes, nothing is to be forgotten."
      ) { image, random in
        image.write(records: random.number(in: 1...2), &random)
        image.sync()
        let promised = image.count
        image.write(records: random.number(in: 2...4), &random)
        let part: SegmentImage.Part = random.chance(0.5) ? .header : .body
        image.spoil(random.number(in: promised...(image.count - 1)), part)
      },
      check(
        4,
        Promise.damage,
        often:
          "A landmark says how many records stand before it, 'ordinal'. Fewer were met: all that "
          + "are missing are losses, though only the last of them has a name."
      ) { image, random in
        image.write(records: random.number(in: 3...5), &random)
        image.sync()
        let first = random.number(below: image.count - 1)
        for index in first..<random.number(in: (first + 2)...image.count) {
          image.spoil(index, .header)
        }
      },
      check(
        5,
        Promise.damage,
        often: "After the last landmark compare 'end' with the line once more. Where durable bytes "
          + "end in nothing readable, something is lost of which nobody knows what it was; and the "
          + "next record must not go there, nor behind the end of the file, 'byteCount'."
      ) { image, random in
        image.write(records: random.number(in: 2...4), &random)
        image.sync()
        image.note()
        let first = random.number(below: image.count)
        if random.chance(0.5) { image.lose(from: first) } else { image.cut(before: first) }
      },
    ]
  }

  private func check(
    _ number: Int,
    _ invariant: Invariant,
    often: String,
    _ happens: @escaping @Sendable (inout SegmentImage, inout SeededGenerator) -> Void
  ) -> Check {
    Check("1.2.\(number)", invariant, often: often) { seed throws(CheckFailure) in
      var random = SeededGenerator(seed: seed)
      var image = SegmentImage()
      happens(&image, &random)
      let verdict = ScanComparison(
        said: image.scan(Judge.self),
        expected: image.scan(TailJudge.self)
      )
      let events = image.events + [image.claims].compactMap { $0 } + verdict.lines
      if let finding = verdict.finding { throw CheckFailure(finding, events: events) }
      return CheckTrace(events: events)
    }
  }
}

extension SegmentImage {
  /// Writes records at the positions that follow.
  fileprivate mutating func write(records: Int, _ random: inout SeededGenerator) {
    for _ in 0..<records {
      write(Position(UInt64(count)), bytes: random.number(in: 1...25) * 8)
    }
  }
}

/// What a judge made of a segment, beside what should be made of it.
private struct ScanComparison {
  let said: SegmentScan
  let expected: SegmentScan

  /// What the judge said.
  var lines: [String] {
    let found = said.found.map(\.header.position.description).joined(separator: " ")
    let losses = said.losses.map { $0.record?.position.description ?? "one that nobody knows" }
    return [
      "opened again: there is \(found.isEmpty ? "nothing" : found)",
      "lost: \(losses.isEmpty ? "nothing" : losses.joined(separator: ", "))",
      "the next record goes to \(said.end)",
    ]
  }

  /// What is wrong with it.
  var finding: String? {
    let kept = said.found.map(\.header.position)
    let wanted = expected.found.map(\.header.position)
    if let gone = wanted.first(where: { !kept.contains($0) }) {
      return "position \(gone) can be read, nothing torn stands before it, and it is forgotten"
    }
    if let torn = kept.first(where: { !wanted.contains($0) }) {
      return "position \(torn) is kept, and what stood before it is gone: that would be a hole"
    }
    let named = said.losses.compactMap { $0.record?.position }
    let missed = expected.losses.compactMap { $0.record?.position }
    if let silent = missed.first(where: { !named.contains($0) }) {
      return "position \(silent) was durable, and is not among the losses: it would read as empty"
    }
    if let unpromised = named.first(where: { !missed.contains($0) }) {
      return "position \(unpromised) was promised to nobody, and is reported as lost"
    }
    if said.losses.count != expected.losses.count {
      return "losses to be reported: \(expected.losses.count); reported: \(said.losses.count)"
    }
    if said.end != expected.end {
      return "the next record should go to \(expected.end), and would go to \(said.end)"
    }
    if said.tornBytes != expected.tornBytes {
      return said.tornBytes == 0
        ? "records stand behind \(expected.end), and are to be forgotten: 'isTorn'"
        : "'isTorn' is true, but behind \(expected.end) stands no record whose header can be read: "
          + "nothing needs to be forgotten"
    }
    return nil
  }
}
