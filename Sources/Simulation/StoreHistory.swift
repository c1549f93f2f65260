public import CorfuGlobalLog
internal import Synchronization

/// Something that a store must never do, seen to happen.
public struct StoreViolation: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was seen, and what should have been.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// All that clients asked of a store and heard from it, over all its
/// lives: the checker of its promises.
///
/// What was acknowledged or read once must stay; what was asked without an answer may be there or
/// not; what was never asked must not be there.
public final class StoreHistory: Sendable {
  private struct Place: Sendable {
    /// What was acknowledged or seen here: data or junk.
    var known: Slot?
    /// Writes whose outcome nobody heard.
    var attempts: [Slot] = []
    /// When a trim was acknowledged or seen.
    var trimmedAt: Int?
    var mayBeTrimmed = false
  }

  private struct State: Sendable {
    var places: [Position: Place] = [:]
    /// The prefix trims that were acknowledged, each higher than the one before, and when.
    var marks: [(mark: Position, at: Int)] = []
    var attemptedMark = Position.zero
    var tail = Position.zero
    var mayBeDamaged = false
    var mayFailToRead = false
    var mayForgetTrims = false
    var acknowledged = 0
    var appends = 0
    var reads = 0
    var violation: StoreViolation?
    var clock = 0

    func isTrimmed(_ position: Position, _ place: Place, before time: Int) -> Bool {
      if let at = place.trimmedAt, at <= time { return true }
      return marks.contains { $0.mark > position && $0.at <= time }
    }

    mutating func tick() -> Int {
      clock += 1
      return clock
    }

    mutating func fail(_ description: String) {
      if violation == nil { violation = StoreViolation(description) }
    }
  }

  private let state: Mutex<State>

  /// A history in which nothing happened yet.
  public init() {
    state = Mutex(State())
  }

  /// A history that goes on from another one, without changing it.
  public init(after other: StoreHistory) {
    state = Mutex(other.state.withLock { $0 })
  }

  /// Operations that were acknowledged.
  public var acknowledged: Int { state.withLock { $0.acknowledged } }

  /// Entries whose append was acknowledged.
  public var appends: Int { state.withLock { $0.appends } }

  /// Slots that were read and held against the history.
  public var reads: Int { state.withLock { $0.reads } }

  /// The first thing that went wrong.
  public var violation: StoreViolation? { state.withLock { $0.violation } }

  /// The positions that anything is known of, and the tail that was seen.
  public var extent: Position {
    state.withLock { state in
      let last = state.places.keys.max().map { $0.advanced(by: 1) } ?? .zero
      return max(last, state.tail)
    }
  }

  /// From now on damage was done on purpose: "corrupt" and "unknown" are true answers.
  public func allowDamage() {
    state.withLock { $0.mayBeDamaged = true }
  }

  /// Whether the disk fails to read now and then, so that "corrupt" may be a true answer for once.
  public func allowReadErrors(_ isAllowed: Bool) {
    state.withLock { $0.mayFailToRead = isAllowed }
  }

  private func allowForgottenTrims() {
    state.withLock { $0.mayForgetTrims = $0.mayBeDamaged }
  }

  /// A write or fill begins.
  public func began(_ slot: Slot, at position: Position) {
    state.withLock { $0.places[position, default: Place()].attempts.append(slot) }
  }

  /// A write or fill ended without effect.
  public func refused(_ slot: Slot, at position: Position) {
    state.withLock { state in
      guard var place = state.places[position] else { return }
      if let index = place.attempts.firstIndex(of: slot) { place.attempts.remove(at: index) }
      state.places[position] = place
    }
  }

  /// A write was acknowledged.
  public func acknowledged(_ slot: Slot, at position: Position) {
    state.withLock { state in
      var place = state.places[position] ?? Place()
      if let known = place.known, known != slot {
        state.fail("\(slot) was acknowledged at \(position), where \(known) stands")
      }
      place.known = slot
      if let index = place.attempts.firstIndex(of: slot) { place.attempts.remove(at: index) }
      state.places[position] = place
      state.acknowledged += 1
      if case .data = slot { state.appends += 1 }
    }
  }

  /// A trim begins.
  public func beganTrim(_ position: Position) {
    state.withLock { $0.places[position, default: Place()].mayBeTrimmed = true }
  }

  /// A trim was acknowledged.
  public func trimmed(_ position: Position) {
    state.withLock { state in
      let now = state.tick()
      let at = state.places[position]?.trimmedAt ?? now
      state.places[position, default: Place()].trimmedAt = at
      state.acknowledged += 1
    }
  }

  /// A prefix trim begins.
  public func beganPrefixTrim(before mark: Position) {
    state.withLock { $0.attemptedMark = max($0.attemptedMark, mark) }
  }

  /// A prefix trim was acknowledged.
  public func trimmedPrefix(before mark: Position) {
    state.withLock { state in
      let now = state.tick()
      if mark > state.marks.last?.mark ?? .zero { state.marks.append((mark, now)) }
      state.acknowledged += 1
    }
  }

