internal import CorfuGlobalLog
internal import CorfuStripeMirror
internal import Synchronization

/// What an operator has given up with its disks, as the first layout says that does without them
/// (R24).
///
/// Before that layout the positions are like all others. From then on nobody may be told that one
/// of them is empty, nor an entry there, and who reads is told that it is lost, until somebody
/// trims it; a fill tells of the junk that stands there since.
struct ClusterLoss: Sendable {
  /// The epoch of that layout.
  var epoch: Epoch
  /// What it says is lost.
  var ranges: [LostRange]
  /// Positions of the same chains behind its first tail, if any of them was handed out before.
  ///
  /// How far a chain went of which nothing is left only its sequencer can tell. Where that one was
  /// not heard either, the log goes on where the chains that are left end: what stood behind that
  /// is gone without a trace, and others are given its positions.
  var beyond: [LostRange] = []
  /// Where the log went on, if anything stood behind that.
  var cut: Position?
  /// Positions that other chains have kept as well, of which some are left: those have heard of
  /// every prefix trim.
  var witnessed: [Range<Position>] = []

  /// Whether a position is told to be lost.
  func covers(_ position: Position) -> Bool { ranges.contains { $0.contains(position) } }

  /// Whether somebody has heard of prefix trims of a position.
  func isWitnessed(_ position: Position) -> Bool { witnessed.contains { $0.contains(position) } }

  /// Whether what stood at a position is gone without a trace.
  func forgets(_ position: Position) -> Bool { beyond.contains { $0.contains(position) } }
}

extension ClusterHistory {
  /// Something was given up: once in a history.
  func note(_ loss: ClusterLoss) {
    state.withLock { $0.loss = $0.loss ?? loss }
  }

  /// Whether what stood at a position was given up, told or not: no replica need have it.
  ///
  /// - Parameters:
  ///   - position: Where.
  ///   - epoch: In which epoch it stood there. What stands there since, where positions were
  ///     handed out again, is like everything else.
  /// - Returns: Whether it was.
  func isGivenUp(_ position: Position, in epoch: Epoch) -> Bool {
    state.withLock { state in
      guard let loss = state.loss else { return false }
      return loss.covers(position) || loss.forgets(position) && epoch < loss.epoch
    }
  }

  /// Whether positions may have been handed out again: the log may end before what stood there.
  var forgets: Bool { state.withLock { $0.loss?.beyond.isEmpty == false } }

  /// Somebody was told that what stood at a position is lost.
  ///
  /// - Parameters:
  ///   - position: Where.
  ///   - began: When somebody asked.
  ///   - asked: The newest epoch that whoever asked knew of then.
  ///   - heard: The newest epoch that it knows of now.
  ///   - isFollower: Whether it followed the log, and may be told where that was cut.
  func sawLoss(
    at position: Position,
    since began: Int,
    from asked: Epoch = .zero,
    to heard: Epoch,
    isFollower: Bool = false
  ) {
    state.withLock { state in
      let now = state.tick()
      state.sightings.append(
        Sighting(
          position: position,
          sight: .lost,
          began: began,
          ended: now,
          asked: asked,
          heard: heard,
          isFollower: isFollower
        )
      )
    }
  }
}

extension ClusterHistory.State {
  /// Whether a sighting is of a time at which what stood there was given up.
  private func isLate(_ sighting: ClusterHistory.Sighting) -> Bool {
    guard sighting.sight != .lost else { return true }
    guard let loss, loss.covers(sighting.position) else { return false }
    // A fill that began before may have come to its end behind it.
    let isFilled = sighting.isFill && sighting.sight == .junk && sighting.heard >= loss.epoch
    return sighting.asked >= loss.epoch || isFilled
  }

  /// What was heard, but for what the loss has made void; and what was heard of the lost.
  var heard: (before: [ClusterHistory.Sighting], after: [ClusterHistory.Sighting]) {
    let after = sightings.filter(isLate)
    let before = sightings.filter { sighting in
      if isLate(sighting) { return false }
      guard let loss, loss.forgets(sighting.position) else { return true }
      return sighting.asked >= loss.epoch
    }
    return (before, after)
  }

