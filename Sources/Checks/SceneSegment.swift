import CorfuCopyCompaction
import CorfuGlobalLog
import CorfuSimulation
import Synchronization

/// A segment that does as it is told: it writes down what is durable, and removes itself whatever
/// is not.
final class SceneSegment: MovableSegment {
  /// What happened to the segment.
  struct Scene: Sendable {
    var random: SeededGenerator
    /// What is live in it.
    var live: [Position]
    /// The positions that only it says are trimmed.
    var said: [Position]
    /// Copies that a crash would take, and those that it would not.
    var staged: Set<Position> = []
    var durable: Set<Position> = []
    var isRestatementStaged = false
    var isRestated = false
    var isRemoved = false
    var copied = 0
    var syncs = 0
    /// After how many calls the store refuses; never where `nil`.
    var callsLeft: Int?
    /// Whether the store keeps the segment when it is to be removed, and says so.
    var isKept = false
    var hasFailed = false
    var calls = 0
    var callsAfterFailure = 0
    /// What was live, or said, nowhere else when the segment was removed.
    var lostRecords: [Position] = []
    var lostTrims: [Position] = []
    var events: [String] = []
  }

  private let scene: Mutex<Scene>

  init(_ seed: UInt64, fails: Bool, isKept: Bool = false) {
    var random = SeededGenerator(seed: seed)
    let live = (0..<16).filter { _ in random.chance(0.4) }.map { Position(UInt64($0)) }
    let said = (20..<24).filter { _ in random.chance(0.4) }.map { Position(UInt64($0)) }
    let callsLeft = fails ? random.number(below: 6) : nil
    var scene = Scene(random: random, live: live, said: said, callsLeft: callsLeft)
    scene.isKept = isKept
    scene.note("live in the segment: \(live.told); trimmed, as it says: \(said.told)")
    self.scene = Mutex(scene)
  }

  /// All that happened.
  var content: Scene { scene.withLock { $0 } }

  func copy(from position: Position) async throws(CompactionError) -> RelocationStep {
    try scene.withLock { scene throws(CompactionError) in
      try scene.begin("copy(from: \(position))")
      if scene.random.chance(0.2) { scene.trimOne() }
      let rest = scene.live.filter { $0 >= position }
      let now = Array(rest.prefix(scene.random.number(in: 1...4)))
      scene.staged.formUnion(now)
      scene.copied += now.count
      let next = now.count < rest.count ? rest[now.count] : nil
      let told = next.map { "next \($0)" } ?? "that was all"
      scene.note("copy(from: \(position))  <- \(now.told) staged, \(told)")
      return RelocationStep(records: now.count, bytes: now.count * 100, next: next)
    }
  }

  func restate() async throws(CompactionError) {
    try scene.withLock { scene throws(CompactionError) in
      try scene.begin("restate()")
      scene.isRestatementStaged = true
      scene.note("restate()  <- \(scene.said.told) staged")
    }
  }

  func sync() async throws(CompactionError) {
    try scene.withLock { scene throws(CompactionError) in
      try scene.begin("sync()")
      scene.syncs += 1
      scene.durable.formUnion(scene.staged)
      scene.isRestated = scene.isRestated || scene.isRestatementStaged
      let trims = scene.isRestated && !scene.said.isEmpty ? "; trims \(scene.said.told)" : ""
      scene.note("sync()  <- durable: \(scene.durable.sorted().told)\(trims)")
    }
  }

  func remove() async throws(CompactionError) -> Bool {
    try scene.withLock { scene throws(CompactionError) in
      try scene.begin("remove()")
      if scene.isKept {
        scene.note("remove()  <- false: the store keeps it")
        return false
      }
      if !scene.isRemoved {
        scene.lostRecords = scene.live.filter { !scene.durable.contains($0) }
        scene.lostTrims = scene.isRestated ? [] : scene.said
      }
      scene.isRemoved = true
      scene.note("remove()  <- gone, and with it all that is not durable elsewhere")
      return true
    }
  }
}

extension SceneSegment.Scene {
  mutating func note(_ event: String) { events.append(event) }

  /// More calls than any segment is worth.
  private static let callsMax = 200

  /// Whether the procedure came to no end by itself.
  var isEndless: Bool { calls > Self.callsMax }

  fileprivate mutating func begin(_ call: String) throws(CompactionError) {
    calls += 1
    if isEndless { throw .cancelled }
    if hasFailed { callsAfterFailure += 1 }
    if let left = callsLeft {
      guard left > 0 else {
        hasFailed = true
        note("\(call)  <- the disk is full")
        throw .store(.outOfSpace)
      }
      callsLeft = left - 1
    }
  }

  /// Somebody trims a position meanwhile; that is durable elsewhere.
  fileprivate mutating func trimOne() {
    guard let position = random.element(of: live) else { return }
    live.removeAll { $0 == position }
    note("somebody trims \(position); the open segment says so, durably")
  }
}

extension [Position] {
  /// For stories.
  fileprivate var told: String {
    isEmpty ? "nothing" : map(\.description).joined(separator: " ")
  }
}
