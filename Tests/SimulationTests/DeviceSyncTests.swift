import CorfuGlobalLog
import CorfuSimulation
import Testing

// Goal: a sync covers what was written before it was called, takes the time it should, and lets
// others work meanwhile. Method: `.lost` cuts show what is durable for sure.

private let oneMillisecond = DiskTiming(sync: .fixed(.milliseconds(1)))

@Test func aSyncCoversWhatWasWrittenBeforeIt() throws {
  let bytes = try simulate { world in
    let device = deviceWithFile(world, sectors: 3, timing: oneMillisecond)
    let file = try device.open("a")
    try file.write(sector(11), at: 0)
    async let synced: Void = file.sync()
    await world.sleep(for: .microseconds(500))
    // During the sync others read and write.
    try file.write(sector(12), at: 512)
    #expect(try file.read(at: 0, count: 1) == [11])
    #expect(device.snapshot()["a"]?.first == 1)
    try await synced
    #expect(world.now == .milliseconds(1))
    #expect(try file.read(at: 512, count: 1) == [12])
    device.powerCut(.lost)
    return try device.restart().open("a").read(at: 0, count: .max)
  }
  #expect(bytes == sector(11) + sector(2) + sector(3))
}

@Test func overlappingSyncsEachCoverTheirOwn() throws {
  for seed in UInt64(0)..<30 {
    try simulate(seed: seed) { world in
      let device = deviceWithFile(world, sectors: 8)
      let file = try device.open("a")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<8 {
          group.addTask {
            try file.write(sector(UInt8(100 + number)), at: 512 * number)
            try await file.sync()
            #expect(device.snapshot()["a"]?[512 * number] == UInt8(100 + number))
          }
        }
        try await group.waitForAll()
      }
    }
  }
}

@Test func aSyncTakesLatencyAndBandwidth() throws {
  let timing = DiskTiming(sync: .fixed(.milliseconds(1)), bytesPerSecond: 1_000_000)
  let times = try simulate { world in
    let device = SimulatedDevice(world: world, timing: timing)
    let file = try device.create("a", count: 0)
    var times: [Duration] = []
    for bytes in [0, 512_000] {
      let start = world.now
      try file.write([UInt8](repeating: 1, count: bytes), at: 0)
      try await file.sync()
      times.append(world.now - start)
    }
    device.timing.slowdown = 10
    let start = world.now
    try file.write([UInt8](repeating: 1, count: 51_200), at: 0)
    try await file.sync()
    times.append(world.now - start)
    return times
  }
  #expect(times == [.milliseconds(1), .milliseconds(513), .milliseconds(522)])
}

@Test func syncsAtOnceShareTheBandwidthButNotTheLatency() throws {
  let timing = DiskTiming(sync: .fixed(.milliseconds(1)), bytesPerSecond: 1_024_000)
  let now = try simulate { world in
    let device = SimulatedDevice(world: world, timing: timing)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<10 {
        group.addTask {
          let file = try device.create("\(number)", count: 0)
          try file.write([UInt8](repeating: 1, count: 10_240), at: 0)
          try await file.sync()
        }
      }
      try await group.waitForAll()
    }
    return world.now
  }
  #expect(now == .milliseconds(101))
}

@Test func latenciesComeFromTheirDistribution() throws {
  let timing = DiskTiming(
    sync: .longTail(
      .microseconds(100)...(.microseconds(200)),
      rare: .seconds(1)...(.seconds(2)),
      rate: 0.1
    )
  )
  let times = try simulate { world in
    let file = try SimulatedDevice(world: world, timing: timing).create("a", count: 0)
    var times: [Duration] = []
    for _ in 0..<500 {
      let start = world.now
      try await file.sync()
      times.append(world.now - start)
    }
    return times
  }
  let rare = times.filter { $0 >= .seconds(1) && $0 <= .seconds(2) }.count
  let typical = times.filter { $0 >= .microseconds(100) && $0 <= .microseconds(200) }.count
  #expect(rare + typical == 500)
  #expect((25...80).contains(rare))
}

@Test func namesAreDurableOnlyAfterTheFolderIsSynced() throws {
  let (before, after) = try simulate { world in
    let device = SimulatedDevice(world: world, timing: oneMillisecond)
    let file = try device.create("a", count: 4)
    try await file.sync()
    async let synced: Void = device.syncFolder()
    await world.sleep(for: .microseconds(500))
    try device.rename("a", to: "b")
    let before = device.snapshot().names
    try await synced
    device.powerCut(.lost)
    return (before, try device.restart().list())
  }
  #expect(before == [])
  #expect(after == ["a"])
}

@Test func whoHadTheFileOpenIsToldOnceThatWritingBackFailed() throws {
  let faults: DiskFaults = [.writeBackError: 1]
  let outcomes = try simulate { world in
    let device = deviceWithFile(world, sectors: 2, faults: faults)
    let before = try device.open("a")
    try before.write(sector(9), at: 0)
    device.faults = .none
    let after = try device.open("a")
    var outcomes: [Bool] = []
    for file in [after, before, before, after] {
      do throws(DeviceError) {
        try await file.sync()
        outcomes.append(true)
      } catch {
        outcomes.append(false)
      }
    }
    return outcomes
  }
  #expect(outcomes == [true, false, true, true])
}

@Test func whatCouldNotBeWrittenBackMayBeLostAndIsNotSyncedAgain() throws {
  var kept = 0
  for seed in 1...100 as ClosedRange<UInt64> {
    kept += try simulate(seed: seed) { world in
      let device = deviceWithFile(world, sectors: 2, faults: [.writeBackError: 1])
      let file = try device.open("a")
      try file.write(sector(9), at: 0)
      device.faults = .none
      let other = try device.open("a")
      try await other.sync()
      #expect(try other.read(at: 0, count: 1) == [9], "processes see it still")
      return try device.durableBytes(of: "a")[0] == 9 ? 1 : 0
    }
  }
  #expect((20...80).contains(kept))
}
