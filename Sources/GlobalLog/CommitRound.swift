/// Something asked of a store, and who waits for the answer.
struct CommitRequest: Sendable {
  typealias Answer = Result<Outcome, LogError>

  enum Outcome: Sendable {
    case run(RunOutcome)
    case each([WriteAnswer])
    case retirement(Retirement)
  }

  /// What came of a step towards the removal of a segment.
  enum Retirement: Sendable {
    /// What was asked for holds; if it was the last step, the segment is gone.
    case proven
    /// Something stands or is said only there.
    case needed
    /// The proof begins anew.
    case stale
    /// There is no such segment any more.
    case gone
  }

  enum Command: Sendable {
    case write(WriteRun)
    case writeEach(ScatteredWrites)
    case fill(Position)
    case trim(Position)
    case trimPrefix(Position)
    case trimRanges([Range<Position>])
    case settle
    /// Copies live records of a closed segment.
    case copy(CopyRun)
    /// Says again some of what only a closed segment says.
    case restate(RestatementRun)
    /// Proves that nothing that is live stands in a closed segment only.
    case prove(UInt32)
    /// Removes a closed segment, if what it says is said elsewhere.
    case retire(SegmentRemains)
    /// Writes a closed segment anew, smaller, where there is no other room.
    case rewrite(CopyRun)
    case close
  }

  let command: Command
  /// Resumed exactly once: by the round that answers, or when the store ends.
  let continuation: UnsafeContinuation<Answer, Never>
  /// How many records of a run are staged or durable, or how far a proof is.
  var done = 0
  /// What to say of each of some scattered writes, once those before are durable.
  var answers: [WriteAnswer] = []
  /// What to say once the round is durable.
  fileprivate(set) var answer: Answer?

  /// Whether some of it may have had an effect, and the rest not.
  var isBegun: Bool {
    switch command {
    case .write, .copy: done > 0
    default: false
    }
  }

  init(command: Command, continuation: UnsafeContinuation<Answer, Never>) {
    self.command = command
    self.continuation = continuation
  }
}

/// Entries for positions side by side, with the sums of their bodies.
struct WriteRun: Sendable {
  let entries: [Entry]
  let position: Position
  let epoch: Epoch
  /// The sum of a lone entry: the most frequent run needs no array.
  private let firstSum: UInt32
  private let sums: [UInt32]

  init(_ entries: [Entry], at position: Position, epoch: Epoch) {
    self.entries = entries
    self.position = position
    self.epoch = epoch
    firstSum = entries.first.map(RecordDraft.bodySum) ?? 0
    sums = entries.count > 1 ? entries.map(RecordDraft.bodySum) : []
  }

  /// The record of one of the entries.
  func draft(_ index: Int) -> RecordDraft {
    RecordDraft(
      entries[index],
      at: position.advanced(by: index),
      epoch: epoch,
      bodySum: index == 0 ? firstSum : sums[index]
    )
  }
}

/// Values for positions anywhere, with the sums of their bodies.
struct ScatteredWrites: Sendable {
  let values: [PlacedValue]
  let epoch: Epoch
  /// Whether they may take the place of records that rot took.
  let repairs: Bool
  private let sums: [UInt32]

  init(_ values: [PlacedValue], epoch: Epoch, repairs: Bool = false) {
    self.values = values
    self.epoch = epoch
    self.repairs = repairs
    sums = values.map { placed in
      if case .data(let entry) = placed.value { RecordDraft.bodySum(of: entry) } else { 0 }
    }
  }

  /// The record of one of the values.
  func draft(_ index: Int) -> RecordDraft {
    let placed = values[index]
    switch placed.value {
    case .data(let entry):
      return RecordDraft(entry, at: placed.position, epoch: epoch, bodySum: sums[index])
    case .junk:
      return RecordDraft(.junk, placed.position, epoch: epoch)
    case .trimmed:
      return RecordDraft(.trim, placed.position, epoch: epoch)
    case .empty:
      preconditionFailure("nothing is ever written to be empty")
    }
  }
}

/// One turn of a store: what could be staged for one sync, the answers to give once it is durable,
/// and the rest, which goes into the next round.
struct CommitRound<Storage: Device> {
  /// In the order of asking.
  ///
  /// Those without an answer are for the next round.
  private(set) var requests: [CommitRequest] = []
  private var answerCount = 0
  /// The request that met a full segment.
  private var stuck: Int?
  private var hasCloser = false
  /// The closed segment whose file goes once this round is durable.
  private var retiring: (number: UInt32, bytes: Int)?
  /// The request that wants a segment written anew, with nothing staged.
  private var rewriter: Int?

