public import CorfuGlobalLog
public import CorfuSequencer
public import CorfuStripeMirror

// What chapter 6 adds to what servers can be asked: who is there, copies, and a fresh start. The
// questions to acceptors are in `VoteRequests.swift`.

/// A question to a sealed unit for the ends of its streams (R4).
///
/// Asked page by page, and answered once the epoch is closed there.
public struct UnitStreamsRequest: Hashable, Sendable {
  /// The epoch that is over.
  public var epoch: Epoch
  /// The disk that the layout names; a unit with another one refuses.
  public var incarnation: Incarnation
  /// The last stream of the page before; `nil` for the first page.
  public var after: StreamID?
  /// How many streams are wanted; `StreamPage.endsMax` come at most.
  public var countMax: Int

  /// A question.
  public init(
    epoch: Epoch,
    incarnation: Incarnation,
    after: StreamID? = nil,
    countMax: Int = StreamPage.endsMax
  ) {
    self.epoch = epoch
    self.incarnation = incarnation
    self.after = after
    self.countMax = countMax
  }
}

/// A range whose trims are wanted.
public struct TrimsRequest: Hashable, Sendable {
  /// The layout in force; it may be sealed (R28).
  public var layout: LayoutID
  /// From where to where.
  public var range: Range<Position>

  /// A request.
  public init(layout: LayoutID, range: Range<Position>) {
    self.layout = layout
    self.range = range
  }
}

/// Ranges to forget, as they were copied from another unit.
public struct RangeTrimRequest: Hashable, Sendable {
  /// The layout in force; it may be sealed (R28).
  public var layout: LayoutID
  /// Which positions.
  public var ranges: [Range<Position>]

  /// A request.
  public init(layout: LayoutID, ranges: [Range<Position>]) {
    self.layout = layout
    self.ranges = ranges
  }
}

/// A disk to be emptied (R29).
public struct ResetRequest: Hashable, Sendable {
  /// Which life of it ends; any other is not touched.
  public var incarnation: Incarnation
  /// The newest layout, which must not name it.
  public var layout: Layout

  /// A request.
  public init(incarnation: Incarnation, layout: Layout) {
    self.incarnation = incarnation
    self.layout = layout
  }
}

/// What a node says of itself.
public struct NodeStatus: Hashable, Sendable {
  /// Its storage unit; `nil` if it has none.
  public var unit: UnitStatus?
  /// Its sequencer; `nil` if it has none.
  public var sequencer: SequencerStatus?
  /// The newest layout that it has heard of.
  public var newest: LayoutID?
  /// What the monitor sees that lives on the node; `nil` if none does.
  public var view: MonitorView?

  /// A status.
  public init(
    unit: UnitStatus? = nil,
    sequencer: SequencerStatus? = nil,
    newest: LayoutID? = nil,
    view: MonitorView? = nil
  ) {
    self.unit = unit
    self.sequencer = sequencer
    self.newest = newest
    self.view = view
  }
}

/// Whom a monitor does not hear, for other monitors: one that is cut off from somebody is not to
/// take him for dead whom the others hear.
public struct MonitorView: Hashable, Sendable {
  /// Nodes that were silent for so long that they may be dead.
  public var suspects: Set<NodeID>
  /// Nodes that were silent for a good part of that time, those included.
  public var unheard: Set<NodeID>
  /// Whether it is changing the layout: two who do that at once are harmless, but where disks are
  /// slow each takes the majority away from the other.
  public var isChanging: Bool
  /// How many monitors go first, where one is enough.
  public var rank: Int
  /// What it has copied at the moment, and the others leave to it; `nil` if nothing.
  public var copy: CopyUnderWay?

  /// A view.
  public init(
    suspects: Set<NodeID> = [],
    unheard: Set<NodeID> = [],
    isChanging: Bool = false,
    rank: Int = 0,
    copy: CopyUnderWay? = nil
  ) {
    self.rank = rank
    self.copy = copy
    self.suspects = suspects
    self.unheard = unheard
    self.isChanging = isChanging
  }
}

