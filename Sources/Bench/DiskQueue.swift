internal import CorfuSimulation
internal import Synchronization

/// A disk in virtual time that does one thing after the other.
final class DiskQueue: Sendable {
  private let world: World
  private let freeAt = Mutex(Duration.zero)

  init(in world: World) {
    self.world = world
  }

  /// Waits for the disk, and keeps it busy for so long.
  func occupy(for duration: Duration) async {
    let now = world.now
    let end = freeAt.withLock { freeAt in
      freeAt = max(freeAt, now) + duration
      return freeAt
    }
    await world.sleep(for: end - now)
  }
}

/// How fast the disks of a simulated run are.
struct DiskSpeed: Sendable {
  /// What each access takes besides moving bytes.
  var access = Duration.microseconds(100)
  /// How many bytes it moves per second.
  var bytesPerSecond = 50_000_000

  /// How long so many bytes keep a disk busy.
  func time(for bytes: Int) -> Duration {
    access + .seconds(Double(bytes) / Double(bytesPerSecond))
  }
}