  private enum Progress {
    case done(CommitRequest.Outcome)
    /// Its position is under way for somebody else, or the batch is full.
    case later
    case segmentFull
    case retired(UInt32, bytes: Int)
    case rewrites
  }

  /// Whether nothing may be staged before this round is over: its segment is full, or it closes.
  var isLast: Bool { stuck != nil || hasCloser || rewriter != nil }

  /// Takes in what was asked later, and leaves nothing of it behind but room.
  mutating func take(_ later: inout [CommitRequest]) {
    if requests.isEmpty {
      swap(&requests, &later)
    } else {
      requests += later
      later.removeAll(keepingCapacity: true)
    }
  }

  /// Gives away what has no answer yet.
  mutating func takeRest() -> [CommitRequest] {
    guard answerCount < requests.count else { return [] }
    let rest = requests.filter { $0.answer == nil }
    requests.removeAll { $0.answer == nil }
    return rest
  }

  /// Stages what it can, in order; it may be asked again when more can be staged.
  mutating func stage(on store: SegmentStore<Storage>) {
    if isLast { return }
    for index in requests.indices where requests[index].answer == nil {
      if store.isBatchFull { return }
      do {
        switch try advance(index, on: store) {
        case .done(let outcome): answer(index, .success(outcome))
        case .later: break
        case .retired(let number, let bytes):
          retiring = (number, bytes)
          answer(index, .success(.retirement(.proven)))
        case .rewrites:
          rewriter = index
          return
        case .segmentFull:
          stuck = index
          return
        }
      } catch {
        refuse(index, error)
      }
    }
  }

  /// Rolls to the next segment, if this one is full.
  ///
  /// If there is none, who met it is told.
  mutating func makeRoom(on store: SegmentStore<Storage>) async throws(LogError) {
    guard let stuck else { return }
    do {
      try await store.roll()
    } catch {
      guard error == .outOfSpace else { throw error }
      refuse(stuck, error)
    }
  }

  /// Does what can be done only now that the round is durable: removes the file of a retired
  /// segment, writes one anew.
  mutating func moveSegments(on store: SegmentStore<Storage>) async throws(LogError) {
    if let retiring { try await store.removeRetired(retiring.number, bytes: retiring.bytes) }
    retiring = nil
    guard let rewriter, case .rewrite(let run) = requests[rewriter].command else { return }
    self.rewriter = nil
    do {
      let isDone = try await store.rewrite(run)
      answer(rewriter, .success(.run(RunOutcome(written: isDone ? 1 : 0))))
    } catch {
      if case .failed = error { throw error }
      refuse(rewriter, error)
    }
  }

  /// Gives the answers, and keeps the rest.
  ///
  /// Returns those who asked to close the store; they are answered when it is closed.
  mutating func answer() -> [CommitRequest] {
    var closers: [CommitRequest] = []
    for request in requests {
      guard let answer = request.answer else { continue }
      if case .close = request.command {
        closers.append(request)
      } else {
        request.continuation.resume(returning: answer)
      }
    }
    requests.removeAll { $0.answer != nil }
    answerCount = 0
    stuck = nil
    return closers
  }

  private mutating func answer(_ index: Int, _ answer: CommitRequest.Answer) {
    if case .close = requests[index].command { hasCloser = true }
    requests[index].answer = answer
    answerCount += 1
  }

  /// What a run staged before it met an error is a fact; who asks for the rest again hears of it.
  private mutating func refuse(_ index: Int, _ error: LogError) {
    if case .writeEach(let writes) = requests[index].command {
      // The others of the request may have better luck, or were answered already.
      let rest = writes.values.count - requests[index].answers.count
      requests[index].answers += repeatElement(.refused(error), count: rest)
      return answer(index, .success(.each(requests[index].answers)))
    }
    let done = requests[index].done
    let isBegun = requests[index].isBegun
    answer(index, isBegun ? .success(.run(RunOutcome(written: done))) : .failure(error))
  }

  private mutating func advance(
    _ index: Int,
    on store: SegmentStore<Storage>
  ) throws(LogError) -> Progress {
    // One at a time: each counts as an end of what the others' proofs stand on.
    if case .retire = requests[index].command, retiring != nil { return .later }
    return try Self.advance(&requests[index], on: store)
  }

