// Goal: a power cut leaves a prefix of what racing clients appended: no holes that nobody made.
// Method: four clients with batches, the power going at a drawn moment, many seeds.
import CorfuGlobalLog
import CorfuSimulation
import Testing

struct HoleTests {
  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func noHolesAfterAPowerCut(seed: UInt64) throws {
    let world = World(seed: seed)
    let limits = StoreLimits.small(segmentBytes: 64 << 10)
    let holes: [Position] = try world.run {
      var random = world.random.split()
      let device = SimulatedDevice(world: world)
      let store = try await GroupCommit.open(device, limits: limits, using: &random)
      let delay = random.duration(in: .zero ... .milliseconds(10))
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await store.run() }
        for _ in 0..<4 {
          let client = RacingLog<SimulatedDevice, TailRace>(
            store: store,
            client: ClientID(using: &random)
          )
          group.addTask { await Self.append(to: client) }
        }
        group.addTask {
          await world.sleep(for: delay)
          device.powerCut()
        }
      }
      let again = try await GroupCommit.open(device.restart(), limits: limits, using: &random)
      return try (.zero..<again.tail()).filter { try again.reader.read($0) == .empty }
    }
    #expect(holes.isEmpty)
  }

  private static func append(to client: some SharedLog) async {
    let batch = [[UInt8]](repeating: [UInt8](repeating: 7, count: 900), count: 8)
    for _ in 0..<10 {
      do {
        _ = try await client.append(batch: batch)
      } catch {
        return  // The power went.
      }
    }
  }
}
