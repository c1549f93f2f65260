internal import CorfuGlobalLog
internal import CorfuProtocol
internal import CorfuWriteOnce
internal import Synchronization

/// Whether a unit had room when it last needed some, for those who make room.
final class RoomNote: Sendable {
  private let isFull = Atomic<Bool>(false)

  /// Takes in what happened in the unit.
  func hear(_ event: UnitEvent) {
    if case .store(.spaceShort) = event { isFull.store(true, ordering: .relaxed) }
    if case .store(.spaceBack) = event { isFull.store(false, ordering: .relaxed) }
  }

  /// As far as the unit itself knows.
  var room: DiskRoom { isFull.load(ordering: .relaxed) ? .full : .enough }
}
