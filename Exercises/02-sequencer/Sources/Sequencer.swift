// Exercise 2.1: hand out `count` fresh positions, refuse what cannot be served
// Write the body below, then: swift run course check 2.1
import CorfuChecks
public import CorfuGlobalLog
public import CorfuSequencer

/// A counter, and who may ask it: the machine at the entrance that hands out numbered slips.
///
/// It is asked once per append and does next to nothing, which is why one is enough for a cluster.
/// It keeps nothing on disk. (TOCS 2013, 3.2.)
public struct Sequencer: TokenSource {
  /// This life of the process.
  public let boot: BootID
  /// The epoch that was installed last.
  public internal(set) var installed: Epoch?
  /// The highest epoch that is closed.
  public internal(set) var sealed: Epoch?
  var next: Position
  var streams: StreamTails
  let streamsMax: Int

  public init(boot: BootID, streamsMax: Int) {
    self.boot = boot
    self.streamsMax = streamsMax
    next = .zero
    streams = StreamTails(.unknown, streamsMax: streamsMax)
  }

  public init(serving reign: Reign, streamsMax: Int) {
    boot = reign.boot
    self.streamsMax = streamsMax
    installed = reign.epoch
    next = reign.firstTail
    streams = StreamTails(reign.streams, streamsMax: streamsMax)
  }

  public func tail(in epoch: Epoch) throws(SequencerRefusal) -> Position {
    try check(epoch)
    return next
  }

  public func streamTails(
    of streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> [StreamLink] {
    try check(epoch)
    return links(to: streams)
  }

  public mutating func reserve(
    _ count: Int,
    for streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> Token {
    TODO("2.1 hand out `count` fresh positions, refuse what cannot be served")
  }

  /// Refuses every epoch but the one that is served.
  private func check(_ epoch: Epoch) throws(SequencerRefusal) {
    if let sealed, epoch <= sealed { throw .sealed(sealed) }
    guard let installed else { throw .notInstalled }
    if epoch < installed { throw .sealed(epoch) }
    if epoch > installed { throw .behind(installed) }
  }

  /// The links that an entry at the tail would get, one per stream.
  private func links(to streams: [StreamID]) -> [StreamLink] {
    if streams.isEmpty { return [] }
    var links: [StreamLink] = []
    for stream in streams where !links.contains(where: { $0.stream == stream }) {
      links.append(StreamLink(stream: stream, previous: self.streams.last(of: stream)))
    }
    return links
  }
}
