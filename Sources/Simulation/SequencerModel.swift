import CorfuGlobalLog
import CorfuSequencer

/// The sequencer as it is meant: it forgets nothing, and is in no hurry.
struct SequencerModel: Equatable, Sendable {
  let boot: BootID
  private(set) var installed: Epoch?
  private(set) var sealed: Epoch?
  private(set) var next = Position.zero
  private var streams = StreamMemory(.unknown)

  init(boot: BootID) {
    self.boot = boot
  }

  /// The answer to a reign, `nil` for one that is taken.
  func refusal(of reign: Reign) -> SequencerRefusal? {
    if reign.boot != boot { return .otherBoot(boot) }
    if reign.epoch == installed { return nil }
    let over = [sealed, installed].compactMap { $0 }.max()
    if let over, reign.epoch <= over { return .sealed(over) }
    return reign.firstTail > .max ? .positionsUsedUp : nil
  }

  mutating func install(_ reign: Reign) {
    guard refusal(of: reign) == nil, reign.epoch != installed else { return }
    if !reign.goesOn(from: installed) { streams = StreamMemory(reign.streams) }
    installed = reign.epoch
    next = max(next, reign.firstTail)
  }

  mutating func seal(_ epoch: Epoch) -> Position? {
    sealed = max(sealed ?? epoch, epoch)
    return installed == nil ? nil : next
  }

  /// Why nothing is served in an epoch, `nil` where it is.
  func refusal(in epoch: Epoch) -> SequencerRefusal? {
    if let sealed, epoch <= sealed { return .sealed(sealed) }
    guard let installed else { return .notInstalled }
    if epoch < installed { return .sealed(epoch) }
    return epoch > installed ? .behind(installed) : nil
  }

  /// Why a token is not given, `nil` where it is.
  func refusal(of count: Int, for streams: [StreamID], in epoch: Epoch) -> SequencerRefusal? {
    if let refusal = refusal(in: epoch) { return refusal }
    if count < 1 || count > Token.countMax { return .countOutOfRange(count) }
    if streams.count > Token.streamsMax { return .tooManyStreams(streams.count) }
    let end = next.number.addingReportingOverflow(UInt64(count))
    return end.overflow || end.partialValue > Position.max.number ? .positionsUsedUp : nil
  }

  mutating func reserve(_ count: Int, for streams: [StreamID]) {
    let positions = next..<next.advanced(by: count)
    next = positions.upperBound
    for stream in streams { self.streams.note(positions, of: stream) }
  }

  /// The last positions of a stream, newest first; `nil` where nobody can know them.
  func last(of stream: StreamID) -> [Position]? {
    streams.last(of: stream)
  }

  /// Whether a sequencer that remembers so many streams may have forgotten this one.
  func mayForget(_ stream: StreamID, streamsMax: Int) -> Bool {
    streams.mayForget(stream, streamsMax: streamsMax)
  }
}

/// All entries of all streams of a reign, in the order in which they came.
private struct StreamMemory: Equatable, Sendable {
  private struct Note: Equatable {
    let stream: StreamID
    let positions: Range<Position>
  }

  private let census: StreamCensus
  private var notes: [Note] = []

  init(_ census: StreamCensus) {
    self.census = census
  }

  mutating func note(_ positions: Range<Position>, of stream: StreamID) {
    notes.append(Note(stream: stream, positions: positions))
  }

  func last(of stream: StreamID) -> [Position]? {
    let own = notes.filter { $0.stream == stream }.flatMap(\.positions).reversed()
    if own.count >= StreamLink.backpointersMax {
      return Array(own.prefix(StreamLink.backpointersMax))
    }
    return census.last(of: stream).map {
      Array((Array(own) + $0).prefix(StreamLink.backpointersMax))
    }
  }

  func mayForget(_ stream: StreamID, streamsMax: Int) -> Bool {
    // Half of the memory is for streams that were used since: more than those must have come.
    var others = Set(census.ends.map(\.stream))
    var since = 0
    var isDoubtful = others.subtracting([stream]).count > streamsMax / 2
    for note in notes {
      if note.stream == stream {
        if others.count > streamsMax / 2 {
          isDoubtful = true
          since = 0
        }
        since += note.positions.count
        others = []
      } else {
        others.insert(note.stream)
      }
    }
    if others.count > streamsMax / 2 { return true }
    // Four entries since the last time are all that a link needs.
    return isDoubtful && since < StreamLink.backpointersMax
  }
}
