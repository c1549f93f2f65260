internal import CorfuSimulation
internal import Synchronization

/// Which disk gets the next entry, and what that does to all of them.
///
/// A model with nothing in it but queues: clients with one entry under way each, disks that take
/// one after the other.
struct PlacementModel: Sendable {
  /// How the disk of an entry is chosen.
  enum Placement: Sendable, CaseIterable {
    /// In turns, as the positions of a log.
    case turns
    /// By the entry's key, and all keys are as frequent.
    case keys
    /// By the entry's key, and a few keys are frequent: the second half as often as the first, the
    /// third a third, and so on (Zipf).
    case hotKeys

    var name: String {
      switch self {
      case .turns: "in turns"
      case .keys: "by key"
      case .hotKeys: "by key, some hot"
      }
    }
  }

  static let keyCount = 10_000

  let placement: Placement
  let disks: Int
  let clients: Int
  var service = Duration.microseconds(200)

  /// How many disks were busy on average, over so much virtual time.
  func busyDisks(for duration: Duration) throws -> Double {
    let world = World(seed: UInt64(disks))
    let queues = (0..<disks).map { _ in DiskQueue(in: world) }
    let tally = Tally()
    let chooser = KeyChooser(placement)
    let generators = (0..<clients).map { _ in world.random.split() }
    try world.run {
      await withTaskGroup(of: Void.self) { group in
        for generator in generators {
          group.addTask {
            var random = generator
            while world.now < duration {
              let disk: Int
              if placement == .turns {
                disk = tally.nextTurn() % disks
              } else {
                disk = chooser.disk(of: disks, &random)
              }
              await queues[disk].occupy(for: service)
              if world.now <= duration { tally.finish() }
            }
          }
        }
      }
    }
    return Double(tally.operations) * service.seconds / duration.seconds
  }
}

/// Counts what is done in a simulated run.
final class Tally: Sendable {
  private let counts = Mutex((turns: 0, operations: 0))

  /// How much was done.
  var operations: Int { counts.withLock { $0.operations } }

  /// Whose turn it is, counted from 0.
  func nextTurn() -> Int {
    counts.withLock { counts in
      defer { counts.turns += 1 }
      return counts.turns
    }
  }

  /// One more is done.
  func finish() {
    counts.withLock { $0.operations += 1 }
  }
}

/// Draws keys, and puts each on the disk where it belongs.
private struct KeyChooser: Sendable {
  /// The chance of the keys up to each, and each key's place, which has nothing to do with how
  /// frequent it is.
  private let chances: [Double]
  private let places: [UInt64]

  init(_ placement: PlacementModel.Placement) {
    var random = SeededGenerator(seed: 9)
    places = (0..<PlacementModel.keyCount).map { _ in random.next() >> 1 }
    var sum = 0.0
    var chances: [Double] = []
    for rank in 1...PlacementModel.keyCount {
      sum += placement == .hotKeys ? 1 / Double(rank) : 1
      chances.append(sum)
    }
    self.chances = chances.map { $0 / sum }
  }

  func disk(of disks: Int, _ random: inout SeededGenerator) -> Int {
    let drawn = random.fraction()
    var low = 0
    var high = chances.count - 1
    while low < high {
      let middle = (low + high) / 2
      if chances[middle] < drawn { low = middle + 1 } else { high = middle }
    }
    return Int(places[low] % UInt64(disks))
  }
}
