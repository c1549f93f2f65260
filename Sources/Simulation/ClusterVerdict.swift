internal import CorfuGlobalLog
internal import Synchronization

/// Judges a history: every rule that clients can see, nearly all in O(n log n), as the log itself
/// gives the order.
///
/// | Judge | Says | Invariant |
/// |---|---|---|
/// | ``findTwoFaces()`` | a position has one value, whoever looks | I1 |
/// | ``findLosses()`` | what was seen or acknowledged is there for everybody who asks later | I2 |
/// | ``findTrimFaults()`` | trimmed is final, and only where somebody trims | I2, R20 |
/// | ``findDuplicates()`` | an append stands once, or nowhere if it was told so | I3, R16 |
/// | ``findDisorder()`` | who began after another's end stands behind it | I4 |
/// | ``findTailFaults()`` | the tail is beyond what was acknowledged, and never goes back | R19 |
/// | ``findBadLinks()`` | an entry's links leave out nothing of its streams | R12, R31 |
/// | ``findGaps()`` | a subscription is the log, in order | I9, R21 |
/// | ``findFalseLosses()`` | what was given up is told to be lost, and nothing else is | R24 |
///
/// With a sequencer that lies, order, tails and links are not demanded (R13). Where a chain was
/// given up, and nobody could tell how far it went, the log is judged up to there, and anew from
/// there on with all that was acknowledged since (``ClusterCut``).
///
/// Answers "empty" are held against everything that ended before the question, and so are tails.
/// In stage 5 nothing is stale, because a hand seals every unit before anything begins in the next
/// epoch, and one process at a time is the sequencer. From stage 6 on a replica or a sequencer may
/// not know that it was replaced: whoever is told "empty", or a tail, asks the acceptors afterwards
/// whether the epoch was over (R19).
public struct ClusterVerdict: Sendable {
  let appends: [ClusterHistory.Append]
  private let tails: [ClusterHistory.Tail]
  let trims: [ClusterHistory.Trim]
  private let subscriptions: [ClusterHistory.Subscription]
  let links: [ClusterHistory.Place: [StreamLink]]
  let isHonest: Bool
  private let immediate: String?
  /// What was given up; `nil` if nothing was.
  let loss: ClusterLoss?
  /// Where the log was cut with it; `nil` if it was not.
  let cut: ClusterCut?
  /// What was told of it afterwards, by position, and then in the order of hearing.
  let losses: [ClusterHistory.Sighting]
  /// What was seen besides, in the same order; acknowledgements too.
  let sightings: [ClusterHistory.Sighting]
  private let trimmedSince: Cover
  let maybeTrimmedSince: Cover

  /// Looks at a history.
  ///
  /// - Parameters:
  ///   - history: What was asked and heard.
  ///   - isHonest: Whether the sequencer always told the truth.
  public init(on history: ClusterHistory, isHonest: Bool = true) {
    let state = history.state.withLock { $0 }
    let appends = state.appendsLeft
    self.appends = appends
    tails = state.tailsLeft
    let trims = state.trimsLeft
    self.trims = trims
    subscriptions = state.subscriptions
    links = state.links
    immediate = state.violation
    self.isHonest = isHonest
    let heard = state.heard
    loss = state.loss
    cut = ClusterCut(of: state)
    losses = heard.after.sorted(by: Self.isBefore)
    let acknowledgements = appends.enumerated().compactMap { number, append in
      append.standing.map { position, ended in
        ClusterHistory.Sighting(
          position: position,
          sight: .entry(number),
          began: append.began,
          ended: ended,
          // In whatever epoch: nobody writes where somebody trimmed.
          asked: Epoch(.max)
        )
      }
    }
    sightings = (heard.before + acknowledgements).sorted(by: Self.isBefore)
    trimmedSince = Cover(
      trims.compactMap { trim in trim.ended.map { (trim.positions, $0) } }
    )
    maybeTrimmedSince = Cover(state.trims.map { ($0.positions, $0.began) })
  }

  private static func isBefore(
    _ left: ClusterHistory.Sighting,
    _ right: ClusterHistory.Sighting
  ) -> Bool {
    (left.position, left.ended, left.began) < (right.position, right.ended, right.began)
  }

  /// The first thing that must not be; `nil` if all is well.
  public var violation: String? {
    immediate ?? findTwoFaces() ?? findLosses() ?? findTrimFaults() ?? findDuplicates()
      ?? findDisorder() ?? findTailFaults() ?? findBadLinks() ?? findGaps() ?? findFalseLosses()
  }

