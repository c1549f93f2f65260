import CorfuGlobalLog
import CorfuSimulation
import Testing

// Goal: a power cut keeps what was synced, and of the rest any outcome a real disk can have, each
// of which comes up; none that it can not have. Method: the same small history over many seeds,
// outcomes collected and judged.

/// Writes three versions to neighbouring sectors, the last over the first, and cuts the power.
private func sectorsLeft(seed: UInt64, _ fate: UnsyncedFate = .drawn) throws -> [UInt8] {
  let device = deviceWithFile(World(seed: seed), sectors: 3)
  let file = try device.open("a")
  try file.write(sector(11) + sector(12), at: 0)
  try file.write(sector(13), at: 1024)
  try file.write(sector(21), at: 0)
  device.powerCut(fate)
  let bytes = try device.restart().open("a").read(at: 0, count: .max)
  for number in 0..<3 {
    #expect(Set(bytes[(512 * number)..<(512 * number + 512)]).count == 1, "a torn sector")
  }
  return [bytes[0], bytes[512], bytes[1024]]
}

@Test func eachSectorIsLeftAsOneOfItsVersionsAndAllCombinationsOccur() throws {
  var seen: Set<[UInt8]> = []
  for seed in UInt64(0)..<600 {
    let sectors = try sectorsLeft(seed: seed)
    #expect([1, 11, 21].contains(sectors[0]))
    #expect([2, 12].contains(sectors[1]))
    #expect([3, 13].contains(sectors[2]))
    seen.insert(sectors)
  }
  #expect(seen.count == 12)
}

