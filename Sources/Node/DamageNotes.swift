internal import CorfuGlobalLog
internal import CorfuWriteOnce
internal import Synchronization

/// What a unit knows of its own damage: what opening, the scrub and reads have come upon, and what
/// nobody has put right since (D6, D13).
///
/// A list for those who put it right; it may be short of some, which the next scrub finds again.
final class DamageNotes: Sendable {
  private let positions = Mutex<Set<Position>>([])

  /// As many as are kept, and as many as are told at once.
  private static var positionsMax: Int { 4096 }
  private static var toldMax: Int { 64 }

  /// Takes in what happened in the unit.
  func hear(_ event: UnitEvent) {
    if case .store(.rotFound(_, let position?)) = event { add(position) }
    if case .store(.repaired(let position)) = event {
      positions.withLock { _ = $0.remove(position) }
    }
  }

  /// Takes in what reads of positions have told.
  func hear(_ slots: [Result<Slot, LogError>], at read: [Position]) {
    for case .failure(.corrupt(let position)) in slots { add(position) }
    positions.withLock { positions in
      if positions.isEmpty { return }
      for case (let position, .success) in zip(read, slots) { positions.remove(position) }
    }
  }

  /// Takes in a position that is damaged.
  func add(_ position: Position) {
    positions.withLock { positions in
      if positions.count < Self.positionsMax { positions.insert(position) }
    }
  }

  /// The lowest of them that are still wanted.
  func list<Storage: Device>(in reader: StoreReader<Storage>) -> [Position] {
    let noted = positions.withLock { $0 }
    if noted.isEmpty { return [] }
    let trimmed = noted.filter { !reader.trims(in: $0..<$0.advanced(by: 1)).isEmpty }
    if !trimmed.isEmpty { positions.withLock { $0.subtract(trimmed) } }
    return Array(noted.subtracting(trimmed).sorted().prefix(Self.toldMax))
  }
}
