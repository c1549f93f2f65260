import CorfuGlobalLog
import CorfuSequencer
import CorfuStripeMirror

/// One opening of stage 3, step by step.
struct Opening<Storage: Device, Parts: MirrorParts> {
  typealias Stage = Stage3<Storage, Parts>

  let shape: MirrorShape
  let folder: Storage
  let makeDevice: @Sendable (NodeID) -> Storage
  let limits: StoreLimits
  let onEvent: @Sendable (Stage.Event) -> Void
  /// What the file says; for a new log what it will say.
  private(set) var file: MirrorFile
  private let isNew: Bool

  init(
    shape: MirrorShape,
    folder: Storage,
    makeDevice: @escaping @Sendable (NodeID) -> Storage,
    limits: StoreLimits,
    onEvent: @escaping @Sendable (Stage.Event) -> Void
  ) throws(MirrorError) {
    self.shape = shape
    self.folder = folder
    self.makeDevice = makeDevice
    self.limits = limits
    self.onEvent = onEvent
    do throws(DeviceError) {
      let names = try folder.list()
      isNew = !names.contains(MirrorFile.name)
      if isNew {
        if names.contains(StoreIdentity.fileName) {
          throw DeviceError.exists(StoreIdentity.fileName)
        }
        file = MirrorFile(shape: shape, members: [], layout: Self.firstLayout(of: [], shape))
        return
      }
      guard let file = try MirrorFile(in: folder) else {
        throw DeviceError.notFound(MirrorFile.name)
      }
      self.file = file
    } catch {
      switch error {
      case .exists: throw .notMirrored(folder: folder.name)
      case .notFound(MirrorFile.name): throw .layoutLost(folder: folder.name)
      default: throw .folder(error)
      }
    }
    if file.shape != shape { throw .otherShape(file.shape, wanted: shape) }
  }

  private static func firstLayout(of members: [UnitName], _ shape: MirrorShape) -> Layout {
    let stripes = stride(from: 0, to: members.count, by: shape.replicas).map { first in
      Chain(Array(members[first..<first + shape.replicas]))
    }
    return Layout(
      epoch: .zero,
      spans: [Span(begin: .zero, stripes: stripes)],
      sequencer: SequencerName(node: NodeID(0), boot: BootID(high: 0, low: 0)),
      // Nobody votes on layouts before chapter 6.
      acceptors: Array(members.prefix(1))
    )
  }

  mutating func run(
    using random: inout some RandomNumberGenerator
  ) async throws(MirrorError) -> (
    running: [NodeID: Stage.Running], roster: Roster<Stage.Unit, Parts.Tokens>
  ) {
    var running: [NodeID: Stage.Running] = [:]
    do throws(MirrorError) {
      if isNew {
        try await makeUnits(&running, using: &random)
      } else {
        try await openUnits(&running, using: &random)
      }
      let view = try await begin(running, using: &random)
      return (running, Roster(view))
    } catch {
      for one in running.values { one.device.unlock() }
      throw error
    }
  }

  /// A new log: the units are made first, and the file that names them last.
  private mutating func makeUnits(
    _ running: inout [NodeID: Stage.Running],
    using random: inout some RandomNumberGenerator
  ) async throws(MirrorError) {
    var members: [UnitName] = []
    for number in 1...UInt32(shape.unitCount) {
      let one = try await openUnit(NodeID(number), using: &random)
      running[NodeID(number)] = one
      members.append(one.unit.name)
      if one.unit.store.tail() > .zero { throw .layoutLost(folder: folder.name) }
    }
    let layout = Self.firstLayout(of: members, shape)
    file = MirrorFile(shape: shape, members: members, layout: layout)
  }

  /// The units that the layout names, as far as their disks are there.
  private mutating func openUnits(
    _ running: inout [NodeID: Stage.Running],
    using random: inout some RandomNumberGenerator
  ) async throws(MirrorError) {
    try file.checkIsNewest(in: folder.name, device: makeDevice)
    for name in file.layout.units {
      let presence = try file.presence(of: name, on: makeDevice(name.node))
      switch presence {
      case .there:
        running[name.node] = try await openUnit(name.node, using: &random)
        continue
      case .lost: onEvent(.lost(name.node))
      case .outdated: onEvent(.outdated(name.node))
      }
      guard let layout = file.layout.without(name) else {
        if case .outdated(let missing) = presence { throw .outdated(name.node, boots: missing) }
        let chain = file.layout.chains.first { $0.replicas.contains(name) }
        throw .chainLost(chain?.replicas.map(\.node) ?? [name.node])
      }
      file.layout = layout
    }
  }

