import CorfuGlobalLog
import CorfuRepl
import CorfuSimulation
import Synchronization

/// A session on a log whose positions fillers take from writers, so that entries of a batch change
/// places, as where nodes die.
final class ShufflingSession: ReplSession, SharedLog {
  private struct State {
    var slots: [Slot] = []
    var random: SeededGenerator
    var client: ClientID
    var nextSequence: UInt64 = 0

    init(seed: UInt64) {
      var random = SeededGenerator(seed: seed)
      client = ClientID(using: &random)
      self.random = random
    }
  }

  /// The stream of the entries that were appended as pieces.
  private static let pieces = StreamID(.max)

  let payloadBytesMax: Int
  let tellsPieces: Bool
  private let state: Mutex<State>

  init(seed: UInt64, payloadBytesMax: Int = 1 << 20, tellsPieces: Bool = true) {
    self.payloadBytesMax = payloadBytesMax
    self.tellsPieces = tellsPieces
    state = Mutex(State(seed: seed))
  }

  /// Goes on as another client.
  func changeClient() {
    state.withLock { state in
      state.client = ClientID(using: &state.random)
      state.nextSequence = 0
    }
  }

  var stage: Int { 5 }
  var place: String { "memory" }
  var isSimulated: Bool { true }
  var log: any SharedLog { self }

  func stats() async throws(ReplError) -> [Fact] { [] }
  func verify(_ onFile: OnFile) async throws(ReplError) -> VerifyReport { VerifyReport(files: []) }
  func crash() async throws(ReplError) -> [Fact] { [] }
  func reopen() async throws(ReplError) -> [Fact] { [] }
  func race(clients: Int, appends: Int) async throws(ReplError) -> [Racer] { [] }
  func close() async {}

  func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    put([payload], in: [])[0]
  }

  func append(batch: [[UInt8]]) async throws(LogError) -> [Position] { put(batch, in: []) }

  func append(pieces: [[UInt8]]) async throws(LogError) -> [Position] {
    put(pieces, in: tellsPieces ? [StreamLink(stream: Self.pieces, previous: [])] : [])
  }

  /// Gives every entry a position, and every fourth another one; numbers are drawn once.
  private func put(_ payloads: [[UInt8]], in streams: [StreamLink]) -> [Position] {
    state.withLock { state in
      let first = state.nextSequence
      state.nextSequence += UInt64(payloads.count)
      var positions = [Position](repeating: .zero, count: payloads.count)
      var pending = Array(payloads.indices)
      while !pending.isEmpty {
        var lost: [Int] = []
        for index in pending {
          if state.random.chance(0.25) {
            state.slots.append(.junk)
            lost.append(index)
            continue
          }
          let mark = EntryMark(client: state.client, sequence: first + UInt64(index))
          positions[index] = Position(UInt64(state.slots.count))
          state.slots.append(
            .data(Entry(mark: mark, streams: streams, payload: payloads[index]))
          )
        }
        pending = lost
      }
      return positions
    }
  }

  func read(_ position: Position) async throws(LogError) -> Slot {
    let index = Int(position.number)
    return state.withLock { $0.slots.indices.contains(index) ? $0.slots[index] : .empty }
  }

  func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    var slots: [Slot] = []
    for position in range { slots.append(try await read(position)) }
    return slots
  }

  func fill(_ position: Position) async throws(LogError) -> Slot { try await read(position) }
  func trim(_ position: Position) async throws(LogError) {}
  func trimPrefix(before mark: Position) async throws(LogError) {}
  func tail() async throws(LogError) -> Position {
    state.withLock { Position(UInt64($0.slots.count)) }
  }
}