  // Static: a call on the round would hold a copy of it, and every change would copy the requests.
  private static func advance(
    _ request: inout CommitRequest,
    on store: SegmentStore<Storage>
  ) throws(LogError) -> Progress {
    switch request.command {
    case .write(let run): return try advance(run, &request.done, on: store)
    case .writeEach(let writes): return advance(writes, &request.answers, on: store)
    case .fill(let position): return progress(try store.stageFill(position))
    case .trim(let position): return progress(try store.stageTrim(position))
    case .trimPrefix(let mark): return progress(try store.stagePrefixTrim(before: mark))
    case .trimRanges(let ranges): return progress(try store.stageTrim(ranges))
    case .settle: return progress(try store.stageSettlement())
    case .copy(let run): return try advance(run, &request.done, on: store)
    case .restate(let run): return progress(try store.stageRestatement(run, &request.done))
    case .prove(let number):
      return progress(try store.proveCopied(number, from: request.done), &request.done)
    case .retire(let remains): return try retire(remains, &request.done, on: store)
    case .rewrite: return .rewrites
    case .close: return .done(.run(RunOutcome(written: 0)))
    }
  }

  private static func advance(
    _ run: WriteRun,
    _ done: inout Int,
    on store: SegmentStore<Storage>
  ) throws(LogError) -> Progress {
    while done < run.entries.count {
      if store.isBatchFull { return .later }
      switch try store.stageWrite(run.draft(done)) {
      case .staged: done += 1
      case .busy: return .later
      case .segmentFull: return .segmentFull
      case .refused(let slot): return .done(.run(RunOutcome(written: done, obstacle: slot)))
      }
    }
    return .done(.run(RunOutcome(written: done)))
  }

  private static func advance(
    _ writes: ScatteredWrites,
    _ answers: inout [WriteAnswer],
    on store: SegmentStore<Storage>
  ) -> Progress {
    while answers.count < writes.values.count {
      if store.isBatchFull { return .later }
      do throws(LogError) {
        let draft = writes.draft(answers.count)
        switch try writes.repairs ? store.stageRepair(draft) : stage(draft, on: store) {
        case .staged: answers.append(.written)
        case .busy: return .later
        case .segmentFull: return .segmentFull
        case .refused(let slot): answers.append(.taken(slot))
        }
      } catch {
        answers.append(.refused(error))
      }
    }
    return .done(.each(answers))
  }

  private static func stage(
    _ draft: RecordDraft,
    on store: SegmentStore<Storage>
  ) throws(LogError) -> SegmentStore<Storage>.Staging {
    switch draft.kind {
    case .junk: try store.stageFill(draft.position, epoch: draft.epoch)
    case .trim: try store.stageTrim(draft.position, epoch: draft.epoch)
    default: try store.stageWrite(draft)
    }
  }

  private static func advance(
    _ run: CopyRun,
    _ done: inout Int,
    on store: SegmentStore<Storage>
  ) throws(LogError) -> Progress {
    if !run.lost.isEmpty && done == 0 { store.noteDamage(run.lost, in: run.segment) }
    while done < run.drafts.count {
      if store.isBatchFull { return .later }
      switch try store.stageCopy(run.drafts[done]) {
      case .staged, .refused: done += 1
      case .busy: return .later
      case .segmentFull: return .segmentFull
      }
    }
    return .done(.run(RunOutcome(written: done)))
  }

  private static func retire(
    _ remains: SegmentRemains,
    _ done: inout Int,
    on store: SegmentStore<Storage>
  ) throws(LogError) -> Progress {
    let number = remains.segment
    let bytes = store.reader.closedSegment(number)?.trailer.end ?? 0
    let verdict = try store.proveRestated(remains, from: done)
    return verdict == .proven ? .retired(number, bytes: bytes) : progress(verdict, &done)
  }

  private static func progress(
    _ verdict: SegmentStore<Storage>.Retirement,
    _ done: inout Int
  ) -> Progress {
    switch verdict {
    case .provenUpTo(let count):
      done = count
      return .later
    case .proven: return .done(.retirement(.proven))
    case .needed: return .done(.retirement(.needed))
    case .stale: return .done(.retirement(.stale))
    case .gone: return .done(.retirement(.gone))
    }
  }

  private static func progress(_ staging: SegmentStore<Storage>.Staging) -> Progress {
    switch staging {
    case .staged: .done(.run(RunOutcome(written: 1)))
    case .busy: .later
    case .segmentFull: .segmentFull
    case .refused(let slot): .done(.run(RunOutcome(written: 0, obstacle: slot)))
    }
  }
}
