public import CorfuGlobalLog
public import CorfuSequencer

/// Which units keep which positions, who hands out positions, and who decides what comes next: all
/// that a client must know of a cluster.
///
/// A layout never changes. Another one gets the next epoch, and a client that knows it needs none
/// of those before. (TOCS 2013, 3: "projection".)
public struct Layout: Hashable, Sendable {
  /// Which of the cluster's layouts this is.
  public var epoch: Epoch
  /// Counts the times that an operator had to appoint new acceptors by hand (R24).
  public var generation: UInt64
  /// No position below it was handed out in this epoch: the sequencer began here (R9, R11).
  public var firstTail: Position
  /// The spans, in order, the first from position 0; the last has no end.
  public var spans: [Span]
  /// Who hands out positions.
  public var sequencer: SequencerName
  /// Who decides the next layout (chapter 6).
  public var acceptors: [UnitName]
  /// Units that keep nothing yet and stand by.
  public var spares: [UnitName]
  /// What an operator has given up (chapter 6), in the order in which it was.
  public var losses: [LostRange] = []
  /// Where the log went on from an earlier place than it may have come to (chapter 6).
  ///
  /// Neither the sequencer nor a chain could tell how far it was. Each is an epoch and its first
  /// tail; in order, each behind the one before: what goes deeper takes the place of those behind.
  public var cuts: [Snapshot] = []
  /// Of disks that went on from the epoch before, the opening that was sealed (chapter 6).
  public var openings: [UnitName: DiskOpening] = [:]

  /// A layout.
  public init(
    epoch: Epoch,
    generation: UInt64 = 0,
    firstTail: Position = .zero,
    spans: [Span],
    sequencer: SequencerName,
    acceptors: [UnitName],
    spares: [UnitName] = []
  ) {
    self.epoch = epoch
    self.generation = generation
    self.firstTail = firstTail
    self.spans = spans
    self.sequencer = sequencer
    self.acceptors = acceptors
    self.spares = spares
  }

  /// By how much a new generation's first epoch is above the last that was heard of: more than
  /// could have been decided without anybody hearing of it.
  public static let epochsPerGeneration: UInt64 = 1000

  /// No layout has such an epoch, nor a higher one: registers of those are for practice.
  public static let practice = Epoch(1 << 40)

  /// The span that a position is in.
  ///
  /// - Complexity: O(log *n*) in the number of spans.
  public func span(of position: Position) -> Span {
    var low = 0
    var high = spans.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if spans[middle].begin <= position { low = middle } else { high = middle }
    }
    return spans[low]
  }

  /// Whether what stood at a position was given up.
  public func isLost(_ position: Position) -> Bool {
    losses.contains { $0.contains(position) }
  }

  /// One past the last position that was given up; zero if none was.
  public var lossEnd: Position {
    losses.reduce(.zero) { max($0, $1.last?.advanced(by: 1) ?? .zero) }
  }

  /// Whether a disk has any part in the layout.
  package func names(_ unit: UnitName) -> Bool {
    spares.contains(unit) || acceptors.contains(unit)
      || spans.contains { $0.stripes.contains { $0.replicas.contains(unit) } }
  }

  /// Whether a disk has any part in the layout, whichever node it is on.
  package func names(_ incarnation: Incarnation) -> Bool {
    let isIt = { (unit: UnitName) in unit.incarnation == incarnation }
    return spares.contains(where: isIt) || acceptors.contains(where: isIt)
      || spans.contains { $0.stripes.contains { $0.replicas.contains(where: isIt) } }
  }

  /// Every unit that keeps positions, in order of its first appearance.
  public var units: [UnitName] {
    // Monitors ask for this all the time, mostly of clusters so small that a set would cost more.
    var seen: Set<UnitName>?
    var units: [UnitName] = []
    for span in spans {
      for chain in span.stripes {
        for unit in chain.replicas where seen?.insert(unit).inserted ?? !units.contains(unit) {
          units.append(unit)
        }
        if seen == nil, units.count > Self.fewUnits { seen = Set(units) }
      }
    }
    return units
  }

  /// So many are looked through faster than a set is made of them.
  private static var fewUnits: Int { 32 }

  /// Every chain, in order of its first appearance.
  public var chains: [Chain] {
    var seen: Set<Chain> = []
    return spans.flatMap(\.stripes).filter { seen.insert($0).inserted }
  }
}

/// Positions of one chain that an operator gave up with all of its disks (R24).
///
/// Others stand in for those disks, and have nothing. That is told apart from what was always empty
/// for as long as somebody may ask: until everybody has trimmed it.
public struct LostRange: Hashable, Sendable {
  /// From where to where; never empty.
  public let range: Range<Position>
  /// Over how many chains its positions rotated.
  public let stripes: Int
  /// The place of the chain among them.
  public let stripe: Int

  /// A loss.
  public init(range: Range<Position>, stripes: Int, stripe: Int) {
    self.range = range
    self.stripes = stripes
    self.stripe = stripe
  }

  /// Two losses as one; `nil` if they are apart, or of different chains.
  public func joined(with other: LostRange) -> LostRange? {
    let (begin, end) = (range.lowerBound, range.upperBound)
    guard stripes == other.stripes, stripe == other.stripe, begin <= other.range.upperBound,
      other.range.lowerBound <= end
    else { return nil }
    return LostRange(
      range: min(begin, other.range.lowerBound)..<max(end, other.range.upperBound),
      stripes: stripes,
      stripe: stripe
    )
  }

  /// The highest position among them; `nil` if the range is so short that it has none of the chain.
  public var last: Position? {
    let top = range.upperBound.advanced(by: -1)
    let back = (top.number + UInt64(stripes) - UInt64(stripe)) % UInt64(stripes)
    guard range.lowerBound.number + back <= top.number else { return nil }
    return top.advanced(by: -Int(back))
  }

  /// Whether a position is among them.
  public func contains(_ position: Position) -> Bool {
    range.contains(position) && position.number % UInt64(stripes) == UInt64(stripe)
  }
}

/// A sequencer, as layouts name it: which node, and which life of its process.
///
/// A process that was restarted has forgotten what it handed out, and is nobody until a newer
/// layout names its new life (R9).
public struct SequencerName: Hashable, Sendable {
  /// Where it is.
  public let node: NodeID
  /// Which life of its process.
  public let boot: BootID

  /// The sequencer with this name.
  public init(node: NodeID, boot: BootID) {
    self.node = node
    self.boot = boot
  }
}

/// A layout's name: its epoch, and a hash of what it says.
///
/// Two layouts that competed for an epoch have the same number; only one of them was decided (R26).
public struct LayoutID: Hashable, Sendable, CustomStringConvertible {
  /// The epoch.
  public let epoch: Epoch
  /// The hash of the layout's bytes.
  public let hash: UInt64

  /// A name.
  public init(epoch: Epoch, hash: UInt64) {
    self.epoch = epoch
    self.hash = hash
  }

  public var description: String { "epoch \(epoch)" }
}
