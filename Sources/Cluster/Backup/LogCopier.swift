internal import CorfuClient
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

/// Writes what stands in one log to the same positions of another, whose only writer it is.
///
/// Positions are taken in order from the other's own sequencer, which so learns where streams end.
/// What was taken and not written, because something went wrong between, is written by the next
/// try: nobody else has a reason to. So nothing here ever fills a hole of the copy, as those do who
/// ask a log where it ends; and nothing is taken for copied that was not compared.
struct LogCopier {
  private let log: ClusterLog
  private let network: TCPTransport
  private let patience: Duration
  /// Whether the log that is copied goes on: then entries of the copy may be trimmed there since.
  private let follows: Bool
  private let onRetry: @Sendable () -> Void

  init(
    to target: LogConnection,
    follows: Bool,
    patience: Duration = .seconds(60),
    onRetry: @escaping @Sendable () -> Void = {}
  ) {
    log = target.log
    network = target.network
    self.follows = follows
    self.patience = patience
    self.onRetry = onRetry
  }

  /// The position that the copy hands out next; what stands right before it may not be whole.
  func next() async throws(BackupError) -> Position {
    do throws(LogError) {
      return try await log.ends(of: []).snapshot.position
    } catch {
      throw .log(error)
    }
  }

  /// Before which position all is trimmed in the copy.
  func trimMark() async throws(BackupError) -> Position {
    do throws(LogError) {
      return try await log.trimMark(from: .zero)
    } catch {
      throw .log(error)
    }
  }

  /// The first entry that the copy has before a position.
  func firstEntry(before end: Position) async throws(BackupError) -> Position? {
    let end = min(end, try await next())
    var begin = try await trimMark()
    while begin < end {
      let upTo = min(end, begin.advanced(by: Self.batchMax))
      let slots = try await read(begin..<upTo)
      let index = slots.firstIndex { slot in
        if case .data = slot { true } else { false }
      }
      if let index { return begin.advanced(by: index) }
      begin = upTo
    }
    return nil
  }

  /// Compares the copy with what is to stand at some positions in a row, and changes nothing.
  ///
  /// - Parameters:
  ///   - slots: What is to stand there.
  ///   - first: Where.
  ///   - next: The position that the copy hands out next.
  /// - Returns: The indexes of what is not there yet.
  /// - Throws: ``BackupError/notAlone(_:)`` where something else stands for good.
  func missing(
    of slots: [Slot],
    from first: Position,
    before next: Position
  ) async throws(BackupError) -> [Int] {
    let end = min(next, first.advanced(by: slots.count))
    let copied = first < end ? try await read(first..<end) : []
    var missing: [Int] = []
    for (index, (slot, copy)) in zip(slots, copied).enumerated() {
      switch (slot, copy) {
      case (.data, .data) where slot == copy: continue
      case (.trimmed, .trimmed), (.junk, .junk), (.junk, .trimmed): continue
      case (_, .empty), (.trimmed, .junk): missing.append(index)
      case (.trimmed, .data) where follows: missing.append(index)
      default: throw .notAlone(first.advanced(by: index))
      }
    }
    return missing + slots.indices.dropFirst(copied.count)
  }

  /// Makes all positions before one trimmed.
  ///
  /// What is there goes first: who is interrupted leaves nothing that the next one would have to
  /// compare with what the log has forgotten.
  func skip(to mark: Position) async throws(BackupError) {
    var next = try await next()
    if next > .zero { try await trimPrefix(before: min(next, mark)) }
    if next >= mark { return }
    while next < mark {
      let count = min(Int(clamping: mark.number - next.number), Token.countMax)
      let layout = log.layout
      let reply = await ask(
        .reserve(TokenRequest(layout: layout.id, count: count)),
        layout.sequencer.node
      )
      if case .token(let token)? = reply {
        guard token.first == next else { throw .notAlone(next) }
        next = next.advanced(by: count)
      } else {
        next = try await self.next()
      }
    }
    try await trimPrefix(before: mark)
  }

  private func trimPrefix(before mark: Position) async throws(BackupError) {
    do throws(LogError) {
      try await log.trimPrefix(before: mark)
    } catch {
      throw .log(error)
    }
  }

  /// Writes what is to stand at some positions in a row, where it does not stand yet.
  func write(_ slots: [Slot], from first: Position) async throws(BackupError) {
    let deadline = ContinuousClock.now + patience
    var trims: Set<Int> = []
    while true {
      // The client learns of new layouts by this.
      let next = try await next()
      let layout = log.layout
      let missing = try await missing(of: slots, from: first, before: next)
      trims.formUnion(missing.filter { slots[$0] == .trimmed })
      if missing.isEmpty { break }
      var isTaken = next >= first.advanced(by: slots.count)
      if !isTaken { isTaken = try await take(slots, from: first, next: next, in: layout) }
      let values = missing.map { PlacedValue(slots[$0], at: first.advanced(by: $0)) }
      if isTaken, try await writeDown(values, in: layout) { break }
      onRetry()
      if ContinuousClock.now > deadline || Task.isCancelled { throw Self.silence }
      // Cancelled: that is looked for above.
      try? await ContinuousClock().sleep(for: .milliseconds(20))
    }
    if trims.isEmpty { return }
    let positions = trims.sorted().map { first.advanced(by: $0) }
    while await !trim(positions, in: log.layout) {
      onRetry()
      if ContinuousClock.now > deadline || Task.isCancelled { throw Self.silence }
      // Cancelled: that is looked for above.
      try? await ContinuousClock().sleep(for: .milliseconds(20))
      // The client learns of new layouts by this.
      _ = try await next()
    }
  }

