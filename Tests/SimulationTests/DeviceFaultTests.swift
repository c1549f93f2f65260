import CorfuGlobalLog
import CorfuSimulation
import Testing

// Goal: each fault can be called for, does what it says, is counted, and happens once.

private let failure = DeviceError.failed("as told")

@Test func aCallFailsWhenToldToAndOnlyThen() throws {
  let device = deviceWithFile(World(seed: 1), sectors: 1)
  let file = try device.open("a")
  device.inject(.error(failure), atCall: 3, of: .write)
  for number in 1...5 {
    _ = try file.read(at: 0, count: 1)
    if number == 3 {
      #expect(throws: failure) { try file.write([9], at: 0) }
    } else {
      try file.write([UInt8(number)], at: 0)
    }
  }
  #expect(device.counts[.writeError] == 1)
  #expect(device.removeInjections() == 0)
}

@Test func everyCallCanFail() throws {
  // The N-th call of any kind, for every N: whatever it is, it throws what it was told to.
  @Sendable func history(_ device: SimulatedDevice) async throws {
    let file = try device.create("a", count: 512)
    try file.write([1], at: 0)
    try await file.sync()
    try await device.syncFolder()
    try device.rename("a", to: "b")
    _ = try device.open("b").read(at: 0, count: 1)
    try file.truncate(to: 1)
    try device.remove("b")
    _ = try device.list()
  }
  for number in 1...11 {
    let (caught, left) = try simulate { world in
      let device = SimulatedDevice(world: world)
      device.inject(.error(failure), atCall: number)
      do {
        try await history(device)
        return (false, device.removeInjections())
      } catch let error as DeviceError {
        #expect(error == failure)
        return (true, device.removeInjections())
      }
    }
    #expect(caught == (number <= 10))
    #expect(left == (number <= 10 ? 0 : 1))
  }
}

@Test func thePowerCanGoAtAnyCall() throws {
  for effect in [SimulatedDevice.Effect.powerCut, .kill] {
    let names = try simulate { world in
      let device = SimulatedDevice(world: world)
      device.inject(effect, atCall: 2, of: .syncFolder)
      _ = try device.create("a", count: 1)
      try await device.syncFolder()
      await #expect(throws: DeviceError.powerOff) { try await device.syncFolder() }
      #expect(!device.isAlive)
      return try device.restart().list()
    }
    #expect(names == ["a"])
  }
}

@Test func afterAFailedSyncNoLaterOneHelps() throws {
  // What the failed sync covered may be durable or not, whatever a later sync says.
  var seen: Set<UInt8> = []
  for seed in UInt64(0)..<60 {
    let byte = try simulate(seed: seed) { world in
      let device = deviceWithFile(world, sectors: 2)
      let file = try device.open("a")
      try file.write(sector(9), at: 0)
      device.inject(.error(failure), atCall: 1, of: .sync)
      await #expect(throws: failure) { try await file.sync() }
      try file.write(sector(8), at: 512)
      try await file.sync()
      #expect(try file.read(at: 0, count: 1) == [9])
      device.powerCut(.kept)
      let bytes = try device.restart().open("a").read(at: 0, count: .max)
      #expect(bytes[512] == 8)
      return bytes[0]
    }
    seen.insert(byte)
  }
  #expect(seen == [1, 9])
}

@Test func aFailedFolderSyncMayLoseNamesForGood() throws {
  var seen: Set<[String]> = []
  for seed in UInt64(0)..<60 {
    let names = try simulate(seed: seed) { world in
      let device = SimulatedDevice(world: world)
      _ = try device.create("a", count: 1)
      device.inject(.error(failure), atCall: 1, of: .syncFolder)
      await #expect(throws: failure) { try await device.syncFolder() }
      device.powerCut(.kept)
      return try device.restart().list()
    }
    seen.insert(names)
  }
  #expect(seen == [[], ["a"]])
}

