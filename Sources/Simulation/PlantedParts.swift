#if PlantedBugs
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

// The parts of chapters 3, 5 and 7 with the bug that is switched on. They stand around the real
// ones, so that the code of the chapters stays free of what is wrong.

struct PlantedMapping: PositionMapping {
  func chain(of position: Position, in layout: Layout) -> Chain {
    guard planted(.rotatesBySpan) else { return RoundRobin().chain(of: position, in: layout) }
    let span = layout.span(of: position)
    return span.stripes[span.begin.distance(to: position) % span.stripes.count]
  }
}

struct PlantedWriter: ChainWriting {
  func write(_ values: [PlacedValue], to chain: [some Replica]) async -> [ChainOutcome] {
    let real = ChainWriter()
    if planted(.writesTailFirst) { return await real.write(values, to: chain.reversed()) }
    if planted(.skipsTheTail), chain.count > 1 {
      return await real.write(values, to: Array(chain.dropLast()))
    }
    var outcomes = await real.write(values, to: chain)
    for index in outcomes.indices {
      switch outcomes[index] {
      case .lost where planted(.takesLostForWritten) && values[index].value != .junk:
        outcomes[index] = .complete
      case .complete where planted(.doubtsItself) && values[index].value != .junk:
        // One of two tries finds its own value, and does not know it.
        let again = await real.write([values[index]], to: Array(chain.prefix(1)))
        if again == [.complete], values[index].position.number % 7 == 3 {
          outcomes[index] = .lost(values[index].value)
        }
      case .failed(let error, mayStand: true) where planted(.retriesUnknown):
        outcomes[index] = .failed(error, mayStand: false)
      default: break
      }
    }
    return outcomes
  }
}

struct PlantedReader: ChainReading {
  func read(
    _ positions: [Position],
    from chain: [some Replica],
    completingBy writer: some ChainWriting
  ) async throws(ChainError) -> [Result<Slot, LogError>] {
    let real = ChainReader()
    if planted(.readsTheHead) {
      return try await real.read(positions, from: Array(chain.prefix(1)), completingBy: writer)
    }
    return try await real.read(positions, from: chain, completingBy: writer)
  }
}

struct PlantedFiller: ChainFilling {
  func fill(
    _ position: Position,
    on chain: [some Replica],
    by writer: some ChainWriting
  ) async throws(ChainError) -> Slot {
    guard planted(.fillsWithoutAdopting) else {
      return try await ChainFiller().fill(position, on: chain, by: writer)
    }
    _ = await writer.write([PlacedValue(.junk, at: position)], to: chain)
    return .junk
  }
}

struct PlantedWindow: ConflictJudging {
  private var real: ConflictWindow
  private var late: (writes: [StreamKeys], positions: Range<Position>)?

  init(writesMax: Int) {
    real = ConflictWindow(writesMax: writesMax)
  }

  mutating func begin(_ epoch: Epoch, at tail: Position, goesOn: Bool) {
    if planted(.keepsWindow) { return }
    late = nil
    real.begin(epoch, at: tail, goesOn: goesOn)
  }

  func judge(_ condition: CommitCondition) -> CommitRefusal? {
    let refusal = real.judge(condition)
    if planted(.takesForgottenForUnmoved), case .forgotten = refusal { return nil }
    return refusal
  }

  mutating func note(_ writes: [StreamKeys], at positions: Range<Position>) {
    if planted(.forgetsKeylessTokens) {
      return real.note(writes.filter { $0.keys != nil }, at: positions)
    }
    guard planted(.judgesApart) else { return real.note(writes, at: positions) }
    if let late { real.note(late.writes, at: late.positions) }
    late = (writes, positions)
  }

  static func == (left: Self, right: Self) -> Bool { left.real == right.real }
}

struct PlantedGate: EpochAdmission {
  private var real: EpochGate

  init() {
    real = EpochGate()
  }

  init(sealed: Epoch, installed: LayoutID?) {
    real = EpochGate(sealed: sealed, installed: installed)
  }

  var sealed: Epoch { real.sealed }
  var installed: LayoutID? { real.installed }

  func refusal(of layout: LayoutID) -> EpochRefusal? {
    let refusal = real.refusal(of: layout)
    if planted(.admitsSealedEpochs), case .sealed = refusal { return nil }
    if planted(.admitsTheFuture), case .behind = refusal { return nil }
    return refusal
  }

  mutating func seal(_ epoch: Epoch) {
    real.seal(epoch)
  }

  mutating func install(_ layout: LayoutID) -> EpochRefusal? {
    real.install(layout)
  }
}
#endif
