internal import CorfuGlobalLog
internal import CorfuStripeMirror
internal import Synchronization

/// Reads of many callers that go out together.
///
/// Who comes while a chain is asked waits, and the first of those who wait asks for all of them.
/// Only what can never change is taken from others' questions: an entry, or that it was trimmed.
/// For everything else each asks by itself.
final class ReadQueue: Sendable {
  /// What a caller does.
  enum Role: Sendable {
    /// It asks, for itself and those who wait; ``leave(_:)`` must follow.
    case asker
    /// Somebody asked for it; `nil` if that told nothing that lasts.
    case answered(Slot?)
  }

  /// Who waits, and for which position.
  struct Waiting: Sendable {
    fileprivate let number: UInt64
    let position: Position
    fileprivate let continuation: UnsafeContinuation<Role, Never>
  }

  private struct Line: Sendable {
    var askers = 0
    var waiting: [Waiting] = []
  }

  private struct State: Sendable {
    var lines: [Chain: Line] = [:]
    var lastNumber: UInt64 = 0
  }

  private let state = Mutex(State())
  private let askersMax: Int
  private let positionsMax: Int

  /// - Parameters:
  ///   - askersMax: How many ask one chain at once.
  ///   - positionsMax: For how many one of them asks.
  init(askersMax: Int, positionsMax: Int) {
    self.askersMax = askersMax
    self.positionsMax = positionsMax
  }

  /// Waits, if enough others ask the chain.
  func role(at position: Position, of chain: Chain) async -> Role {
    let number: UInt64? = state.withLock { state in
      if state.lines[chain, default: Line()].askers < askersMax {
        state.lines[chain, default: Line()].askers += 1
        return nil
      }
      state.lastNumber += 1
      return state.lastNumber
    }
    guard let number else { return .asker }
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        wait(Waiting(number: number, position: position, continuation: continuation), for: chain)
        // It may have been cancelled before it waited.
        if Task.isCancelled { giveUp(number, of: chain) }
      }
    } onCancel: {
      giveUp(number, of: chain)
    }
  }

  private func wait(_ waiting: Waiting, for chain: Chain) {
    let isAsker = state.withLock { state in
      // An asker may have left meanwhile, and nobody would wake whoever waits.
      if state.lines[chain, default: Line()].askers < askersMax {
        state.lines[chain, default: Line()].askers += 1
        return true
      }
      state.lines[chain]?.waiting.append(waiting)
      return false
    }
    if isAsker { waiting.continuation.resume(returning: .asker) }
  }

  private func giveUp(_ number: UInt64, of chain: Chain) {
    let leaver = state.withLock { state -> Waiting? in
      guard let index = state.lines[chain]?.waiting.firstIndex(where: { $0.number == number })
      else { return nil }
      return state.lines[chain]?.waiting.remove(at: index)
    }
    leaver?.continuation.resume(returning: .answered(nil))
  }

  /// Takes those who wait, as many as one asks for; ``answer(_:_:)`` must follow.
  func company(at chain: Chain) -> [Waiting] {
    state.withLock { state in
      guard var line = state.lines[chain], !line.waiting.isEmpty else { return [] }
      let company = Array(line.waiting.prefix(positionsMax - 1))
      line.waiting.removeFirst(company.count)
      state.lines[chain] = line
      return company
    }
  }

  /// Tells those who waited what stands at their positions.
  func answer(_ company: [Waiting], _ slots: some Sequence<Slot?>) {
    for (waiting, slot) in zip(company, slots) {
      waiting.continuation.resume(returning: .answered(slot))
    }
  }

  /// Gives an asker's place to who waits longest.
  func leave(_ chain: Chain) {
    let next = state.withLock { state -> Waiting? in
      guard var line = state.lines[chain] else { return nil }
      let next = line.waiting.isEmpty ? nil : line.waiting.removeFirst()
      if next == nil { line.askers -= 1 }
      // Layouts come and go: nothing is kept of a chain that nobody asks.
      state.lines[chain] = line.askers == 0 ? nil : line
      return next
    }
    next?.continuation.resume(returning: .asker)
  }
}
