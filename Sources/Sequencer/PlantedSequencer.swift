#if PlantedBugs
public import CorfuGlobalLog

/// The sequencer with the bug that is switched on.
///
/// It stands around the real one, so that the code of the chapter stays free of what is wrong.
public struct PlantedSequencer: TokenSource {
  private var real: Sequencer
  private let boot: BootID
  private let streamsMax: Int
  private var served: Epoch?

  public init(boot: BootID, streamsMax: Int) {
    self.boot = boot
    self.streamsMax = streamsMax
    real = Sequencer(boot: boot, streamsMax: streamsMax)
  }

  public init(serving reign: Reign, streamsMax: Int) {
    boot = reign.boot
    self.streamsMax = streamsMax
    served = reign.epoch
    real = Sequencer(serving: reign, streamsMax: streamsMax)
  }

  public mutating func reserve(
    _ count: Int,
    for streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> Token {
    guard planted(.countsBatchAsOne), count > 1 else {
      return open(try real.reserve(count, for: streams, in: epoch))
    }
    let token = try real.reserve(1, for: streams, in: epoch)
    return Token(epoch: epoch, first: token.first, count: count, links: token.links)
  }

  public func tail(in epoch: Epoch) throws(SequencerRefusal) -> Position {
    try real.tail(in: epoch)
  }

  public func streamTails(
    of streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> [StreamLink] {
    try real.streamTails(of: streams, in: epoch).map(open)
  }

  public mutating func install(_ reign: Reign) throws(SequencerRefusal) {
    let isMine = reign.boot == boot
    let isAgain = reign.epoch == served && planted(.installsTwice)
    if isMine && !isAgain || !isMine && !planted(.reignsUnnamed) {
      try real.install(reign)
    } else if served.map({ reign.epoch >= $0 }) ?? true {
      let named = Reign(
        epoch: reign.epoch,
        boot: boot,
        firstTail: reign.firstTail,
        streams: reign.streams
      )
      real = Sequencer(serving: named, streamsMax: streamsMax)
    }
    served = reign.epoch
  }

  public mutating func seal(_ epoch: Epoch) -> Position? {
    guard planted(.forgetsSeal), let served, epoch >= served else { return real.seal(epoch) }
    // It answers as if it were sealed.
    var sealed = real
    return sealed.seal(epoch)
  }

  public static func firstTail(after end: ReignEnd) -> Position {
    if planted(.beginsAtZero) { return .zero }
    var end = end
    if planted(.asksOneReplica) { end.replicas = Array(end.replicas.prefix(1)) }
    if planted(.forgetsOldTail) { end.sequencerTail = nil }
    return Sequencer.firstTail(after: end)
  }

  private func open(_ token: Token) -> Token {
    Token(
      epoch: token.epoch,
      first: token.first,
      count: token.count,
      links: token.links.map(open)
    )
  }

  private func open(_ link: StreamLink) -> StreamLink {
    guard planted(.forgottenReadsEmpty), link.previous == nil else { return link }
    return StreamLink(stream: link.stream, previous: [])
  }
}
#endif
