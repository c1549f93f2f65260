internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuTransactions
internal import Synchronization

/// What processes did to objects, and what they were told: what ``ObjectVerdict`` judges.
///
/// Moments are positions: whatever was acknowledged before a question stands before a *floor*, and
/// the answer must know of it (R32).
final class ObjectHistory: Sendable {
  /// What came of an update, a transaction or an entry of a stream.
  enum Fate: Equatable, Sendable {
    /// It stands there; of some it is not known where.
    case stands(Position?)
    case nowhere
    case indefinite(Position)
    case unknown
  }

  /// A state that somebody saw.
  struct Look: Sendable {
    var object: TracedObject
    /// Everything before it is in the state, and nothing else.
    var position: Position
    var digest: Int
    var what: String
    /// In which epochs it may have been seen.
    var reign: ClosedRange<Epoch>
  }

  /// An update by itself.
  struct Update: Sendable {
    var object: TracedObject
    /// From the newest epoch that was known when it began to that when it ended.
    var reign: ClosedRange<Epoch>
    var fate = Fate.unknown
    var outcome: Int?
  }

  /// A transaction, or one of its tries.
  struct Deal: Sendable {
    struct Read: Sendable {
      var object: TracedObject
      /// `nil` for all of it.
      var key: LogKey?
      /// What stood there; `nil` if it was not looked at by itself.
      var word: Int?
    }

    struct Write: Sendable {
      var number: Int
      var object: TracedObject
      /// What it came to, if that was told.
      var outcome: Int?
    }

    var snapshot: Snapshot
    /// What was acknowledged before it began.
    var floor: Position
    var reads: [Read] = []
    var updates: [Write] = []
    var fate = Fate.unknown
    var reason: AbortReason?
    /// The newest epoch that was known when it ended.
    var ended = Epoch(.max)
  }

  /// An entry of streams without objects.
  struct Append: Sendable {
    var streams: [StreamID]
    /// As that of an update.
    var reign: ClosedRange<Epoch>
    var fate = Fate.unknown
  }

  /// Somebody read a stream from a position on.
  struct StreamRead: Sendable {
    var stream: StreamID
    var begin: Position
    var floor: Position
    /// What may have been trimmed by the end of it.
    var trimmed: Position
    var items: [(position: Position, number: Int?)]
    /// In which epochs it may have been read.
    var reign: ClosedRange<Epoch>
  }

  /// A sequencer gave out positions for streams.
  struct Given: Sendable {
    var positions: Range<Position>
    var writes: [StreamKeys]
    var boot: BootID
    var epoch: Epoch
  }

  /// A reign began.
  struct ReignBegun: Sendable {
    var epoch: Epoch
    var boot: BootID
    var firstTail: Position
  }

  struct State: Sendable {
    var numbers = 0
    var floor = Position.zero
    var trimBegun = Position.zero
    var looks: [Look] = []
    var updates: [Int: Update] = [:]
    var deals: [Deal] = []
    var appends: [Int: Append] = [:]
    var reads: [StreamRead] = []
    var given: [Given] = []
    var reigns: [ReignBegun] = []
    /// The log as it is in the end.
    var log: [Position: Slot] = [:]
    var end = Position.zero
    /// The log as it was before it was trimmed.
    var archive: [Position: Slot] = [:]
    var archived = Position.zero
    var streams: [TracedObject: StreamID] = [:]
    var probes: [String: Int] = [:]
    var commits = 0
    /// In which epoch the log began anew; `nil` if it never did.
    var cut: Epoch?
    /// Whether programs of before were ended then.
    var endsPrograms = false
    /// What it had before, with what was trimmed of that, and the streams that objects had there.
    var lostLog: [Position: Slot] = [:]
    var lostArchive: [Position: Slot] = [:]
    var lostStreams: [TracedObject: StreamID] = [:]
  }

  let state = Mutex(State())

  private func access<Answer: Sendable>(_ body: (inout State) -> Answer) -> Answer {
    state.withLock { body(&$0) }
  }

  /// A number that nothing else has.
  func nextNumber() -> Int {
    access { state in
      state.numbers += 1
      return state.numbers
    }
  }

  func probe(_ name: String) { access { $0.probes[name, default: 0] += 1 } }

  var probes: [String: Int] { access { $0.probes } }

  /// How many transactions were committed.
  var commits: Int { access { $0.commits } }

