import CorfuGlobalLog
import CorfuSimulation
import Testing

// Goal: without faults a simulated disk is an ordinary one, and keeps the `Device` contract.

@Test func aNewFileReadsAsZero() throws {
  let device = SimulatedDevice(world: World(seed: 1))
  let file = try device.create("a", count: 10_000)
  #expect(try file.size() == 10_000)
  #expect(try file.read(at: 9_990, count: 100) == [UInt8](repeating: 0, count: 10))
  #expect(try file.read(at: 10_000, count: 1) == [])
  #expect(try file.read(at: 20_000, count: 1) == [])
  #expect(throws: DeviceError.exists("a")) { try device.create("a", count: 1) }
  #expect(throws: DeviceError.notFound("b")) { try device.open("b") }
}

@Test func aFileHoldsWhatWasWritten() throws {
  // Random writes and cuts, against an array.
  for seed in UInt64(0)..<20 {
    var random = SeededGenerator(seed: seed)
    let device = SimulatedDevice(world: World(seed: seed))
    let file = try device.create("a", count: 0)
    var model: [UInt8] = []
    for _ in 0..<60 {
      let offset = random.number(below: 20_000)
      if random.chance(0.2) {
        let count = random.number(below: 20_000)
        try file.truncate(to: count)
        model = Array(model.prefix(count))
        model += repeatElement(0, count: count - model.count)
      } else {
        let bytes = (0..<random.number(below: 9_000)).map { _ in UInt8(random.number(below: 256)) }
        try file.write(bytes, at: offset)
        let missing = bytes.isEmpty ? 0 : max(0, offset + bytes.count - model.count)
        model += repeatElement(0, count: missing)
        if !bytes.isEmpty { model.replaceSubrange(offset..<(offset + bytes.count), with: bytes) }
      }
      let all = try file.read(at: 0, count: .max)
      try #require(all == model, "seed \(seed)")
    }
  }
}

@Test func namesComeAndGo() throws {
  let device = SimulatedDevice(world: World(seed: 1))
  let a = try device.create("a", count: 1)
  let b = try device.create("b", count: 2)
  try device.rename("a", to: "b")
  #expect(try device.list() == ["b"])
  #expect(try device.open("b").size() == 1)
  try device.remove("b")
  #expect(try device.list() == [])
  #expect(throws: DeviceError.notFound("b")) { try device.remove("b") }
  // Whoever has a file open may go on.
  #expect(try a.size() == 1)
  try b.write([7], at: 0)
  #expect(try b.read(at: 0, count: 2) == [7, 0])
}

@Test func aFullDiskTakesNoMore() throws {
  let device = SimulatedDevice(world: World(seed: 1), capacityBytes: 1000)
  let file = try device.create("a", count: 600)
  #expect(throws: DeviceError.outOfSpace) { try device.create("b", count: 401) }
  #expect(try device.list() == ["a"])
  try file.write([1, 2, 3], at: 597)
  try file.write([1, 2, 3], at: 997)
  #expect(throws: DeviceError.outOfSpace) { try file.write([1], at: 1000) }
  #expect(try file.size() == 1000)
  #expect(device.counts[.outOfSpace] == 2)
  try device.remove("a")
  #expect(device.usedBytes == 0)
  #expect(try device.create("b", count: 1000).size() == 1000)
}

@Test func aFolderIsTakenByOneProcess() throws {
  let device = SimulatedDevice(world: World(seed: 1), name: "unit-1")
  let other = device.secondProcess()
  try device.lock()
  #expect(throws: DeviceError.inUse("unit-1")) { try other.lock() }
  #expect(throws: DeviceError.inUse("unit-1")) { try device.lock() }
  other.unlock()
  #expect(throws: DeviceError.inUse("unit-1")) { try other.lock() }
  device.unlock()
  try other.lock()
  other.kill()
  try device.lock()
  device.powerCut()
  #expect(throws: DeviceError.powerOff) { try device.lock() }
  try device.restart().lock()
}

@Test func anImageMovesFromDiskToDisk() throws {
  let world = World(seed: 1)
  let device = deviceWithFile(world, sectors: 2)
  try device.open("a").write([9], at: 0)
  #expect(device.snapshot(.visible)["a"]?.first == 9)
  var image = device.snapshot()
  #expect(image["a"] == sector(1) + sector(2))
  #expect(image == device.snapshot())
  image.flipBit(of: "a", at: 513, bit: 7)
  image.resize("a", to: 600)
  image["b"] = [1, 2]
  #expect(image != device.snapshot())
  let copy = SimulatedDevice(world: world, image: image)
  #expect(try copy.list() == ["a", "b"])
  #expect(try copy.open("a").size() == 600)
  #expect(try copy.open("a").read(at: 512, count: 2) == [2, 0x82])
  #expect(try copy.durableBytes(of: "b") == [1, 2])
  #expect(try device.open("a").read(at: 513, count: 1) == [2])
}

@Test func callsAndBytesAreCounted() throws {
  let counts = try simulate { world in
    let device = SimulatedDevice(world: world)
    let file = try device.create("a", count: 4096)
    try file.write([1, 2, 3], at: 511)
    try file.write([1], at: 0)
    _ = try file.read(at: 0, count: 10)
    try await file.sync()
    try await file.sync()
    try await device.syncFolder()
    return device.counts
  }
  #expect(counts[.write] == 2 && counts[.read] == 1 && counts[.sync] == 2)
  #expect(counts.bytesWritten == 4)
  #expect(counts.bytesSynced == 3 * 512)
  #expect(counts.total == 7 && counts.faultTotal == 0)
  #expect(counts.description == "write 2, read 1, sync 2, create 1, syncFolder 1")
}