  /// Two values at one position.
  public func findTwoFaces() -> String? {
    var last: ClusterHistory.Sighting?
    for sighting in sightings where sighting.sight.isValue {
      if let last, last.position == sighting.position, last.sight != sighting.sight {
        return "I1: \(sighting.position) has two values, \(last.sight) and \(sighting.sight)"
      }
      last = sighting
    }
    return nil
  }

  /// An answer "empty" to who asked after somebody had heard of something there.
  public func findLosses() -> String? {
    var taken: ClusterHistory.Sighting?
    for sighting in sightings {
      if taken?.position != sighting.position { taken = nil }
      if sighting.sight != .empty {
        taken = taken ?? sighting
      } else if let taken, taken.ended < sighting.began {
        return "I2: \(sighting.position) is empty, and \(taken.sight) stood there"
      }
    }
    return nil
  }

  /// A value or nothing after "trimmed", or "trimmed" before anybody trimmed.
  ///
  /// A trim is permission to forget: in an older epoch than the trim's, a replica that was left
  /// behind with whoever asks may give the value still. It may never do so in that epoch or later.
  public func findTrimFaults() -> String? {
    var seen: ClusterHistory.Sighting?
    for sighting in sightings {
      let position = sighting.position
      if seen?.position != position { seen = nil }
      if sighting.sight == .trimmed {
        seen = seen ?? sighting
        if let began = maybeTrimmedSince.first(of: position), began < sighting.ended { continue }
        return "R20: \(position) is trimmed, and nobody trimmed it"
      }
      let since = min(seen?.ended ?? .max, trimmedSince.first(of: position) ?? .max)
      if since < sighting.began, sighting.sight == .empty || isTrimmed(before: sighting) {
        return "R20: \(sighting.sight) at \(position), which was trimmed"
      }
    }
    return nil
  }

  /// Whether somebody trimmed, or heard so, before a value was asked for, and in no later epoch.
  ///
  /// Slow, and asked seldom.
  private func isTrimmed(before value: ClusterHistory.Sighting) -> Bool {
    trims.contains { trim in
      trim.positions.contains(value.position) && trim.epoch <= value.asked
        && trim.ended.map { $0 < value.began } ?? false
    }
      || sightings.contains { other in
        other.position == value.position && other.sight == .trimmed
          && other.ended < value.began && other.heard <= value.asked
      }
  }

  /// One append at two positions, or somewhere though it was said to be nowhere.
  ///
  /// One that was not acknowledged, and whose position was given up, is written again elsewhere.
  public func findDuplicates() -> String? {
    var places: [Int: Position] = [:]
    let delivered = subscriptions.flatMap(\.items).map { ($0.append, $0.position) }
    let seen = sightings.compactMap { sighting in
      if case .entry(let number) = sighting.sight { (number, sighting.position) } else { nil }
    }
    for (number, position) in seen + delivered {
      if isGone(number, at: position) { continue }
      if let place = places[number], place != position {
        return "I3: append \(number) stands at \(place) and at \(position)"
      }
      places[number] = position
      switch appends[number].fate {
      case .nowhere: return "R16: append \(number) was said to be nowhere, and is at \(position)"
      case .indefinite(let other) where other != position:
        return "R16: append \(number) was said to be at \(other) if anywhere, and is at \(position)"
      case .stands, .indefinite, .unknown: break
      }
    }
    return nil
  }

  /// Whether an append's entry was given up before anybody was told that it stands there.
  private func isGone(_ number: Int, at position: Position) -> Bool {
    guard let loss else { return false }
    if loss.forgets(position), let cut {
      return !cut.standsSince(ClusterHistory.Place(append: number, position: position))
    }
    return loss.covers(position) && appends[number].fate != .stands(position)
  }

  /// An append before one that had ended when it began.
  public func findDisorder() -> String? {
    guard isHonest else { return nil }
    var ends = appends.indices.compactMap { number in
      appends[number].standing.map { (number, $0.position, $0.ended) }
    }.sorted { $0.2 > $1.2 }
    var highest: (number: Int, position: Position)?
    for number in appends.indices.sorted(by: { appends[$0].began < appends[$1].began }) {
      while let next = ends.last, next.2 < appends[number].began {
        if highest.map({ $0.position < next.1 }) ?? true { highest = (next.0, next.1) }
        ends.removeLast()
      }
      guard let highest, let place = appends[number].standing else { continue }
      if place.position <= highest.position {
        return "I4: append \(number) began when \(highest.number) stood at "
          + "\(highest.position), and stands at \(place.position)"
      }
    }
    return nil
  }

