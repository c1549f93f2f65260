import CorfuGlobalLog
import CorfuSimulation
import Testing

actor Tally {
  private(set) var events: [Int] = []
  func note(_ event: Int) { events.append(event) }
}

func play(seed: UInt64) throws -> UInt64 {
  let world = World(seed: seed)
  try world.run {
    let tally = Tally()
    await withTaskGroup(of: Void.self) { group in
      for client in 0..<20 {
        group.addTask {
          for round in 0..<5 {
            await tally.note(client * 100 + round)
            world.note("\(client)")
            await world.sleep(for: .nanoseconds(1 + world.random.number(below: 100)))
          }
        }
      }
    }
  }
  return world.fingerprint
}
@Test func smoke() throws {
  var seen: Set<UInt64> = []
  for seed in UInt64(1)...200 {
    let fingerprint = try play(seed: seed)
    #expect(try fingerprint == play(seed: seed))
    seen.insert(fingerprint)
  }
  #expect(seen.count == 200)
}
func reason(_ body: @escaping @Sendable () async throws -> Void) -> WorldFailure.Reason? {
  do { try World(seed: 1).run(stepsMax: 10000, body); return nil } catch { print(error); return error.reason }
}
@Test func escapes() throws {
  #expect(reason { Task {} } == .escaped(.globalPool))
  #expect(reason { Task.detached {} } == .escaped(.globalPool))
  #expect(reason { while true { await Task.yield() } } == .livelock(stepsMax: 10000))
  #expect(reason { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } } == .deadlock)
}

@Test func diskSmoke() throws {
  var seen: [String: Int] = [:]
  for seed in UInt64(1)...100 {
    let world = World(seed: seed)
    try world.run {
      let device = SimulatedDevice(world: world, faults: .none)
      try device.lock()
      let file = try device.create("a", count: 4096)
      try file.write([1, 2, 3].span.bytes, at: 0)
      try await file.sync()
      try await device.syncFolder()
      try file.write([9].span.bytes, at: 1)
      let after = device
      after.powerCut()
      #expect(throws: DeviceError.powerOff) { try file.size() }
      let next = after.restart()
      try next.lock()
      let bytes = try next.open("a").read(at: 0, count: 3)
      world.note("\(bytes) \(world.now)")
    }
    seen[world.events.last ?? "", default: 0] += 1
  }
  print(seen.count, seen.first ?? ("", 0))
}