  func noteCommit() {
    access { $0.commits += 1 }
    probe("commit")
  }

  /// One past the highest position that was acknowledged.
  var floor: Position { access { $0.floor } }

  /// Everything before it may be trimmed.
  var trimBegun: Position { access { $0.trimBegun } }

  private static func note(_ fate: Fate, in state: inout State) {
    if case .stands(let position?) = fate, state.cut == nil {
      state.floor = max(state.floor, position.advanced(by: 1))
    }
  }

  // MARK: - What processes do

  func begin(updateOf object: TracedObject, number: Int, in epoch: Epoch) {
    access { $0.updates[number] = Update(object: object, reign: epoch...Epoch(.max)) }
  }

  func end(update number: Int, _ fate: Fate, outcome: Int? = nil, in epoch: Epoch) {
    access { state in
      state.updates[number]?.reign.end(in: epoch)
      state.updates[number]?.fate = fate
      state.updates[number]?.outcome = outcome
      Self.note(fate, in: &state)
    }
  }

  func begin(dealAt snapshot: Snapshot, floor: Position) -> Int {
    access { state in
      state.deals.append(Deal(snapshot: snapshot, floor: floor))
      return state.deals.count - 1
    }
  }

  func change(deal number: Int, _ body: @Sendable (inout Deal) -> Void) {
    access { body(&$0.deals[number]) }
  }

  func end(
    deal number: Int,
    _ fate: Fate,
    because reason: AbortReason? = nil,
    in epoch: Epoch
  ) {
    access { state in
      state.deals[number].ended = epoch
      state.deals[number].fate = fate
      state.deals[number].reason = reason
      Self.note(fate, in: &state)
    }
  }

  func begin(appendTo streams: [StreamID], number: Int, in epoch: Epoch) {
    access { $0.appends[number] = Append(streams: streams, reign: epoch...Epoch(.max)) }
  }

  func end(append number: Int, _ fate: Fate, in epoch: Epoch) {
    access { state in
      state.appends[number]?.reign.end(in: epoch)
      state.appends[number]?.fate = fate
      Self.note(fate, in: &state)
    }
  }

  /// An object was opened in an epoch; says whether it has one stream for everybody.
  func isKnown(_ object: TracedObject, as stream: StreamID, in epoch: Epoch) -> Bool {
    access { state in
      // Of another log than the one that there is now.
      if let cut = state.cut, epoch < cut { return true }
      let known = state.streams[object] ?? stream
      state.streams[object] = known
      return known == stream
    }
  }

  func saw(_ look: Look) { access { $0.looks.append(look) } }

  func saw(_ read: StreamRead) { access { $0.reads.append(read) } }

  // MARK: - What sequencers do

  func given(_ token: Token, to writes: [StreamKeys], by boot: BootID) {
    let given = Given(positions: token.positions, writes: writes, boot: boot, epoch: token.epoch)
    access { $0.given.append(given) }
  }

  func reigns(_ boot: BootID, in epoch: Epoch, from firstTail: Position) {
    access { state in
      guard !state.reigns.contains(where: { $0.epoch == epoch }) else { return }
      state.reigns.append(ReignBegun(epoch: epoch, boot: boot, firstTail: firstTail))
    }
  }

  // MARK: - The archive

  /// Keeps what stands at a position in the end.
  func keep(_ slot: Slot, at position: Position) {
    access { state in
      state.log[position] = slot
      state.end = max(state.end, position.advanced(by: 1))
    }
  }

  /// From where on nothing is archived.
  var archived: Position { access { $0.archived } }

  /// Keeps what stands at some positions, as it was read in an epoch.
  func archive(_ slots: [Slot], from begin: Position, in epoch: Epoch) {
    access { state in
      if let cut = state.cut, epoch < cut { return }
      for (slot, position) in zip(slots, begin...) where slot != .trimmed && slot != .empty {
        state.archive[position] = slot
      }
      let end = begin.advanced(by: slots.count)
      if begin <= state.archived { state.archived = max(state.archived, end) }
    }
  }

  func beginTrim(before mark: Position) {
    access { $0.trimBegun = max($0.trimBegun, mark) }
  }
}

extension ClosedRange<Epoch> {
  /// It ended when this epoch was known.
  fileprivate mutating func end(in epoch: Epoch) {
    self = lowerBound...Swift.max(lowerBound, epoch)
  }
}