  private static var silence: BackupError {
    .log(.unavailable("the cluster that is to be the copy does not take entries"))
  }

  /// Trims positions that are written, those of each chain together.
  ///
  /// - Returns: Whether all of them are.
  private func trim(_ positions: [Position], in layout: Layout) async -> Bool {
    let chains = Dictionary(grouping: positions) {
      ReferenceParts.Mapping().chain(of: $0, in: layout)
    }
    return await withTaskGroup(of: Bool.self) { group in
      for (chain, positions) in chains {
        group.addTask { await self.trim(positions, on: self.replicas(of: chain, in: layout)) }
      }
      return await group.reduce(true) { $0 && $1 }
    }
  }

  private func trim(
    _ positions: [Position],
    on chain: [RemoteReplica<TCPTransport>]
  ) async -> Bool {
    for replica in chain {
      do throws(ReplicaError) {
        try await replica.trim(positions)
      } catch {
        return false  // Whatever it was, it is tried again.
      }
    }
    return true
  }

  private func replicas(of chain: Chain, in layout: Layout) -> [RemoteReplica<TCPTransport>] {
    chain.replicas.map { unit in
      RemoteReplica(unit, layout: layout.id, network: network, patience: .seconds(5))
    }
  }

  /// What stands in the copy; what is half-written is completed, and holes stay holes.
  private func read(_ range: Range<Position>) async throws(BackupError) -> [Slot] {
    do throws(LogError) {
      return try await log.read(range)
    } catch {
      throw .log(error)
    }
  }

  private func ask(_ request: Request, _ node: NodeID) async -> Reply? {
    // Silence is tried again.
    try? await network.call(request, to: node, patience: .seconds(2))
  }

  /// Takes the positions that are not taken yet.
  private func take(
    _ slots: [Slot],
    from first: Position,
    next: Position,
    in layout: Layout
  ) async throws(BackupError) -> Bool {
    let done = next <= first ? 0 : Int(next.number - first.number)
    if next < first { throw .notAlone(next) }
    let wishes = slots[done...].map { slot in
      guard case .data(let entry) = slot else { return Reservation() }
      return Reservation(count: 1, writes: entry.streams.map { StreamKeys($0.stream) })
    }
    let request = ReservationsRequest(layout: layout.id, reservations: wishes)
    guard case .grants(let grants)? = await ask(.reserveEach(request), layout.sequencer.node) else {
      return false
    }
    for (offset, grant) in grants.enumerated() {
      let place = first.advanced(by: done + offset)
      guard case .token(let token) = grant, token.first == place else { throw .notAlone(place) }
    }
    return grants.count == wishes.count
  }

  /// Writes values down their chains, all at once; what is to be trimmed is written as junk.
  ///
  /// - Returns: Whether all of them stand.
  private func writeDown(
    _ values: [PlacedValue],
    in layout: Layout
  ) async throws(BackupError) -> Bool {
    var chains: [Chain: [PlacedValue]] = [:]
    for value in values {
      let chain = ReferenceParts.Mapping().chain(of: value.position, in: layout)
      chains[chain, default: []].append(value)
    }
    let written = await withTaskGroup(of: Written.self) { group in
      for (chain, values) in chains {
        group.addTask { await self.write(values, to: self.replicas(of: chain, in: layout)) }
      }
      var all: Written = []
      for await some in group { all += some }
      return all
    }
    // In order: where two stand in the way, the first is told.
    for (value, outcome) in written.sorted(by: { $0.0.position < $1.0.position }) {
      guard try stands(value, after: outcome) else { return false }
    }
    return true
  }

  /// Values, and what came of them.
  private typealias Written = [(PlacedValue, ChainOutcome)]

  private func write(
    _ values: [PlacedValue],
    to chain: [RemoteReplica<TCPTransport>]
  ) async -> Written {
    let written = values.map { value in
      if case .data = value.value { value } else { PlacedValue(.junk, at: value.position) }
    }
    return Array(zip(values, await ReferenceParts.Writer().write(written, to: chain)))
  }

  private func stands(
    _ value: PlacedValue,
    after outcome: ChainOutcome
  ) throws(BackupError) -> Bool {
    switch outcome {
    case .complete: return true
    case .failed: return false
    case .trimmed:
      if case .data = value.value { throw .notAlone(value.position) }
      return true
    // Copied before it was trimmed.
    case .lost(.data) where value.value == .trimmed && follows: return true
    case .lost, .inconsistent: throw .notAlone(value.position)
    }
  }

  /// How many positions are looked at at once.
  private static var batchMax: Int { 256 }
}
