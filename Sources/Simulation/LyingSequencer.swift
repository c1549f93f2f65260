internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuSequencer
internal import CorfuStripeMirror
internal import CorfuWriteOnce

/// A sequencer that lies if its boot says so: it repeats positions, skips some, and goes back.
///
/// The log must not need its word: two writers of a position meet at the head of its chain (R13).
struct LyingSequencer: TokenSource {
  private var truth: Sequencer
  private var random: SeededGenerator
  private let lies: Bool
  /// How far ahead of the truth it pretends to be, or how far behind.
  private var offset = 0
  private var stock: Token?

  /// The upper half of a liar's boot.
  static let liar: UInt64 = 0x11a5

  init(boot: BootID, streamsMax: Int) {
    truth = Sequencer(boot: boot, streamsMax: streamsMax)
    lies = boot.high == Self.liar
    random = SeededGenerator(seed: boot.low)
  }

  init(serving reign: Reign, streamsMax: Int) {
    truth = Sequencer(serving: reign, streamsMax: streamsMax)
    lies = reign.boot.high == Self.liar
    random = SeededGenerator(seed: reign.boot.low)
  }

  mutating func reserve(
    _ count: Int,
    for streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> Token {
    var token = try truth.reserve(count, for: streams, in: epoch)
    if planted(.stocksTokens), count == 1 {
      // Every client gets what was taken for the one before.
      let taken = token
      if let stock, stock.epoch == epoch { token = stock }
      stock = taken
    }
    guard lies else { return token }
    switch random.number(below: 10) {
    case 0: offset = random.number(in: 0...6)
    case 1, 2: offset = -random.number(in: 0...12)
    case 3: offset = -random.number(below: Int(token.first.number) + 1)
    case 4: offset = 0
    default: break
    }
    return Token(epoch: epoch, first: distorted(token.first), count: count, links: token.links)
  }

  func tail(in epoch: Epoch) throws(SequencerRefusal) -> Position {
    distorted(try truth.tail(in: epoch))
  }

  func streamTails(
    of streams: [StreamID],
    in epoch: Epoch
  ) throws(SequencerRefusal) -> [StreamLink] {
    try truth.streamTails(of: streams, in: epoch)
  }

  mutating func install(_ reign: Reign) throws(SequencerRefusal) {
    try truth.install(reign)
  }

  mutating func seal(_ epoch: Epoch) -> Position? {
    truth.seal(epoch).map { distorted($0) }
  }

  static func firstTail(after end: ReignEnd) -> Position {
    Sequencer.firstTail(after: end)
  }

  private func distorted(_ position: Position) -> Position {
    Position(UInt64(max(0, Int(position.number) + offset)))
  }
}

/// The parts of simulated clusters: the product's, except that a sequencer may lie.
enum SimulatedParts: Parts {
  typealias Tokens = LyingSequencer
  #if PlantedBugs
  typealias Mapping = PlantedMapping
  typealias Writer = PlantedWriter
  typealias Reader = PlantedReader
  typealias Gate = PlantedGate
  typealias Filler = PlantedFiller
  typealias Window = PlantedWindow
  #else
  typealias Mapping = RoundRobin
  typealias Writer = ChainWriter
  typealias Reader = ChainReader
  typealias Gate = EpochGate
  typealias Filler = ChainFiller
  #endif
}