@Test func afterAFailedFolderSyncNothingChangesUntilThePowerWasCut() throws {
  @Sendable func readOnly(_ call: DiskCall, _ file: String = "a") -> DeviceError {
    .failed("\(call) of \(file): read-only file system")
  }
  try simulate { world in
    let first = deviceWithFile(world, sectors: 1)
    let opened = try first.open("a")
    try opened.write([7], at: 0)
    first.inject(.error(failure), atCall: 1, of: .syncFolder)
    await #expect(throws: failure) { try await first.syncFolder() }
    // What was written before can still be read, by any process.
    for device in [first, first.secondProcess()] {
      #expect(try device.list() == ["a"])
      #expect(try device.open("a").read(at: 0, count: 2) == [7, 1])
    }
    for device in [first, first.secondProcess()] {
      let file = try device.open("a")
      #expect(throws: readOnly(.write)) { try file.write([8], at: 0) }
      #expect(throws: readOnly(.truncate)) { try file.truncate(to: 0) }
      await #expect(throws: readOnly(.sync)) { try await file.sync() }
      #expect(throws: readOnly(.create, "b")) { _ = try device.create("b", count: 1) }
      #expect(throws: readOnly(.rename)) { try device.rename("a", to: "b") }
      #expect(throws: readOnly(.remove)) { try device.remove("a") }
      await #expect(throws: readOnly(.syncFolder, "the folder")) { try await device.syncFolder() }
      #expect(try file.size() == 512)
    }
    // A new process finds the file system as it is; a power cut mounts it anew.
    first.kill()
    let second = first.restart()
    #expect(throws: readOnly(.remove)) { try second.remove("a") }
    second.powerCut(.kept)
    let third = second.restart()
    _ = try third.create("b", count: 1)
    try await third.syncFolder()
    #expect(try third.list() == ["a", "b"])
  }
}

@Test func bytesRotAtRest() throws {
  let device = deviceWithFile(World(seed: 1), sectors: 3)
  try device.flipBit(file: "a", offset: 5, bit: 3)
  try device.zeroSector(file: "a", offset: 600)
  let expected = sector(1)[..<5] + [1 ^ 8] + sector(1)[6...] + sector(0) + sector(3)
  #expect(try device.open("a").read(at: 0, count: .max) == Array(expected))
  #expect(try device.durableBytes(of: "a") == Array(expected))
  #expect(device.counts[.bitFlip] == 1 && device.counts[.zeroedSector] == 1)
  try device.replaceDurableBytes(of: "a", with: [4, 2])
  #expect(try device.open("a").read(at: 0, count: .max) == [4, 2])
  #expect(throws: DeviceError.notFound("b")) { try device.flipBit(file: "b", offset: 0, bit: 0) }
}

@Test func rotUnderANewerVersionHealsWithTheSync() throws {
  let bytes = try simulate { world in
    let device = deviceWithFile(world, sectors: 1)
    let file = try device.open("a")
    try file.write(sector(9), at: 0)
    try device.zeroSector(file: "a", offset: 0)
    #expect(try file.read(at: 0, count: 512) == sector(9))
    try await file.sync()
    return try device.durableBytes(of: "a")
  }
  #expect(bytes == sector(9))
}

@Test func aMisdirectedWriteHitsAnotherPlace() throws {
  let faults: DiskFaults = [.misdirectedWrite: 1]
  var victims: Set<String> = []
  for seed in UInt64(0)..<40 {
    let changed = try simulate(seed: seed) { world in
      var image = DiskImage()
      image["a"] = (1...8).flatMap { sector($0) }
      image["b"] = (11...18).flatMap { sector($0) }
      let device = SimulatedDevice(world: world, faults: faults, image: image)
      try device.open("a").write(sector(99), at: 512)
      try await device.open("a").sync()
      #expect(device.snapshot() == device.snapshot(.visible))
      #expect(device.counts[.misdirectedWrite] == 1)
      return ["a", "b"].flatMap { name in
        let bytes = device.snapshot()[name] ?? []
        return stride(from: 0, to: bytes.count, by: 512).filter { bytes[$0] == 99 }
          .map { "\(name)\($0 / 512)" }
      }
    }
    #expect(changed.count == 1)
    victims.formUnion(changed)
  }
  #expect(victims.contains { $0.hasPrefix("b") } && victims.count > 8)
}

