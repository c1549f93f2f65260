import CorfuClient
import CorfuGlobalLog
import CorfuSimulation
import CorfuStages
import CorfuTransactions
import Testing

// Goal: on full disks objects lose nothing, what was announced can be trimmed all the same (D11,
// R38), and otherwise more room is the way out. Method: a cluster in simulated time whose disks are
// filled with plain entries beside an object.

struct FullObjectsTests {
  private typealias ObjectRuntime = Runtime<HealingScene.Appender>
  private typealias Values = ReplicatedObject<HealingScene.Appender, MapState<Int>>

  /// Appends until there is no room for anything that can wait.
  private func fill(_ scene: HealingScene, by client: HealingScene.Appender) async throws {
    for id in scene.healing.cluster.unitIDs {
      scene.disks.current(id)?.capacityBytes = 7 * (64 << 10)
    }
    var refused = 0
    while refused < 20 {
      do {
        _ = try await client.append([UInt8](repeating: 1, count: 1000))
      } catch LogError.outOfSpace {
        refused += 1
      } catch LogError.indefinite {
        refused += 1
      }
    }
  }

  private func put(_ count: Int, into values: Values) async throws {
    for number in 0..<count {
      try await values.update(.put(.string("key \(number % 7)"), number))
    }
  }

  @Test("D11, R38: on full disks nothing is forgotten, and with more room all goes on")
  func moreRoom() throws {
    try HealingScene.run(seed: 8, stripes: 1, replicas: 2, spares: 0) { scene in
      let client = try scene.client("objects")
      let runtime = ObjectRuntime(over: client)
      let values: Values = try await runtime.object("values")
      try await put(60, into: values)
      try await runtime.checkpointAll()
      try await fill(scene, by: client)
      for _ in 0..<3 {
        await #expect(throws: ObjectError.log(.outOfSpace)) { try await runtime.trim() }
        await #expect(throws: ObjectError.log(.outOfSpace)) { try await runtime.checkpoint(values) }
      }
      let late: Values = try await ObjectRuntime(over: try scene.client("late")).object("values")
      #expect(try await late.read { $0.count } == 7)
      for id in scene.healing.cluster.unitIDs {
        scene.disks.current(id)?.capacityBytes = 12 * (64 << 10)
      }
      // The first tries may only tell the units that they have room again.
      for _ in 0..<3 {
        do throws(ObjectError) {
          try await runtime.checkpointAll()
          break
        } catch {
          #expect(error == .log(.outOfSpace))
        }
      }
      #expect(try await runtime.trim() > Position(100))
      #expect(try await late.read { $0.count } == 7)
      try await put(60, into: values)
      #expect(try await late.read { $0["key 3"] } == 59)
    }
  }

  @Test("D11, R38: what was announced is trimmed without room, and gives it")
  func announced() throws {
    try HealingScene.run(seed: 8, stripes: 1, replicas: 2, spares: 0) { scene in
      let client = try scene.client("objects")
      let runtime = ObjectRuntime(over: client)
      let values: Values = try await runtime.object("values")
      for _ in 0..<200 { _ = try await client.append([UInt8](repeating: 0, count: 1000)) }
      try await put(60, into: values)
      try await runtime.checkpointAll()
      // Whoever announced the trim died before he came to it.
      let directory = try await runtime.directory()
      let mark = try await runtime.trimMark()
      #expect(mark > Position(250))
      _ = try await directory.outcome(of: .forget(before: mark.number))
      try await fill(scene, by: client)
      await #expect(throws: ObjectError.log(.outOfSpace)) { try await runtime.checkpoint(values) }
      #expect(try await runtime.trim() >= mark)
      #expect(try await client.read(mark.advanced(by: -1)) == .trimmed)
      try await put(60, into: values)
      let late: Values = try await ObjectRuntime(over: try scene.client("late")).object("values")
      #expect(try await late.read { $0["key 3"] } == 59)
    }
  }
}
