import CorfuGlobalLog
import CorfuSimulation
import Synchronization

/// A log whose disk loses its power between two operations, now and then, and which is opened again
/// as if nothing had happened.
final class MortalLog: SharedLog {
  typealias Client = RacingLog<SimulatedDevice, TailRace>
  typealias Store = GroupCommit<SimulatedDevice>

  private struct Life: Sendable {
    var device: SimulatedDevice
    var store: Store
    var client: Client
    var random: SeededGenerator
    var deaths = 0
  }

  private static let limits = StoreLimits.small(segmentBytes: 8 << 10)

  private let world: World
  private let forgets: Bool
  private let life: Mutex<Life>
  private let births: AsyncStream<Store>.Continuation
  /// Each store that has to be run.
  let stores: AsyncStream<Store>

  /// Opens a log.
  ///
  /// One that `forgets` has an empty disk after a power cut.
  init(in world: World, forgets: Bool) async throws(StoreOpenError) {
    self.world = world
    self.forgets = forgets
    var random = world.random.split()
    let device = SimulatedDevice(world: world)
    let store = try await Store.open(device, limits: Self.limits, using: &random)
    (stores, births) = AsyncStream.makeStream()
    births.yield(store)
    life = Mutex(
      Life(
        device: device,
        store: store,
        client: Client(store: store, client: ClientID(using: &random)),
        random: random
      )
    )
  }

  /// How often the power went.
  var deaths: Int { life.withLock { $0.deaths } }

  /// Other clients of the same log, to which nothing happens.
  func peers(_ count: Int) -> [Client] {
    life.withLock { life in
      (0..<count).map { _ in
        Client(store: life.store, client: ClientID(using: &life.random))
      }
    }
  }

  func close() async throws(LogError) {
    births.finish()
    try await life.withLock { $0.store }.close()
  }

  /// The client to ask, perhaps of the next life.
  private func client() async throws(LogError) -> Client {
    let isLast = life.withLock { $0.random.chance(0.1) }
    if isLast { try await beReborn() }
    return life.withLock { $0.client }
  }

  private func beReborn() async throws(LogError) {
    var (device, store, random) = life.withLock { ($0.device, $0.store, $0.random.split()) }
    device.powerCut()
    do {
      try await store.settleLosses()
    } catch {
      // A store learns from its next write that its disk is gone, and ends.
      world.note("the power went: \(error)")
    }
    device = forgets ? SimulatedDevice(world: world) : device.restart()
    do {
      store = try await Store.open(device, limits: Self.limits, using: &random)
    } catch {
      throw .failed(.failed("not opened again: \(error)"))
    }
    births.yield(store)
    let client = Client(store: store, client: ClientID(using: &random))
    life.withLock { life in
      (life.device, life.store, life.client) = (device, store, client)
      life.deaths += 1
    }
  }

  func append(_ payload: [UInt8]) async throws(LogError) -> Position {
    try await client().append(payload)
  }

  func append(batch: [[UInt8]]) async throws(LogError) -> [Position] {
    try await client().append(batch: batch)
  }

  func read(_ position: Position) async throws(LogError) -> Slot {
    try await client().read(position)
  }

  func read(_ range: Range<Position>) async throws(LogError) -> [Slot] {
    try await client().read(range)
  }

  func fill(_ position: Position) async throws(LogError) -> Slot {
    try await client().fill(position)
  }

  func trim(_ position: Position) async throws(LogError) {
    try await client().trim(position)
  }

  func trimPrefix(before mark: Position) async throws(LogError) {
    try await client().trimPrefix(before: mark)
  }

  func tail() async throws(LogError) -> Position {
    try await client().tail()
  }
}
