public import CorfuGlobalLog

/// What a layout says to a sequencer: which epoch it is to serve, and from where on.
public struct Reign: Hashable, Sendable {
  /// The epoch.
  public let epoch: Epoch
  /// Whom the layout names: one life of one process (R9).
  public let boot: BootID
  /// The first position to hand out; a boot that has handed out more before begins behind that.
  public let firstTail: Position
  /// Where the streams' last entries stand.
  public let streams: StreamCensus

  /// A reign.
  public init(
    epoch: Epoch,
    boot: BootID,
    firstTail: Position,
    streams: StreamCensus = .unknown
  ) {
    self.epoch = epoch
    self.boot = boot
    self.firstTail = firstTail
    self.streams = streams
  }

  /// Whether a sequencer that served an epoch, and is named again, simply goes on.
  ///
  /// Then nobody but this one life of its process has handed out anything since: what it remembers
  /// is true, and more than the units can tell (R37). In any other case its streams are those that
  /// it is told.
  ///
  /// - Parameter served: The last epoch that it served; `nil` if it never did.
  /// - Returns: Whether that is the epoch right before.
  public func goesOn(from served: Epoch?) -> Bool {
    served.map { $0.number + 1 == epoch.number } ?? false
  }
}

/// What was learned of a reign when it was sealed.
public struct ReignEnd: Hashable, Sendable {
  /// Where it began.
  public var firstTail: Position
  /// Where its sequencer's next token would have begun; `nil` if that one did not answer.
  public var sequencerTail: Position?
  /// The replicas that go on, of every chain.
  public var replicas: [ReplicaEnd]

  /// An end.
  public init(firstTail: Position, sequencerTail: Position? = nil, replicas: [ReplicaEnd]) {
    self.firstTail = firstTail
    self.sequencerTail = sequencerTail
    self.replicas = replicas
  }

  /// Where the streams' last entries stand, as far as all replicas together know (R12).
  public var streams: StreamCensus { .merged(replicas.map(\.streams)) }
}

/// What a replica says when it is sealed (R4).
public struct ReplicaEnd: Hashable, Sendable {
  /// Its highest position that is not empty, junk and trimmed ones included; `nil` without any.
  public var highest: Position?
  /// Every position before it is trimmed.
  public var trimMark: Position
  /// Where the last entries of each stream stand on it.
  public var streams: StreamCensus

  /// What a replica says.
  public init(highest: Position?, trimMark: Position = .zero, streams: StreamCensus = .unknown) {
    self.highest = highest
    self.trimMark = trimMark
    self.streams = streams
  }
}
