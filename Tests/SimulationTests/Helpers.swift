import CorfuGlobalLog
import CorfuSimulation

/// Bytes for `write`.
extension SimulatedFile {
  func write(_ bytes: [UInt8], at offset: Int) throws(DeviceError) {
    try write(bytes.span.bytes, at: offset)
  }
}

/// What a run failed with; `nil` if it did not.
func failure(
  seed: UInt64 = 1,
  stepsMax: Int = World.stepsMaxDefault,
  _ body: @escaping @Sendable (World) async throws -> Void
) -> WorldFailure? {
  let world = World(seed: seed)
  do throws(WorldFailure) {
    try world.run(stepsMax: stepsMax) { try await body(world) }
    return nil
  } catch {
    return error
  }
}

/// Runs a body in a world of its own and returns what it returns.
func simulate<Value: Sendable>(
  seed: UInt64 = 1,
  _ body: @escaping @Sendable (World) async throws -> Value
) throws -> Value {
  let world = World(seed: seed)
  return try world.run { try await body(world) }
}

/// A sector full of one byte.
func sector(_ byte: UInt8) -> [UInt8] {
  [UInt8](repeating: byte, count: 512)
}

/// A device with one durable file "a" of so many sectors, each filled with its number and one more.
func deviceWithFile(
  _ world: World,
  sectors: Int,
  timing: DiskTiming = DiskTiming(),
  faults: DiskFaults = .none
) -> SimulatedDevice {
  var image = DiskImage()
  image["a"] = (0..<sectors).flatMap { sector(UInt8($0 + 1)) }
  return SimulatedDevice(world: world, timing: timing, faults: faults, image: image)
}
