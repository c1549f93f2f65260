/// Something asked of a store, and who waits for the answer.
struct CommitRequest: Sendable {
  enum Command: Sendable {
    case write([RecordDraft])
    case fill(Position)
    case trim(Position)
    case trimPrefix(Position)
    case settle
    case close
  }

  let command: Command
  /// Resumed exactly once: by the round that answers, or when the store ends.
  let continuation: UnsafeContinuation<Result<RunOutcome, LogError>, Never>
  /// How many records of a run are staged or durable.
  var done = 0
}

/// One turn of a store: what could be staged for one sync, the answers to give once it is durable, and the
/// rest, which goes into the next round.
struct CommitRound<Storage: Device> {
  private(set) var answers: [(request: CommitRequest, result: Result<RunOutcome, LogError>)] = []
  private(set) var rest: [CommitRequest] = []
  /// Where in `rest` the request stands that met a full segment.
  private var stuck: Int?
  private let requests: [CommitRequest]

  private enum Progress {
    case done(RunOutcome)
    /// Its position is under way for somebody else, or the batch is full.
    case later
    case segmentFull
  }

  init(_ requests: [CommitRequest]) {
    self.requests = requests
  }

  /// Stages what it can, in order.
  mutating func stage(on store: SegmentStore<Storage>) {
    answers.reserveCapacity(requests.count)
    for (index, request) in requests.enumerated() {
      if store.isBatchFull { return rest += requests[index...] }
      var request = request
      do {
        switch try advance(&request, on: store) {
        case .done(let outcome): answers.append((request, .success(outcome)))
        case .later: rest.append(request)
        case .segmentFull:
          stuck = rest.count
          rest.append(request)
          return rest += requests[(index + 1)...]
        }
      } catch {
        refuse(request, error)
      }
    }
  }

  /// Rolls to the next segment, if this one is full. If there is none, who met the full one is told.
  mutating func makeRoom(on store: SegmentStore<Storage>) async throws(LogError) {
    guard let stuck else { return }
    do {
      try await store.roll()
    } catch {
      guard error == .outOfSpace else { throw error }
      refuse(rest.remove(at: stuck), error)
    }
  }

  /// Gives the answers. Returns those who asked to close the store; they are answered when it is closed.
  func answer() -> [CommitRequest] {
    var closers: [CommitRequest] = []
    for (request, result) in answers {
      if case .close = request.command {
        closers.append(request)
      } else {
        request.continuation.resume(returning: result)
      }
    }
    return closers
  }

  /// What a run staged before it met an error is a fact; who asks again for the rest gets the error.
  private mutating func refuse(_ request: CommitRequest, _ error: LogError) {
    let isBegun = request.done > 0
    answers.append(
      (request, isBegun ? .success(RunOutcome(written: request.done)) : .failure(error)))
  }

  private func advance(
    _ request: inout CommitRequest, on store: SegmentStore<Storage>
  ) throws(LogError) -> Progress {
    switch request.command {
    case .write(let drafts): return try advance(drafts, &request.done, on: store)
    case .fill(let position): return progress(try store.stageFill(position))
    case .trim(let position): return progress(try store.stageTrim(position))
    case .trimPrefix(let mark): return progress(try store.stagePrefixTrim(before: mark))
    case .settle: return progress(try store.stageSettlement())
    case .close: return .done(RunOutcome(written: 0))
    }
  }

  private func advance(
    _ drafts: [RecordDraft], _ done: inout Int, on store: SegmentStore<Storage>
  ) throws(LogError) -> Progress {
    while done < drafts.count {
      if store.isBatchFull { return .later }
      switch try store.stageWrite(drafts[done]) {
      case .staged: done += 1
      case .busy: return .later
      case .segmentFull: return .segmentFull
      case .refused(let slot): return .done(RunOutcome(written: done, obstacle: slot))
      }
    }
    return .done(RunOutcome(written: done))
  }

  private func progress(_ staging: SegmentStore<Storage>.Staging) -> Progress {
    switch staging {
    case .staged: .done(RunOutcome(written: 1))
    case .busy: .later
    case .segmentFull: .segmentFull
    case .refused(let slot): .done(RunOutcome(written: 0, obstacle: slot))
    }
  }
}
