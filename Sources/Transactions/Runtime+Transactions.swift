internal import CorfuClient
public import CorfuGlobalLog
internal import CorfuSequencer

extension Runtime {
  /// Does something to objects as if nobody else were there: all of it happens, at one position of
  /// the log, or nothing.
  ///
  /// The body may run several times: when something that it read has moved, it is run again, at a
  /// later moment. So it should have no effects but those on objects. An error that it throws ends
  /// the transaction, and nothing of it happens; unless what it had read was no longer true when it
  /// began: then it is run again first.
  ///
  /// - Parameter body: Reads and writes through the transaction.
  /// - Returns: What the body returned, in the run that counted.
  /// - Throws: What the body throws; ``ObjectError/aborted(_:)`` if it was tried as often as the
  ///   limits allow; `LogError.indefinite` in an ``ObjectError/log(_:)`` if nobody can say
  ///   whether it happened: look before you do it again (R36).
  public func transaction<Answer>(
    _ body: (Transaction<Log>) async throws -> Answer
  ) async throws -> Answer {
    var pause = limits.pauseMin
    var attempt = 1
    while true {
      // What it read is judged at its end, so that an old moment does no harm but a second try.
      let transaction = attempt == 1 ? try await begin(fresh: false) : try await begin()
      var hasDecided = false
      do {
        let answer = try await body(transaction)
        hasDecided = true
        _ = try await commit(transaction)
        return answer
      } catch {
        transaction.close()
        let mayGoOn = attempt < limits.attemptsMax && error.isWorthAnotherTry
        // An error of the body's own is believed if what it read was true when it began.
        let isOld = !hasDecided && !mayGoOn ? await hasMoved(transaction) : false
        if Task.isCancelled || !(mayGoOn || isOld) { throw error }
      }
      attempt += 1
      await log.rest(for: pause)
      pause = min(pause * 2, limits.pauseMax)
    }
  }

  /// Whether what a transaction read had moved before it began, or may have.
  private func hasMoved(_ transaction: Transaction<Log>) async -> Bool {
    if transaction.isFresh || Task.isCancelled { return false }
    do throws(ObjectError) {
      try await sync()
    } catch {
      // Nobody can say; the error of the body is the one to tell.
      return false
    }
    return transaction.movedSince != nil
  }

  /// Begins a transaction that ends with ``commit(_:)`` or ``rollback(_:)``.
  ///
  /// It is for somebody who decides step by step. Otherwise use ``transaction(_:)``.
  public func begin() async throws(ObjectError) -> Transaction<Log> {
    try await begin(fresh: true)
  }

  private func begin(fresh: Bool) async throws(ObjectError) -> Transaction<Log> {
    let isFresh = fresh || isWorthPlaying
    if isFresh { try await sync() }
    let snapshot = access { state in
      state.pins.pin(state.seen.position)
      return state.seen
    }
    return Transaction(at: snapshot, isFresh: isFresh, in: self)
  }

  /// Whether a transaction had better begin at the end of the log than where the objects are.
  ///
  /// Nothing that it read and that has moved gets past its end, so an old moment costs a second try
  /// at worst. Where nobody else is playing, or what is read moves often, that is worth waiting
  /// for.
  private var isWorthPlaying: Bool {
    let known = log.knownEpoch
    let isPlaying = rounds.isUnderWay
    return access { state in
      // What was read in another reign is off for sure (R37).
      if state.seen.epoch < known || state.seen.epoch == .zero { return true }
      let isBehind = state.seen.position < state.ownEnd
      return isBehind && (!isPlaying || state.aborts.isHigh)
    }
  }

  /// Ends a transaction without a trace.
  public func rollback(_ transaction: Transaction<Log>) {
    transaction.close()
  }

  /// Ends a transaction: all of it happens, or nothing.
  ///
  /// - Returns: Where its entry stands; `nil` if it wrote nothing.
  /// - Throws: ``ObjectError/aborted(_:)`` if nothing of it happened, and nothing will.
  public func commit(_ transaction: Transaction<Log>) async throws(ObjectError) -> Position? {
    defer { transaction.close() }
    do throws(ObjectError) {
      // What it hangs on, if anything, no sequencer of another reign takes for unmoved.
      let position =
        transaction.isReadOnly
        ? try await confirm(transaction)
        : try await put(transaction, since: try await proveNames(since: transaction.namesLost))
      access { state in
        state.counters.committed += 1
        state.aborts.note(isOff: false)
        if let position { state.ownEnd = max(state.ownEnd, position.advanced(by: 1)) }
      }
      return position
    } catch {
      access { state in
        state.counters.aborted += 1
        state.aborts.note(isOff: true)
      }
      throw error
    }
  }

  /// Ends a transaction that wrote nothing: it is nowhere.
  private func confirm(_ transaction: Transaction<Log>) async throws(ObjectError) -> Position? {
    // What it read was true at its moment. Was it still true when it began?
    if !transaction.isFresh {
      try await sync()
      if let reason = transaction.movedSince { throw .aborted(reason) }
    }
    return nil
  }

  private func put(
    _ transaction: Transaction<Log>,
    since epoch: Epoch
  ) async throws(ObjectError) -> Position {
    let (payload, writes, condition) = transaction.entry
    guard payload.count <= limits.payloadBytesMax, writes.count <= Token.streamsMax else {
      throw .aborted(.tooLarge(bytes: payload.count, streams: writes.count))
    }
    guard let condition else {
      return try await ask { (log) throws(LogError) in
        try await log.append(payload, writing: writes, since: epoch)
      }
    }
    do {
      return try await log.append(payload, writing: writes, if: condition)
    } catch {
      switch error {
      case .refused(let refusal): throw .aborted(AbortReason(refusal))
      case .lost: throw .aborted(.lost)
      case .log(.entryTooLarge(let bytes, _)):
        throw .aborted(.tooLarge(bytes: bytes, streams: writes.count))
      case .log(let error): throw .log(error)
      }
    }
  }

  func unpin(_ position: Position) {
    access { state in
      guard state.pins.unpin(position) else { return }
      // Within the lock: what somebody pins meanwhile must not be forgotten.
      for object in state.objects.values { object.forget(unless: state.pins) }
    }
  }
}

extension Error {
  /// Whether a transaction that ended with it may go well, read again.
  fileprivate var isWorthAnotherTry: Bool {
    guard case .aborted(let reason)? = self as? ObjectError else { return false }
    return reason.isWorthAnotherTry
  }
}
