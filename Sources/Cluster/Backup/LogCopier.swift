internal import Corfu
internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

/// Writes what stands in one log to the same positions of another, whose only writer it is.
///
/// Positions are taken in order from the other's own sequencer, which so learns where streams end.
/// What was taken and not written, because something went wrong between, is written by the next
/// try: nobody else has a reason to.
struct LogCopier {
  private let log: ClusterLog
  private let network: TCPTransport
  private let patience: Duration

  init(to log: ClusterLog, via network: TCPTransport, patience: Duration = .seconds(60)) {
    self.log = log
    self.network = network
    self.patience = patience
  }

  /// Where the copy ends: all before it is as it should be.
  func end() async throws(BackupError) -> Position {
    do throws(LogError) {
      let tail = try await log.tail()
      let mark = try await log.trimMark(from: .zero)
      // The last ones may have been taken and not written.
      var end = tail
      while end > mark {
        let begin = max(mark, Position(end.number - min(end.number, Self.batchMax)))
        let slots = try await log.read(begin..<end)
        guard let hole = slots.firstIndex(of: .empty) else { break }
        end = begin.advanced(by: hole)
        if hole > 0 { break }
      }
      return end
    } catch {
      throw .log(error)
    }
  }

  /// Makes all positions before one trimmed, in a log that ends before it.
  func skip(to mark: Position) async throws(BackupError) {
    var next = try await tail()
    while next < mark {
      let count = min(Int(clamping: mark.number - next.number), Token.countMax)
      let layout = log.layout
      let reply = await ask(
        .reserve(TokenRequest(layout: layout.id, count: count)),
        layout.sequencer.node
      )
      if case .token(let token)? = reply {
        guard token.first == next else { throw .notAlone(token.first) }
        next = next.advanced(by: count)
      } else {
        next = try await tail()
      }
    }
    do throws(LogError) {
      try await log.trimPrefix(before: mark)
    } catch {
      throw .log(error)
    }
  }

  /// Writes what stands at some positions in a row.
  func write(_ slots: [Slot], from first: Position) async throws(BackupError) {
    let deadline = ContinuousClock.now + patience
    let places = slots.indices.map { first.advanced(by: $0) }
    while true {
      // The client learns of new layouts by this.
      let tail = try await tail()
      let layout = log.layout
      var isTaken = tail >= first.advanced(by: slots.count)
      if !isTaken { isTaken = try await take(slots, from: first, tail: tail, in: layout) }
      if isTaken, try await writeDown(slots, at: places, in: layout) { break }
      if ContinuousClock.now > deadline || Task.isCancelled {
        throw .log(.unavailable("the cluster that is to be the copy does not take entries"))
      }
      // Cancelled: that is looked for above.
      try? await ContinuousClock().sleep(for: .milliseconds(20))
    }
    for (slot, place) in zip(slots, places) where slot == .trimmed {
      do throws(LogError) {
        try await log.trim(place)
      } catch {
        throw .log(error)
      }
    }
  }

  private func tail() async throws(BackupError) -> Position {
    do throws(LogError) {
      return try await log.tail()
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
    tail: Position,
    in layout: Layout
  ) async throws(BackupError) -> Bool {
    let done = tail <= first ? 0 : Int(tail.number - first.number)
    if tail < first { throw .notAlone(tail) }
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

  private func writeDown(
    _ slots: [Slot],
    at places: [Position],
    in layout: Layout
  ) async throws(BackupError) -> Bool {
    var chains: [Chain: [PlacedValue]] = [:]
    for (slot, place) in zip(slots, places) {
      let value: Slot = if case .data = slot { slot } else { .junk }
      let chain = ReferenceParts.Mapping().chain(of: place, in: layout)
      chains[chain, default: []].append(PlacedValue(value, at: place))
    }
    for (chain, values) in chains {
      let replicas = chain.replicas.map { unit in
        RemoteReplica(unit, layout: layout.id, network: network, patience: .seconds(5))
      }
      let outcomes = await ReferenceParts.Writer().write(values, to: replicas)
      for (value, outcome) in zip(values, outcomes) {
        switch outcome {
        case .complete, .trimmed: continue
        case .lost(let slot) where slot == value.value: continue
        case .lost, .inconsistent: throw .notAlone(value.position)
        case .failed: return false
        }
      }
    }
    return true
  }

  /// How many positions are looked at at once.
  private static var batchMax: UInt64 { 256 }
}