@Test func aFateCanBeChosen() throws {
  var prefixes: Set<[UInt8]> = []
  for seed in UInt64(0)..<400 {
    #expect(try sectorsLeft(seed: seed, .lost) == [1, 2, 3])
    #expect(try sectorsLeft(seed: seed, .kept) == [21, 12, 13])
    let prefix = try sectorsLeft(seed: seed, .prefix)
    if prefix[0] == 21 { #expect(prefix == [21, 12, 13]) }
    if prefix[2] == 13 { #expect(prefix[1] == 12) }
    prefixes.insert(prefix)
  }
  // The write at the edge may be torn, in either order.
  #expect(
    prefixes.isSuperset(of: [[1, 2, 3], [11, 2, 3], [1, 12, 3], [11, 12, 3], [21, 12, 13]])
  )
}

@Test func aPartOfASectorIsWrittenWithTheWholeSector() throws {
  // Two unsynced writes into one sector: the second can not survive without the first.
  var seen: Set<[UInt8]> = []
  for seed in UInt64(0)..<200 {
    let device = deviceWithFile(World(seed: seed), sectors: 1)
    let file = try device.open("a")
    try file.write([7], at: 0)
    try file.write([8], at: 1)
    device.powerCut()
    seen.insert(try device.restart().open("a").read(at: 0, count: 2))
  }
  #expect(seen == [[1, 1], [7, 1], [7, 8]])
}

@Test func growthAndTruncationMayBeLost() throws {
  var sizes: Set<Int> = []
  for seed in UInt64(0)..<300 {
    let device = deviceWithFile(World(seed: seed), sectors: 2)
    let file = try device.open("a")
    try file.truncate(to: 100)
    try file.write(sector(9), at: 1024)
    device.powerCut()
    let bytes = try device.restart().open("a").read(at: 0, count: .max)
    sizes.insert(bytes.count)
    // What lies between the cut and the new end is zero, never the old bytes.
    if bytes.count == 1536 { #expect(bytes[100..<1024].allSatisfy { $0 == 0 }) }
    #expect(bytes.prefix(100).allSatisfy { $0 == 1 })
  }
  #expect(sizes == [100, 1024, 1536])
}

@Test func namesAreKeptAsAPrefixOfWhatWasDone() throws {
  var seen: Set<[String]> = []
  for seed in UInt64(0)..<200 {
    let device = SimulatedDevice(world: World(seed: seed))
    _ = try device.create("a", count: 1)
    _ = try device.create("b", count: 1)
    try device.rename("a", to: "c")
    try device.remove("b")
    device.powerCut()
    seen.insert(try device.restart().list())
  }
  #expect(seen == [[], ["a"], ["a", "b"], ["b", "c"], ["c"]])
}

@Test func namesMayBeReorderedIfAskedFor() throws {
  var faults = DiskFaults.none
  faults.namesMayReorder = true
  var seen: Set<[String]> = []
  for seed in UInt64(0)..<200 {
    let device = SimulatedDevice(world: World(seed: seed), faults: faults)
    _ = try device.create("a", count: 1)
    _ = try device.create("b", count: 1)
    device.powerCut()
    seen.insert(try device.restart().list())
  }
  #expect(seen == [[], ["a"], ["b"], ["a", "b"]])
}

@Test func aDeadDeviceStaysDead() throws {
  let world = World(seed: 1)
  try world.run {
    let timing = DiskTiming(sync: .fixed(.milliseconds(1)))
    let device = deviceWithFile(world, sectors: 1, timing: timing)
    let file = try device.open("a")
    try file.write(sector(9), at: 0)
    await withTaskGroup { group in
      group.addTask { await #expect(throws: DeviceError.powerOff) { try await file.sync() } }
      group.addTask {
        await #expect(throws: DeviceError.powerOff) { try await device.syncFolder() }
      }
      await world.sleep(for: .microseconds(500))
      device.powerCut(.lost)
    }
    // Those who waited were told at once.
    #expect(world.now == .microseconds(500))
    let next = device.restart()
    #expect(!device.isAlive && next.isAlive)
    #expect(throws: DeviceError.powerOff) { try file.write([1], at: 0) }
    #expect(throws: DeviceError.powerOff) { try file.read(at: 0, count: 1) }
    #expect(throws: DeviceError.powerOff) { try file.truncate(to: 0) }
    #expect(throws: DeviceError.powerOff) { try device.list() }
    await #expect(throws: DeviceError.powerOff) { try await file.sync() }
    #expect(try next.open("a").read(at: 0, count: 1) == [1])
  }
  // And the syncs that ended so left no timer behind.
  #expect(world.now == .microseconds(500))
}

@Test func aKilledProcessLeavesItsWritesInThePageCache() throws {
  let device = deviceWithFile(World(seed: 1), sectors: 1)
  try device.lock()
  let file = try device.open("a")
  try file.write(sector(9), at: 0)
  _ = try device.create("b", count: 1)
  device.kill()
  #expect(throws: DeviceError.powerOff) { try file.size() }
  let second = device.restart()
  try second.lock()
  #expect(try second.list() == ["a", "b"])
  #expect(try second.open("a").read(at: 0, count: 1) == [9])
  second.powerCut(.lost)
  let third = second.restart()
  #expect(try third.list() == ["a"])
  #expect(try third.open("a").read(at: 0, count: 1) == [1])
}

@Test func aSyncByTheNextProcessSavesWhatAKilledOneWrote() throws {
  let bytes = try simulate { world in
    let device = deviceWithFile(world, sectors: 1)
    try device.open("a").write(sector(9), at: 0)
    device.kill()
    let second = device.restart()
    try await second.open("a").sync()
    second.powerCut(.lost)
    return try second.restart().open("a").read(at: 0, count: 1)
  }
  #expect(bytes == [9])
}

@Test func garbageMayBeLeftWhereTheDiskWasWriting() throws {
  let faults: DiskFaults = [.garbageSector: 0.5]
  var garbage = 0
  for seed in UInt64(0)..<100 {
    let device = deviceWithFile(World(seed: seed), sectors: 3, faults: faults)
    try device.open("a").write(sector(12), at: 512)
    device.powerCut()
    let bytes = try device.restart().open("a").read(at: 0, count: .max)
    // A sector that was not being written is never touched.
    #expect(bytes.prefix(512) == sector(1)[...] && bytes.suffix(512) == sector(3)[...])
    let isOld = bytes[512..<1024] == sector(2)[...]
    let isNew = bytes[512..<1024] == sector(12)[...]
    if !isOld && !isNew { garbage += 1 }
    #expect(device.counts[.garbageSector] == (isOld || isNew ? 0 : 1))
  }
  #expect((30...70).contains(garbage))
}
