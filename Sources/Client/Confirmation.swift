internal import CorfuGlobalLog
internal import CorfuPaxosConfigurator
internal import CorfuProtocol
internal import CorfuStripeMirror
internal import Synchronization

/// Whether an epoch is still the newest.
enum EpochVerdict: Sendable {
  /// It was when the question was put.
  case isNewest
  /// It is over: this layout was decided.
  case isOver(Layout)
  /// No majority says that nothing is decided: ask again later, somebody may be at it.
  case unclear
}

/// Asks the acceptors whether an epoch is over: one round for all who wait at that moment (R19).
///
/// Whoever comes while a round is under way waits for the next one: the question must be put after
/// the answer that it is to confirm was heard.
final class Confirmation: Sendable {
  /// What a waiting caller is woken with.
  private enum Wake: Sendable {
    case lead
    case verdict(EpochVerdict)
  }

  private struct Waiting: Sendable {
    let layout: LayoutID
    let continuation: UnsafeContinuation<Wake, Never>
  }

  private struct State: Sendable {
    var isRunning = false
    var waiting: [Waiting] = []
  }

  private let state = Mutex(State())

  /// How many rounds there were.
  private let rounds = Mutex(0)
  var roundCount: Int { rounds.withLock { $0 } }

  /// Asks, or has somebody else ask.
  func confirm(
    _ layout: LayoutID,
    by ask: () async -> EpochVerdict
  ) async -> EpochVerdict {
    let isFirst = state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if !isFirst {
      let wake = await withUnsafeContinuation { continuation in
        let mayLead = state.withLock { state in
          // The round before may have ended meanwhile.
          if !state.isRunning {
            state.isRunning = true
            return true
          }
          state.waiting.append(Waiting(layout: layout, continuation: continuation))
          return false
        }
        if mayLead { continuation.resume(returning: .lead) }
      }
      if case .verdict(let verdict) = wake { return verdict }
    }
    return await lead(layout, by: ask)
  }

  private func lead(_ layout: LayoutID, by ask: () async -> EpochVerdict) async -> EpochVerdict {
    let served = state.withLock { state in
      let served = state.waiting.filter { $0.layout == layout }
      state.waiting.removeAll { $0.layout == layout }
      return served
    }
    rounds.withLock { $0 += 1 }
    let verdict = await ask()
    let next = state.withLock { state in
      state.isRunning = !state.waiting.isEmpty
      return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
    next?.continuation.resume(returning: .lead)
    for one in served { one.continuation.resume(returning: .verdict(verdict)) }
    return verdict
  }
}

extension Client {
  /// Makes sure that what was heard in an epoch was heard before the epoch ended.
  ///
  /// To be asked after the answer has come. (Rule R19.)
  func confirm(_ known: KnownLayout) async throws(Obstacle) {
    if !limits.confirmsNegatives || planted(.tellsUnconfirmed) { return }
    let verdict = await confirmation.confirm(known.id) { await self.poll(known) }
    switch verdict {
    case .isNewest: return
    case .isOver(let layout):
      let node = known.layout.sequencer.node
      throw .wrongEpoch(node, .sealed(known.id.epoch, newest: layout))
    case .unclear: throw .unconfirmed
    }
  }

  /// One round.
  private func poll(_ known: KnownLayout) async -> EpochVerdict {
    let acceptors = known.layout.acceptors
    var poll = Poll(of: acceptors)
    return await withTaskGroup(of: (UnitName, Reply?).self) { group in
      for acceptor in acceptors {
        group.addTask { (acceptor, await self.poll(acceptor, after: known)) }
      }
      defer { group.cancelAll() }
      for await (acceptor, reply) in group {
        switch reply {
        case .polled(let answer)?: poll.receive(answer, from: acceptor)
        case .decided(let layout)?: return .isOver(layout)
        default: break
        }
        if poll.isConfirmed { return .isNewest }
      }
      return .unclear
    }
  }

  private func poll(_ acceptor: UnitName, after known: KnownLayout) async -> Reply? {
    let request = Request.poll(PollRequest(base: known.id, acceptor: acceptor.incarnation))
    return await network.ask(
      request,
      of: acceptor,
      after: known.layout,
      patience: limits.callPatience
    )
  }
}