  /// The appends, of which those that the loss has taken without a trace were told of nothing.
  var appendsLeft: [ClusterHistory.Append] {
    guard let loss, !loss.beyond.isEmpty else { return appends }
    return appends.map { append in
      guard case .stands(let position) = append.fate, loss.forgets(position),
        append.epoch < loss.epoch
      else { return append }
      var append = append
      append.fate = .unknown
      return append
    }
  }
}

extension ClusterHistory.State {
  /// The trims, but for what the loss has made void of them: what stood there was forgotten with
  /// the trim of it, and others were given its positions.
  var trimsLeft: [ClusterHistory.Trim] {
    guard let loss, let cut = loss.cut else { return trims }
    return trims.compactMap { trim in
      if trim.asked >= loss.epoch || trim.positions.upperBound <= cut { return trim }
      guard trim.positions.lowerBound < cut else { return nil }
      var trim = trim
      trim.positions = trim.positions.lowerBound..<cut
      return trim
    }
  }

  /// The tails that were told, but for those that the loss has made void: a log that is cut is
  /// shorter.
  var tailsLeft: [ClusterHistory.Tail] {
    guard let loss, let cut = loss.cut else { return tails }
    return tails.filter { $0.asked >= loss.epoch || $0.position <= cut }
  }
}

// The judge of what was given up.

extension ClusterVerdict {
  /// A loss that there is none, or anything else where there is one (R24).
  public func findFalseLosses() -> String? {
    if let violation = findFalsePromises() { return violation }
    for told in losses {
      let position = told.position
      // Nothing is lost there: other entries stand there than those that it was given.
      if let loss, told.isFollower, loss.cut == position, told.heard >= loss.epoch { continue }
      guard let loss, loss.covers(position), told.heard >= loss.epoch else {
        return "R24: \(position) was told to be lost, and nobody gave it up"
      }
      switch told.sight {
      case .trimmed:
        if let began = maybeTrimmedSince.first(of: position), began < told.ended { continue }
        return "R20: \(position), which was given up, is trimmed, and nobody trimmed it"
      case .lost, .junk:
        if told.sight == .junk, !told.isFill {
          return "R24: \(position) was given up in epoch \(loss.epoch), and reads as junk"
        }
        if isTrimmed(before: told, since: loss.epoch) || isForgotten(before: told, loss) {
          return "R20: \(position), which was given up, is told to be \(told.sight), and was "
            + "trimmed"
        }
      case .empty, .entry:
        return "R24: \(position) was given up in epoch \(loss.epoch), and somebody was told "
          + "\(told.sight)"
      }
    }
    return nil
  }

  /// An append that was acknowledged where everything had been given up by then.
  private func findFalsePromises() -> String? {
    guard let loss else { return nil }
    for (number, append) in appends.enumerated() {
      guard case .stands(let position) = append.fate, loss.covers(position),
        append.epoch >= loss.epoch
      else { continue }
      return "R24: append \(number) was acknowledged at \(position) in epoch \(append.epoch), and "
        + "that was given up in epoch \(loss.epoch)"
    }
    return nil
  }

  /// Whether those who stand in for the lost were told of a trim, or told of one, before somebody
  /// asked in no older epoch.
  ///
  /// Of single trims before that they have not heard.
  private func isTrimmed(before told: ClusterHistory.Sighting, since epoch: Epoch) -> Bool {
    trims.contains { trim in
      trim.positions.contains(told.position) && trim.asked >= epoch && trim.epoch <= told.asked
        && trim.ended.map { $0 < told.began } ?? false
    }
      || losses.contains { other in
        other.position == told.position && other.sight == .trimmed && other.asked >= epoch
          && other.ended < told.began && other.heard <= told.asked
      }
  }

  /// Whether a prefix trim had come to its end before somebody asked, in whatever epoch: those of
  /// other chains know of it.
  private func isForgotten(before told: ClusterHistory.Sighting, _ loss: ClusterLoss) -> Bool {
    guard told.sight == .lost, loss.isWitnessed(told.position) else { return false }
    // Of the first position alone nobody can say how it was trimmed.
    let isPrefix = { (range: Range<Position>) in
      range.lowerBound == .zero && range.upperBound > Position(1)
    }
    return trims.contains { trim in
      isPrefix(trim.positions) && trim.positions.contains(told.position)
        && trim.ended.map { $0 < told.began } ?? false
    }
  }
}
