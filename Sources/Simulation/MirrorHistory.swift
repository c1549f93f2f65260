import CorfuGlobalLog
import Synchronization

/// All that clients asked of a log over many units and heard from it, over all its lives.
///
/// Each payload is appended once, so it tells whose it is. What was acknowledged or read once must
/// stay; what was asked without an answer may be there or not.
final class MirrorHistory: Sendable {
  /// An append that was begun.
  struct Attempt: Sendable {
    let payloads: [String]
    let began: Int
  }

  private struct Known: Sendable {
    let content: String
    let at: Int
  }

  private struct Acknowledged: Sendable {
    let positions: ClosedRange<Position>
    let ended: Int
  }

  private struct State: Sendable {
    var steps = 0
    var attempted: Set<String> = []
    var known: [Position: Known] = [:]
    var acknowledged: [Acknowledged] = []
    var entries = 0
    var reads = 0
    var mayBeFilled: Set<Position> = []
    /// Whether a unit has joined: then its chain's holes were filled, wherever they were.
    var hasJoined = false
    var mayBeTrimmed: Set<Position> = []
    var mayBeTrimmedBefore = Position.zero
    var trimmed: [Position: Int] = [:]
    var trimMarks: [(mark: Position, at: Int)] = []
    var violation: String?

    mutating func step() -> Int {
      steps += 1
      return steps
    }

    mutating func fail(_ violation: String) {
      self.violation = self.violation ?? violation
    }

    func isTrimmed(_ position: Position, before step: Int) -> Bool {
      if let at = trimmed[position], at <= step { return true }
      return trimMarks.contains { $0.mark > position && $0.at <= step }
    }
  }

  private let state = Mutex(State())

  var violation: String? { state.withLock { $0.violation } }
  /// Entries that were acknowledged.
  var acknowledged: Int { state.withLock { $0.entries } }
  /// Slots that were read and held against this.
  var reads: Int { state.withLock { $0.reads } }

  func fail(_ violation: String) {
    state.withLock { $0.fail(violation) }
  }

  /// A moment to hold a slow operation against: take it when the operation begins.
  func moment() -> Int { state.withLock { $0.step() } }

  // MARK: - Appends

  func begin(_ payloads: [String]) -> Attempt {
    state.withLock { state in
      state.attempted.formUnion(payloads)
      return Attempt(payloads: payloads, began: state.step())
    }
  }

  func acknowledge(_ attempt: Attempt, at positions: [Position]) {
    state.withLock { state in
      guard positions.count == attempt.payloads.count, let first = positions.min(),
        let last = positions.max()
      else {
        return state.fail("\(attempt.payloads.count) entries got \(positions.count) positions")
      }
      // Only a filler can bring a batch out of order.
      if !state.hasJoined, state.mayBeFilled.isEmpty, state.mayBeTrimmedBefore == .zero,
        state.mayBeTrimmed.isEmpty, positions != positions.sorted()
      {
        state.fail("a batch stands at \(positions)")
      }
      for earlier in state.acknowledged where earlier.ended < attempt.began {
        if earlier.positions.upperBound >= first {
          state.fail(
            "\(attempt.payloads[0]) was appended after an append had ended at "
              + "\(earlier.positions.upperBound), and got \(first)"
          )
        }
      }
      let now = state.step()
      state.acknowledged.append(Acknowledged(positions: first...last, ended: now))
      for (payload, position) in zip(attempt.payloads, positions) {
        if let other = state.known[position], other.content != payload {
          state.fail("\(payload) was acknowledged at \(position), where \(other.content) stands")
        }
        state.known[position] = state.known[position] ?? Known(content: payload, at: now)
        state.entries += 1
      }
    }
  }

  // MARK: - Fills and trims

  func filling(_ position: Position) {
    state.withLock { _ = $0.mayBeFilled.insert(position) }
  }

  func joining() {
    state.withLock { $0.hasJoined = true }
  }

  func trimming(_ position: Position) {
    state.withLock { _ = $0.mayBeTrimmed.insert(position) }
  }

  func trimming(before mark: Position) {
    state.withLock { $0.mayBeTrimmedBefore = max($0.mayBeTrimmedBefore, mark) }
  }

  func trimmed(_ position: Position) {
    state.withLock { state in
      let now = state.step()
      state.trimmed[position] = state.trimmed[position] ?? now
    }
  }

  func trimmed(before mark: Position) {
    state.withLock { state in
      let now = state.step()
      state.trimMarks.append((mark, now))
    }
  }

  // MARK: - Reads

  /// A slot was read, by an operation that began at a moment.
  func saw(_ slot: Slot, at position: Position, since began: Int) {
    state.withLock { state in
      state.reads += 1
      let known = state.known[position]
      switch slot {
      case .empty:
        if let known, known.at < began {
          state.fail("\(position) is empty, where \(known.content) stood")
        }
        if state.isTrimmed(position, before: began) {
          state.fail("\(position) is empty, and was trimmed before")
        }
      case .trimmed:
        if position >= state.mayBeTrimmedBefore, !state.mayBeTrimmed.contains(position) {
          state.fail("\(position) is trimmed, and nobody asked for it")
        }
        let now = state.step()
        state.trimmed[position] = state.trimmed[position] ?? now
      case .data, .junk:
        saw(value: slot, at: position, since: began, &state)
      }
    }
  }

  private func saw(value: Slot, at position: Position, since began: Int, _ state: inout State) {
    let content: String
    if case .data(let entry) = value {
      content = String(decoding: entry.payload, as: UTF8.self)
      if !state.attempted.contains(content) { state.fail("nobody appended \(content)") }
    } else {
      content = "junk"
      if !state.hasJoined, !state.mayBeFilled.contains(position) {
        state.fail("nobody filled \(position)")
      }
    }
    if let known = state.known[position], known.content != content {
      state.fail("\(content) is at \(position), where \(known.content) stood")
    }
    if state.isTrimmed(position, before: began) {
      state.fail("\(content) is at \(position), which was trimmed before")
    }
    let now = state.step()
    state.known[position] = state.known[position] ?? Known(content: content, at: now)
  }

  /// Reads the whole log, and some positions behind its end, and holds all against this.
  func inspect(_ log: some SharedLog) async throws(LogError) {
    let began = moment()
    let last = state.withLock { $0.known.keys.max() }
    let end = max(try await log.tail(), last?.advanced(by: 1) ?? .zero).advanced(by: 3)
    let slots = try await log.read(Position.zero..<end)
    var places: [String: Position] = [:]
    for (position, slot) in zip(Position.zero..<end, slots) {
      saw(slot, at: position, since: began)
      guard case .data(let entry) = slot else { continue }
      let payload = String(decoding: entry.payload, as: UTF8.self)
      if let other = places[payload] { fail("\(payload) stands at \(other) and \(position)") }
      places[payload] = position
    }
  }
}
