import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuStripeMirror

/// A chain that a unit which missed something copies from: it is read as clients read it, so what
/// is half-written is finished, and a damaged record is found on another replica.
struct ChainSource<Storage: Device, Parts: MirrorParts>: CopySource {
  let chain: [LocalReplica<Storage>]

  func read(_ positions: [Position]) async throws(LogError) -> [Result<Slot, LogError>] {
    do {
      return try await Parts.Reader().readAround(
        positions,
        on: chain,
        completingBy: Parts.Writer()
      )
    } catch {
      throw LogError(error)
    }
  }

  /// Trims begin at the head, so it has them all.
  func trims(in range: Range<Position>) async throws(LogError) -> [Range<Position>] {
    chain.first?.store.reader.trims(in: range) ?? []
  }

  /// Every position before it is trimmed.
  var trimMark: Position { chain.first?.store.reader.trimMark ?? .zero }

  /// Carries the trims of the head to the others, where somebody left that half done.
  func finishTrims(before end: Position) async throws(LogError) {
    let trims = try await trims(in: .zero..<end)
    for unit in chain.dropFirst() {
      var missing = PositionSet(trims)
      missing.remove(contentsOf: unit.store.reader.trims(in: .zero..<end))
      if !missing.isEmpty { try await unit.store.trim(missing.ranges) }
    }
  }
}

/// The unit that gets what it missed.
struct UnitTarget<Storage: Device>: CopyTarget {
  let unit: LocalReplica<Storage>

  func read(_ positions: [Position]) async throws(LogError) -> [Result<Slot, LogError>] {
    do {
      return try await unit.read(positions)
    } catch {
      throw LogError(error)
    }
  }

  func write(_ values: [PlacedValue]) async throws(LogError) -> [WriteAnswer] {
    do {
      return try await unit.write(values)
    } catch {
      throw LogError(error)
    }
  }

  func trims(in range: Range<Position>) async throws(LogError) -> [Range<Position>] {
    unit.store.reader.trims(in: range)
  }

  func trim(_ ranges: [Range<Position>]) async throws(LogError) {
    try await unit.store.trim(ranges)
  }

  /// Whether it has something that the source lacks: it did not only miss, it went astray.
  func hasMore(than source: some CopySource, end: Position) async throws(LogError) -> Bool {
    if unit.store.tail() > end { return true }
    var own = PositionSet(unit.store.reader.trims(in: .zero..<end))
    own.remove(contentsOf: try await source.trims(in: .zero..<end))
    return !own.isEmpty
  }
}