  /// A tail that is not behind all that was acknowledged, or that went back.
  public func findTailFaults() -> String? {
    guard isHonest else { return nil }
    var ends =
      (appends.compactMap { append in
        append.standing.map { (position: $0.position.advanced(by: 1), ended: $0.ended) }
      } + tails.filter(\.isSettled).map { (position: $0.position, ended: $0.ended) })
      .sorted { $0.ended > $1.ended }
    var highest = Position.zero
    for tail in tails.sorted(by: { $0.began < $1.began }) {
      while let next = ends.last, next.ended < tail.began {
        highest = max(highest, next.position)
        ends.removeLast()
      }
      if tail.position < highest {
        return "R19: the tail is \(tail.position), and had been \(highest)"
      }
    }
    return nil
  }

  /// A subscription that does not go up, or that left an entry out.
  public func findGaps() -> String? {
    var values: [(position: Position, append: Int)] = []
    for sighting in sightings {
      guard case .entry(let number) = sighting.sight else { continue }
      if values.last?.position != sighting.position { values.append((sighting.position, number)) }
    }
    for subscription in subscriptions {
      if let violation = findGaps(in: subscription, values) { return violation }
    }
    return nil
  }

  private func findGaps(
    in subscription: ClusterHistory.Subscription,
    _ values: [(position: Position, append: Int)]
  ) -> String? {
    // From there on it may have told of what stood there before.
    var end = Position.max
    if let cut {
      switch cut.life(of: subscription) {
      case .both(let old, let new):
        return "R24: a subscriber was given append \(old.append) at \(old.position), append "
          + "\(new.append) at \(new.position), and never told that the log was cut at \(cut.begin)"
      case .first, .unknown: end = cut.begin
      case .second: break
      }
    }
    var next = values.partition(by: subscription.begin)
    var last: Position?
    for item in subscription.items {
      if let last, item.position <= last {
        return "I9: a subscriber was given \(item.position) after \(last)"
      }
      last = item.position
      if next < values.count, values[next].position < min(item.position, end) {
        return "I9: a subscriber was given \(item.position), and never "
          + "\(values[next].position), where append \(values[next].append) stands"
      }
      if item.position < end, next < values.count, values[next].position == item.position {
        if values[next].append != item.append {
          return "I9: a subscriber was given append \(item.append) at \(item.position), "
            + "where append \(values[next].append) stands"
        }
        next += 1
      }
    }
    return nil
  }
}

/// For each position the earliest moment at which something covered it.
struct Cover: Sendable {
  private var singles: [Position: Int] = [:]
  /// Prefixes, each higher than all before it, and when.
  private var prefixes: [(mark: Position, since: Int)] = []

  init(_ ranges: [(positions: Range<Position>, since: Int)]) {
    for (positions, since) in ranges.sorted(by: { $0.since < $1.since }) {
      if positions.lowerBound == .zero {
        if positions.upperBound > prefixes.last?.mark ?? .zero {
          prefixes.append((positions.upperBound, since))
        }
      } else {
        for position in positions { singles[position] = singles[position] ?? since }
      }
    }
  }

  func first(of position: Position) -> Int? {
    var low = 0
    var high = prefixes.count
    while low < high {
      let middle = (low + high) / 2
      if prefixes[middle].mark > position { high = middle } else { low = middle + 1 }
    }
    let prefix = low < prefixes.count ? prefixes[low].since : nil
    guard let single = singles[position] else { return prefix }
    return min(single, prefix ?? single)
  }
}

extension ClusterHistory.Append {
  /// Where it stands, and since when that was known.
  fileprivate var standing: (position: Position, ended: Int)? {
    guard case .stands(let position) = fate, let ended else { return nil }
    return (position, ended)
  }
}

extension ClusterHistory.Sight {
  /// Whether it is what a position has for ever, but for trims.
  fileprivate var isValue: Bool {
    switch self {
    case .entry, .junk: true
    case .empty, .trimmed, .lost: false
    }
  }
}

extension [(position: Position, append: Int)] {
  /// The index of the first that is not before a position.
  fileprivate func partition(by position: Position) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