/// A copy that a monitor makes: a unit is given what others have, so that it can join a chain.
public struct CopyUnderWay: Hashable, Sendable {
  /// Who is given it.
  public var newcomer: UnitName
  /// Where the span begins that it is given a part of.
  public var begin: Position
  /// Where that span ends.
  public var end: Position
  /// Before which position everything is copied.
  public var next: Position

  /// A copy.
  public init(newcomer: UnitName, begin: Position, end: Position, next: Position) {
    self.newcomer = newcomer
    self.begin = begin
    self.end = end
    self.next = next
  }
}

/// What a storage unit says of itself.
public struct UnitStatus: Hashable, Sendable {
  /// Which disk it is.
  public var incarnation: Incarnation
  /// Whether it has ended, with a disk that failed.
  public var hasFailed: Bool
  /// The highest epoch that is closed here.
  public var sealed: Epoch
  /// The layout in force here.
  public var installed: LayoutID?
  /// One past its highest position that is not empty.
  public var tail: Position
  /// How often its folder was opened.
  public var boots: UInt64
  /// Positions whose records it has lost to damage, the lowest first; not all, if they are many.
  public var damage: [Position]
  /// Whether it may have lost records without a trace, so that absence proves nothing there (D7).
  public var isInDoubt: Bool
  /// Which opening of the disk this is; `nil` where nobody looks after that.
  public var opening: DiskOpening?
  /// Whether it serves, as far as that depends on its opening (D12).
  public var admission: DiskAdmission
  /// Whether its disk has room for entries.
  public var room: DiskRoom

  /// A status.
  public init(
    incarnation: Incarnation,
    hasFailed: Bool = false,
    sealed: Epoch = .zero,
    installed: LayoutID? = nil,
    tail: Position = .zero,
    boots: UInt64 = 0,
    damage: [Position] = [],
    isInDoubt: Bool = false,
    opening: DiskOpening? = nil,
    admission: DiskAdmission = .serves,
    room: DiskRoom = .enough
  ) {
    self.incarnation = incarnation
    self.hasFailed = hasFailed
    self.sealed = sealed
    self.installed = installed
    self.tail = tail
    self.boots = boots
    self.damage = damage
    self.isInDoubt = isInDoubt
    self.opening = opening
    self.admission = admission
    self.room = room
  }
}

/// How much room a storage unit's disk has left.
public enum DiskRoom: Hashable, Sendable {
  /// Enough, as far as is known.
  case enough
  /// Less than somebody should know of, in bytes.
  case short(bytes: Int)
  /// None for another segment: entries are refused.
  case full

  /// What is to be said of the disk, behind "the disk is"; `nil` if nothing is.
  public var trouble: String? {
    switch self {
    case .enough: nil
    case .short(let bytes): "nearly full: \(bytes >> 20) MiB are left"
    case .full: "full: entries are refused until there is room"
    }
  }
}

/// What a storage unit's entries take up.
public struct UnitSpace: Hashable, Sendable {
  /// Bytes of records that are still wanted.
  public var liveBytes: Int
  /// Bytes that its closed segments and the open one take.
  public var totalBytes: Int

  /// So much room.
  public init(liveBytes: Int, totalBytes: Int) {
    self.liveBytes = liveBytes
    self.totalBytes = totalBytes
  }
}

/// What a sequencer says of itself.
public struct SequencerStatus: Hashable, Sendable {
  /// This life of its process.
  public var boot: BootID
  /// The layout that it serves, if it was ever appointed.
  public var serving: LayoutID?
  /// The highest epoch that is closed here.
  public var sealed: Epoch?

  /// A status.
  public init(boot: BootID, serving: LayoutID? = nil, sealed: Epoch? = nil) {
    self.boot = boot
    self.serving = serving
    self.sealed = sealed
  }
}
