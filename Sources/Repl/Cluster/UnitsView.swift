import CorfuGlobalLog
import CorfuStages
import CorfuStripeMirror

/// A look at the folders of a log over many units, while their owner may be writing.
///
/// What has come to the last unit of a chain stands on all of it (R18), and is shown; what only
/// others have is not in the log yet, and is not.
struct UnitsView: Sendable {
  /// The layout in force, as far as the folders tell.
  private(set) var layout: Layout
  /// One past the last position that stands on a whole chain; it never goes backwards.
  private(set) var tail = Position.zero
  private var views: [UnitName: StoreView<FileDevice>] = [:]
  private let folder: String
  private let stage: Int

  /// Looks at a folder.
  init(of folder: String, stage: Int) throws(ReplError) {
    self.folder = folder
    self.stage = stage
    layout = try Self.layout(in: folder, stage: stage)
    try look()
  }

  /// Looks again.
  mutating func refresh() throws(ReplError) {
    layout = try Self.layout(in: folder, stage: stage)
    try look()
  }

  private static func layout(in folder: String, stage: Int) throws(ReplError) -> Layout {
    let layout: Layout?
    if stage < 5 {
      do throws(MirrorError) {
        layout = try MirrorFolder.layout(in: FileDevice(path: folder)) { node in
          FileDevice(path: "\(folder)/\(node)")
        }
      } catch {
        throw ReplError(error, place: folder)
      }
    } else {
      layout = ClusterFolder(folder).newestLayout()
    }
    guard let layout else {
      throw .noMirrors(stage: stage, in: folder)
    }
    return layout
  }

  private mutating func look() throws(ReplError) {
    var next: [UnitName: StoreView<FileDevice>] = [:]
    for unit in layout.units {
      do throws(StoreOpenError) {
        let seen = try view(of: unit)
        // Another disk in its place has nothing of what this one kept.
        if seen.reader.identity.names(unit) { next[unit] = seen }
      } catch {
        guard case .device(.notFound) = error else {
          throw ReplError(error, folder: "\(folder)/\(unit.node)")
        }
      }
    }
    views = next
    let ends = layout.chains.compactMap { $0.replicas.last }.compactMap { views[$0]?.reader.tail }
    tail = max(tail, layout.firstTail, ends.max() ?? .zero)
  }

  private func view(of unit: UnitName) throws(StoreOpenError) -> StoreView<FileDevice> {
    guard var view = views[unit] else {
      return try StoreView(of: FileDevice(path: "\(folder)/\(unit.node)"))
    }
    try view.refresh()
    return view
  }

  /// Every position before it is trimmed.
  var trimMark: Position { views.values.map(\.reader.trimMark).max() ?? .zero }

  /// The units whose folders are there.
  var present: [UnitName] { layout.units.filter { views[$0] != nil } }

  /// The others.
  var missing: [NodeID] { layout.units.filter { views[$0] == nil }.map(\.node) }

  /// What there is to tell of each unit.
  var units: FactTable {
    FactTable(
      of: "unit",
      layout.units.map { unit in
        let summary = views[unit]?.reader.summary
        return FactTable.Row(
          "\(unit.node)",
          [
            Fact("state", .text(summary == nil ? "missing" : "looked at")),
            Fact("does", .text(layout.role(of: unit))),
            Fact("entries", count(summary?.entries)), Fact("junk", count(summary?.junk)),
            Fact("trimmed", count(summary?.trims)),
          ]
        )
      }
    )
  }

  private func count(_ number: Int?) -> Fact.Value { number.map { .count($0) } ?? .text("") }

  // MARK: - Reading

  /// What stands at each position of a range.
  func read(_ range: Range<Position>) throws(LogError) -> [Slot] {
    var slots = [Slot](repeating: .empty, count: range.count)
    var shares: [Chain: [Position]] = [:]
    let mapping = RoundRobin()
    for position in range {
      shares[mapping.chain(of: position, in: layout), default: []].append(position)
    }
    for chain in layout.chains {
      guard let positions = shares[chain] else { continue }
      guard let last = chain.replicas.last, let reader = views[last]?.reader else {
        let unit = chain.replicas.last?.description ?? ""
        throw .unavailable("the folder of \(unit) is missing")
      }
      for (position, result) in zip(positions, try reader.read(each: positions)) {
        let slot = try settled(result, position, chain)
        slots[Int(position.number - range.lowerBound.number)] = slot
      }
    }
    return slots
  }

  /// Looks at the other units where the last of a chain has lost what stood there: a record that is
  /// known to be damaged had come to all of them.
  private func settled(
    _ result: Result<Slot, LogError>,
    _ position: Position,
    _ chain: Chain
  ) throws(LogError) -> Slot {
    guard case .failure(.corrupt) = result else { return try result.get() }
    for unit in chain.replicas.dropLast() {
      guard let found = try views[unit]?.reader.read(each: [position]).first,
        case .success(let slot) = found, slot.isTaken
      else { continue }
      return slot
    }
    return try result.get()
  }
}

extension StoreIdentity {
  /// Whether it is the disk that a layout means.
  func names(_ unit: UnitName) -> Bool {
    Incarnation(high: incarnation.high, low: incarnation.low) == unit.incarnation
  }
}
