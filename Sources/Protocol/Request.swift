public import CorfuGlobalLog
public import CorfuSequencer
public import CorfuStripeMirror

/// What a server can be asked.
///
/// Everything that depends on a layout names the one that the sender believes in (R3).
public enum Request: Hashable, Sendable {
  // To a storage unit.
  /// Write values, each unless something stands there.
  case write(WriteRequest)
  /// Write what stands on another replica to positions whose records rot took.
  case repair(WriteRequest)
  /// Read positions.
  case read(ReadRequest)
  /// Forget positions.
  case trim(TrimRequest)
  /// Forget every position before a mark.
  case trimPrefix(PrefixTrimRequest)
  /// Close an epoch.
  case sealUnit(SealRequest)
  /// Put a layout into force.
  indirect case install(InstallRequest)
  /// Tell where the last entries of the streams stand.
  indirect case unitStreams(UnitStreamsRequest)
  /// Tell which positions of a range are trimmed.
  case trims(TrimsRequest)
  /// Forget ranges that were trimmed elsewhere.
  case trimRanges(RangeTrimRequest)
  /// Empty the disk, and begin another life on it.
  case reset(ResetRequest)
  /// Tell what the entries take up.
  case space
  /// Hear whether the disk may serve.
  indirect case admit(AdmitRequest)

  // To a sequencer.
  /// Hand out positions.
  case reserve(TokenRequest)
  /// Hand out positions to many, each on its own condition.
  case reserveEach(ReservationsRequest)
  /// Tell the position that the next token begins with.
  case tail(TailRequest)
  /// Tell where the last entries of streams stand.
  case streamTails(StreamTailsRequest)
  /// Close an epoch.
  case sealSequencer(SealRequest)
  /// Hear where some of the streams end, before a reign begins.
  indirect case reignStreams(ReignStreamsRequest)
  /// Begin the reign that a layout gives this sequencer.
  indirect case reign(ReignRequest)

  // To an acceptor.
  /// Promise to have nothing to do with lower ballots.
  indirect case prepare(PrepareRequest)
  /// Vote for a layout.
  indirect case accept(AcceptRequest)
  /// Tell whether there was a vote for the next layout.
  indirect case poll(PollRequest)
  /// Show promises and votes.
  case acceptorStatus
  /// Note that a disk was put to work.
  indirect case vouch(VouchRequest)

  // To any node.
  /// Tell the newest layout heard of.
  case newestLayout
  /// Tell what the node is, and how it is.
  case status
  /// Tell which layouts it remembers.
  case layouts
  /// Tell what it has counted and measured.
  case meters
  /// Take a membership, if it is newer, and tell the newest.
  indirect case membership(Membership?)
}

/// Values for positions of one chain.
public struct WriteRequest: Hashable, Sendable {
  /// The layout that says that they belong here.
  public var layout: LayoutID
  /// Data and junk, at different positions.
  public var values: [PlacedValue]

  /// A request.
  public init(layout: LayoutID, values: [PlacedValue]) {
    self.layout = layout
    self.values = values
  }
}

/// Positions to read.
public struct ReadRequest: Hashable, Sendable {
  /// The layout that says that they are kept here.
  public var layout: LayoutID
  /// Which, in any order.
  public var positions: [Position]

  /// A request.
  public init(layout: LayoutID, positions: [Position]) {
    self.layout = layout
    self.positions = positions
  }
}

/// Positions to forget.
public struct TrimRequest: Hashable, Sendable {
  /// The layout that says that they are kept here.
  public var layout: LayoutID
  /// Which.
  public var positions: [Position]

  /// A request.
  public init(layout: LayoutID, positions: [Position]) {
    self.layout = layout
    self.positions = positions
  }
}

/// A mark to forget everything before.
public struct PrefixTrimRequest: Hashable, Sendable {
  /// The layout in force.
  public var layout: LayoutID
  /// The first position to keep.
  public var mark: Position

  /// A request.
  public init(layout: LayoutID, mark: Position) {
    self.layout = layout
    self.mark = mark
  }
}

/// An epoch to close.
public struct SealRequest: Hashable, Sendable {
  /// This one, and all before it.
  public var epoch: Epoch
  /// The disk that the layout names, as a unit with another one refuses; `nil` for any.
  public var incarnation: Incarnation?

  /// A request.
  public init(epoch: Epoch, incarnation: Incarnation? = nil) {
    self.epoch = epoch
    self.incarnation = incarnation
  }
}

/// A layout to put into force, which has been decided.
public struct InstallRequest: Hashable, Sendable {
  /// The layout.
  public var layout: Layout

  /// A request.
  public init(layout: Layout) {
    self.layout = layout
  }
}

/// How many positions are wanted, and for which streams.
public struct TokenRequest: Hashable, Sendable {
  /// The layout that names the sequencer.
  public var layout: LayoutID
  /// How many positions.
  public var count: Int
  /// The streams that all of them belong to.
  public var streams: [StreamID]

  /// A request.
  public init(layout: LayoutID, count: Int, streams: [StreamID] = []) {
    self.layout = layout
    self.count = count
    self.streams = streams
  }
}

/// What several who go out together want, each for itself.
public struct ReservationsRequest: Hashable, Sendable {
  /// The layout that names the sequencer.
  public var layout: LayoutID
  /// What each of them wants; they are answered in this order.
  public var reservations: [Reservation]

  /// A request.
  public init(layout: LayoutID, reservations: [Reservation]) {
    self.layout = layout
    self.reservations = reservations
  }
}

/// Where the log ends.
public struct TailRequest: Hashable, Sendable {
  /// The layout that names the sequencer.
  public var layout: LayoutID

  /// A request.
  public init(layout: LayoutID) {
    self.layout = layout
  }
}

/// Streams whose ends are wanted.
public struct StreamTailsRequest: Hashable, Sendable {
  /// The layout that names the sequencer.
  public var layout: LayoutID
  /// Which streams.
  public var streams: [StreamID]

  /// A request.
  public init(layout: LayoutID, streams: [StreamID]) {
    self.layout = layout
    self.streams = streams
  }
}