  private func openUnit(
    _ node: NodeID,
    using random: inout some RandomNumberGenerator
  ) async throws(MirrorError) -> Stage.Running {
    try await Stage.Running(
      node,
      on: makeDevice(node),
      limits: limits,
      epoch: file.layout.epoch,
      using: &random,
      onEvent: onEvent
    )
  }

  /// Brings the next epoch into force: the sequencer is a new process, and begins where no position
  /// can have been taken on any replica that is kept (R9, R11).
  private mutating func begin(
    _ running: [NodeID: Stage.Running],
    using random: inout some RandomNumberGenerator
  ) async throws(MirrorError) -> Roster<Stage.Unit, Parts.Tokens>.View {
    let ends = running.sorted { $0.key < $1.key }.map { _, one in
      let tail = one.unit.store.tail()
      return ReplicaEnd(
        highest: tail == .zero ? nil : tail.advanced(by: -1),
        trimMark: one.unit.store.reader.trimMark
      )
    }
    let end = ReignEnd(firstTail: file.layout.firstTail, replicas: ends)
    let name = SequencerName(node: NodeID(0), boot: BootID(using: &random))
    let firstTail = Parts.Tokens.firstTail(after: end)
    file.layout = file.layout.next(sequencer: name, firstTail: firstTail)
    file.note(running)
    do {
      try await folder.replace(MirrorFile.name, with: file.encoded())
    } catch {
      throw .folder(error)
    }
    await file.tell(running)
    return .make(file.layout, running.mapValues(\.unit))
  }
}

/// Whether a unit's folder holds the disk that the layout names.
enum DiskPresence {
  /// It does.
  case there
  /// Nothing is there, or another disk (R8).
  case lost
  /// It is an image from before the log was last opened; it missed so many openings (D12).
  case outdated(UInt64)
}

extension MirrorFile {
  /// Whether a unit's folder holds its disk, and as it was when the log was last open.
  func presence(
    of name: UnitName,
    on device: some Device
  ) throws(MirrorError) -> DiskPresence {
    do {
      guard let identity = try device.readIdentity() else { return .lost }
      let drawn = identity.incarnation
      guard Incarnation(high: drawn.high, low: drawn.low) == name.incarnation else { return .lost }
      let known = boots[name] ?? 0
      return identity.boots < known ? .outdated(known - identity.boots) : .there
    } catch {
      switch error {
      case .device(.notFound), .identityLost: return .lost
      default: throw .notOpened(name.node, error)
      }
    }
  }

  /// Notes how often the disks of units at work were opened.
  mutating func note<Storage: Device, Parts: MirrorParts>(
    _ running: [NodeID: Stage3<Storage, Parts>.Running]
  ) {
    var boots: [UnitName: UInt64] = [:]
    for one in running.values { boots[one.unit.name] = one.boots }
    note(boots: boots)
  }
}

extension Stage3.Running {
  /// Opens a unit's folder.
  init(
    _ node: NodeID,
    on device: Storage,
    limits: StoreLimits,
    epoch: Epoch,
    using random: inout some RandomNumberGenerator,
    onEvent: @escaping @Sendable (Stage3<Storage, Parts>.Event) -> Void
  ) async throws(MirrorError) {
    do {
      let store = try await GroupCommit.open(device, limits: limits, using: &random) { event in
        onEvent(.store(node, event))
      }
      let drawn = store.reader.identity.incarnation
      let name = UnitName(
        node: node,
        incarnation: Incarnation(high: drawn.high, low: drawn.low)
      )
      unit = LocalReplica(name: name, store: store, epoch: epoch)
      self.device = device
    } catch {
      throw .notOpened(node, error)
    }
  }
}

extension Roster.View {
  /// A layout with its units, and a sequencer that begins its reign.
  static func make<Storage: Device>(
    _ layout: Layout,
    _ running: [NodeID: Unit]
  ) -> Roster<Unit, Tokens>.View where Unit == LocalReplica<Storage> {
    let reign = Reign(
      epoch: layout.epoch,
      boot: layout.sequencer.boot,
      firstTail: layout.firstTail
    )
    var units: [UnitName: Unit] = [:]
    for unit in running.values {
      unit.enter(layout.epoch)
      units[unit.name] = unit
    }
    do {
      let sequencer = try LocalSequencer(Tokens(boot: reign.boot), serving: reign)
      return Roster.View(layout: layout, sequencer: sequencer, units: units)
    } catch {
      preconditionFailure("a sequencer refused the first reign of its life: \(error)")
    }
  }
}
