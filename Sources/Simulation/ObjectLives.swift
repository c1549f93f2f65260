internal import CorfuGlobalLog
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import Synchronization

// The two lives of objects whose log was lost altogether, and began anew (R24): what somebody was
// told in the one says nothing of the other. Each is judged by itself; of what began in the one and
// ended in the other nothing is known.

extension ClusterNodes {
  /// All that the log has is about to be lost: its judge keeps it, and who hands out positions
  /// forgets how far it came.
  func takeLog(of layout: Layout) {
    guard let objects else { return }
    var log: [Position: Slot] = [:]
    for position in Position.zero..<max(history.extent, issued) {
      let replicas = RoundRobin().chain(of: position, in: layout).replicas
      // What the last one has is complete.
      log[position] = replicas.reversed().lazy.compactMap { self.slot(position, on: $0) }.first
    }
    objects.keepAll(log)
    kill(layout.sequencer.node)
  }
}

extension ObjectHistory {
  /// Keeps the log as it is, before it is lost.
  func keepAll(_ log: [Position: Slot]) { state.withLock { $0.lostLog = log } }

  /// The log has begun anew, and with it all objects.
  ///
  /// - Parameters:
  ///   - epoch: The first epoch of the new log.
  ///   - endsPrograms: Whether its operator has ended all programs first. He has to where others
  ///     are to pass over what is lost: whoever has played all of it misses nothing.
  func beginAnew(in epoch: Epoch, endsPrograms: Bool = false) {
    state.withLock { state in
      if state.cut != nil { return }
      state.cut = epoch
      state.endsPrograms = endsPrograms
      (state.lostArchive, state.archive, state.archived) = (state.archive, [:], .zero)
      (state.lostStreams, state.streams) = (state.streams, [:])
      state.floor = .zero
    }
  }

  /// Whether the log began anew: what was acknowledged before may be nowhere.
  var isCut: Bool { state.withLock { $0.cut != nil } }

  /// Whether the program that uses a log was ended with it.
  func hasEnded(_ log: ObservedLog) -> Bool {
    !log.isOfSecondLife && state.withLock { $0.endsPrograms }
  }

  /// Whether it began anew after some epoch.
  func isCut(since epoch: Epoch) -> Bool { state.withLock { $0.cut.map { epoch < $0 } ?? false } }

  /// What happened in each life of the log.
  var lives: [State] { state.withLock { $0.cut == nil ? [$0] : [$0.firstLife, $0.secondLife] } }
}

extension ObjectHistory.State {
  /// What was asked and told before the log was lost, with the log as it was.
  fileprivate var firstLife: Self {
    guard let cut else { return self }
    var life = self
    // What nobody had written is not in the way of what comes behind it.
    life.log = lostLog.mapValues { $0 == .empty ? .junk : $0 }
    life.end = lostLog.keys.max()?.advanced(by: 1) ?? .zero
    (life.archive, life.streams) = (lostArchive, lostStreams)
    life.given.removeAll { $0.epoch >= cut }
    life.looks.removeAll { $0.reign.upperBound >= cut }
    life.updates = updates.filter { $1.reign.upperBound < cut }
    life.appends = appends.filter { $1.reign.upperBound < cut }
    life.reads.removeAll { $0.reign.upperBound >= cut }
    life.deals = deals.compactMap { deal in
      if deal.snapshot.epoch >= cut { return nil }
      var deal = deal
      if deal.ended >= cut { deal.forgetEnd() }
      return deal
    }
    return life
  }

  /// What was asked and told since.
  fileprivate var secondLife: Self {
    guard let cut else { return self }
    var life = self
    life.given.removeAll { $0.epoch < cut }
    life.looks.removeAll { $0.reign.lowerBound < cut }
    life.updates = updates.filter { $1.reign.lowerBound >= cut }
    life.appends = appends.filter { $1.reign.lowerBound >= cut }
    life.reads.removeAll { $0.reign.lowerBound < cut }
    life.deals.removeAll { $0.snapshot.epoch < cut }
    // They may be of what was acknowledged before.
    for index in life.reads.indices { life.reads[index].floor = .zero }
    for index in life.deals.indices { life.deals[index].floor = .zero }
    return life
  }
}

extension ObjectHistory.Deal {
  /// Forgets what came of it, which may be true of the other life.
  fileprivate mutating func forgetEnd() {
    (fate, reason) = (.unknown, nil)
  }
}
