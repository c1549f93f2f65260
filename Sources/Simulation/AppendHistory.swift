import CorfuGlobalLog
import Synchronization

/// All that clients appended to a log and heard from it, over all its lives.
///
/// Each payload is appended once, so it tells whose it is. What was acknowledged must stand where
/// that was said, once; what was not, may.
final class AppendHistory: Sendable {
  /// An append that was begun.
  struct Attempt: Sendable {
    let payloads: [String]
    let began: Int
  }

  private struct Acknowledged: Sendable {
    let payloads: [String]
    let positions: [Position]
    let began: Int
    let ended: Int
  }

  private struct State: Sendable {
    var steps = 0
    var attempted: Set<String> = []
    var acknowledged: [Acknowledged] = []
    var places: [Position: String] = [:]
    var mayBeFilled: Set<Position> = []
    var trimMark = Position.zero
    var tail = Position.zero
    var violation: String?

    mutating func step() -> Int {
      steps += 1
      return steps
    }

    mutating func fail(_ violation: String) {
      self.violation = self.violation ?? violation
    }
  }

  /// Whether the sequencer tells the truth: where it does not, order in time is not promised (R13).
  private let keepsTime: Bool
  private let state = Mutex(State())

  init(keepsTime: Bool) {
    self.keepsTime = keepsTime
  }

  var violation: String? { state.withLock { $0.violation } }
  /// Entries that were acknowledged.
  var acknowledged: Int { state.withLock { $0.places.count } }

  func begin(_ payloads: [String]) -> Attempt {
    state.withLock { state in
      state.attempted.formUnion(payloads)
      return Attempt(payloads: payloads, began: state.step())
    }
  }

  func acknowledge(_ attempt: Attempt, at positions: [Position]) {
    state.withLock { state in
      let appended = Acknowledged(
        payloads: attempt.payloads,
        positions: positions,
        began: attempt.began,
        ended: state.step()
      )
      guard positions.count == attempt.payloads.count else {
        return state.fail("\(attempt.payloads.count) entries got \(positions.count) positions")
      }
      for (payload, position) in zip(attempt.payloads, positions) {
        if let other = state.places[position] {
          state.fail("\(payload) was acknowledged at \(position), like \(other) before")
        }
        state.places[position] = payload
      }
      for (one, next) in zip(positions, positions.dropFirst()) where one >= next {
        state.fail("a batch stands at \(one), then \(next)")
      }
      if keepsTime { check(appended, &state) }
      state.acknowledged.append(appended)
    }
  }

  private func check(_ appended: Acknowledged, _ state: inout State) {
    for earlier in state.acknowledged where earlier.ended < appended.began {
      guard let last = earlier.positions.last, let first = appended.positions.first,
        last >= first
      else { continue }
      state.fail(
        "\(appended.payloads[0]) was appended after \(earlier.payloads[0]) had its position, "
          + "\(last), and got \(first)"
      )
    }
  }

  func filled(_ position: Position) {
    state.withLock { _ = $0.mayBeFilled.insert(position) }
  }

  func trimming(before mark: Position) {
    state.withLock { $0.trimMark = max($0.trimMark, mark) }
  }

  func saw(tail: Position) {
    state.withLock { state in
      if tail < state.tail { state.fail("the tail went back from \(state.tail) to \(tail)") }
      state.tail = max(state.tail, tail)
    }
  }

  func fail(_ violation: String) {
    state.withLock { $0.fail(violation) }
  }

  /// Reads the whole log and holds it against what was heard.
  func inspect(_ log: some SharedLog) async throws(LogError) {
    let tail = try await log.tail()
    saw(tail: tail)
    let slots = try await log.read(Position.zero..<tail)
    state.withLock { state in
      var seen: [String: Position] = [:]
      for (position, slot) in zip(Position.zero..<tail, slots) {
        inspect(slot, at: position, &state)
        guard case .data(let entry) = slot else { continue }
        let payload = String(decoding: entry.payload, as: UTF8.self)
        if let other = seen[payload] { state.fail("\(payload) stands at \(other) and \(position)") }
        seen[payload] = position
      }
      for (position, payload) in state.places where position >= tail {
        state.fail("\(payload) was acknowledged at \(position), and the log ends at \(tail)")
      }
    }
  }

  private func inspect(_ slot: Slot, at position: Position, _ state: inout State) {
    let known = state.places[position]
    switch slot {
    case .data(let entry):
      let payload = String(decoding: entry.payload, as: UTF8.self)
      if let known, known != payload {
        state.fail("\(known) was acknowledged at \(position), where \(payload) stands")
      }
      if !state.attempted.contains(payload) { state.fail("nobody appended \(payload)") }
    case .trimmed:
      if position >= state.trimMark { state.fail("\(position) is trimmed, and nobody asked") }
    case .junk:
      if !state.mayBeFilled.contains(position) { state.fail("nobody filled \(position)") }
      if let known { state.fail("\(known) was acknowledged at \(position), where junk stands") }
    case .empty:
      if let known { state.fail("\(known) was acknowledged at \(position), which is empty") }
    }
  }
}