  /// The tail was read.
  public func saw(tail: Position) {
    state.withLock { state in
      if tail < state.tail && !state.mayBeDamaged {
        state.fail("the tail went back from \(state.tail) to \(tail)")
      }
      state.tail = max(state.tail, tail)
    }
  }

  /// A moment to hold a slow operation against: take it when the operation begins.
  public func moment() -> Int { state.withLock { $0.clock } }

  /// A slot was read, by an operation that began at a moment; now if it took no time.
  public func saw(_ slot: Slot, at position: Position, since began: Int? = nil) {
    state.withLock { state in
      state.reads += 1
      var place = state.places[position] ?? Place()
      let isTrimmed = state.isTrimmed(position, place, before: began ?? state.clock)
      switch slot {
      case .empty:
        if let known = place.known { state.fail("\(position) is empty, where \(known) stood") }
        if isTrimmed { state.fail("\(position) is empty, and was trimmed before") }
      case .trimmed:
        if !isTrimmed && !place.mayBeTrimmed && position >= state.attemptedMark {
          state.fail("\(position) is trimmed, and nobody asked for it")
        }
        place.trimmedAt = place.trimmedAt ?? state.tick()
      case .data, .junk:
        if isTrimmed && !state.mayForgetTrims {
          state.fail("\(slot) is at \(position), which was trimmed")
        }
        if let known = place.known, known != slot {
          state.fail("\(slot) is at \(position), where \(known) stood")
        }
        if place.known == nil && !place.attempts.contains(slot) {
          state.fail("\(slot) is at \(position), and nobody wrote it")
        }
        place.known = slot
      }
      state.places[position] = place
    }
  }

  /// A read ended in an error.
  public func saw(_ error: LogError, at position: Position) {
    state.withLock { state in
      switch error {
      case .corrupt, .unknown:
        if !state.mayBeDamaged && !state.mayFailToRead {
          state.fail("\(error), and no damage was done")
        }
      case .failed: break
      case .entryTooLarge, .outOfSpace, .lost, .cut, .beyondTail, .trimmed, .inconsistent,
        .indefinite, .unavailable, .noQuorum, .closed:
        state.fail("a read answered: \(error)")
      }
    }
  }

  /// Something happened in the store.
  public func saw(_ event: StoreEvent) {
    state.withLock { state in
      switch event {
      case .failed(.outOfSpace):
        state.fail("the disk was full inside a segment whose room was reserved")
      case .rotFound, .lossFound, .segmentsMissing, .copyDamaged:
        if !state.mayBeDamaged && !state.mayFailToRead {
          state.fail("\(event), and no damage was done")
        }
      case .opened, .carried, .kept, .tornTail, .closed, .dropped, .retired, .rewritten,
        .spaceShort, .spaceBack, .failed, .repaired, .scrubbed, .givenUp:
        break
      }
    }
  }

  /// Reads every position that may hold something, and some beyond,
  /// and holds what comes against this.
  ///
  /// - Parameters:
  ///   - reader: What to read from.
  ///   - mayLag: Whether it may not know the newest yet: then "empty" says nothing.
  /// - Returns: How many reads ended in an error.
  @discardableResult
  public func inspect(_ reader: StoreReader<some Device>, mayLag: Bool = false) -> Int {
    // Who lost records without a name may have lost trims: what they
    // hid is seen again, and is still true.
    if reader.isInDoubt { allowForgottenTrims() }
    if !mayLag { saw(tail: reader.tail) }
    var errors = 0
    for position in Position.zero..<max(extent, reader.tail).advanced(by: 3) {
      do {
        let slot = try reader.read(position)
        if slot != .empty || !mayLag { saw(slot, at: position) }
      } catch {
        errors += 1
        saw(error, at: position)
      }
    }
    return errors
  }

  /// Inspects a store that was opened a moment ago, before anybody asks anything of it.
  ///
  /// Nothing is under way then: what is not there by now must not come.
  public func inspectOpened(_ reader: StoreReader<some Device>) {
    if reader.isInDoubt { allowForgottenTrims() }
    saw(tail: reader.tail)
    // All at once, as a range is read: one by one, each would read a page of the index again.
    let positions = Array(Position.zero..<max(extent, reader.tail).advanced(by: 3))
    var errors = 0
    do {
      for (result, position) in zip(try reader.read(each: positions), positions) {
        switch result {
        case .success(let slot): saw(slot, at: position)
        case .failure(let error):
          errors += 1
          saw(error, at: position)
        }
      }
    } catch {
      return  // The disk is gone: nothing is known.
    }
    state.withLock { state in
      if state.mayBeDamaged || errors > 0 { return }
      for (position, place) in state.places where place.known == nil {
        state.places[position]?.attempts = []
      }
    }
  }

  /// Something else went wrong.
  public func fail(_ description: String) {
    state.withLock { $0.fail(description) }
  }
}