@Test func everyFaultWithARateHappens() throws {
  for kind in DiskFaults.kinds {
    let faults = DiskFaults(dictionaryLiteral: (kind, 0.3))
    let count = try simulate { world in
      let device = deviceWithFile(world, sectors: 4, faults: faults)
      var current = device
      for number in 0..<40 {
        do throws(DeviceError) {
          let file = try current.open("a")
          try file.write([UInt8(number)], at: 600)
          _ = try file.read(at: 0, count: 10)
          try await file.sync()
          try current.rename("a", to: "a")
          try file.write([UInt8(number)], at: 700)
        } catch {
          #expect(error != .powerOff)
        }
        current.powerCut()
        current = current.restart()
      }
      return device.counts[kind]
    }
    #expect((3...80).contains(count), "\(kind): \(count)")
  }
}

@Test func aStallTakesTime() throws {
  var faults = DiskFaults.none
  faults[.stall] = 1
  faults.stall = .seconds(5)...(.seconds(6))
  let chosen = faults
  let now = try simulate { world in
    try await deviceWithFile(world, sectors: 1, faults: chosen).syncFolder()
    return world.now
  }
  #expect(now > .seconds(5) && now < .seconds(7))
}

@Test func aSwarmDrawsDifferentFaultsPerSeed() {
  var appearances: [Int] = DiskFaults.kinds.map { _ in 0 }
  for seed in UInt64(0)..<200 {
    var generator = SeededGenerator(seed: seed)
    let faults = DiskFaults.swarm(using: &generator)
    for (index, kind) in DiskFaults.kinds.enumerated() where faults[kind] > 0 {
      appearances[index] += 1
      #expect((0.00005...0.1).contains(faults[kind]))
    }
  }
  #expect(appearances.allSatisfy { (70...130).contains($0) })
  var generator = SeededGenerator(seed: 1)
  let some = DiskFaults.swarm(using: &generator, among: [.stall, .syncError])
  #expect(Set(some.enabled).isSubset(of: [.stall, .syncError]))
}

@Test func aDiskWithFaultsReplays() throws {
  // A history under a swarm of faults, twice per seed.
  @Sendable func play(seed: UInt64) throws -> UInt64 {
    let world = World(seed: seed)
    try world.run {
      var generator = world.random.split()
      let faults = DiskFaults.swarm(using: &generator)
      var device = deviceWithFile(world, sectors: 4, faults: faults)
      for round in 0..<20 {
        let current = device
        let name = "\(round)"
        await withTaskGroup(of: Void.self) { group in
          for number in 0..<4 {
            group.addTask {
              do {
                let file = try current.open("a")
                try file.write(sector(UInt8(number)), at: 512 * number)
                try await file.sync()
                if number == 0 { _ = try current.create(name, count: 100) }
                if number == 1 { try await current.syncFolder() }
              } catch {
                world.note("\(error)")
              }
            }
          }
          await world.sleep(for: .microseconds(world.random.number(below: 1000)))
          current.powerCut()
        }
        device = current.restart()
        world.note("\(try device.list()) \(try device.durableBytes(of: "a").hashOfBytes)")
      }
    }
    return world.fingerprint
  }
  var seen: Set<UInt64> = []
  for seed in UInt64(0)..<30 {
    let fingerprint = try play(seed: seed)
    #expect(try play(seed: seed) == fingerprint, "seed \(seed)")
    seen.insert(fingerprint)
  }
  #expect(seen.count == 30)
}

extension [UInt8] {
  /// Unlike `hashValue` the same in every process.
  fileprivate var hashOfBytes: UInt32 { Checksum.of(span.bytes) }
}
