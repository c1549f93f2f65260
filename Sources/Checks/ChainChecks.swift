import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import CorfuStages
import CorfuStripeMirror

/// Scenes as a seed draws them, played by parts under test and held against one promise.
struct SceneChecks<Writer: ChainWriting, Reader: ChainReading>: Sendable {
  /// How many scenes a seed plays: what goes wrong needs a certain order of requests.
  private var scenesMax: Int { 6 }

  /// What a promise is shown with.
  struct Setting: Sendable {
    /// The first client, which does what is to be built.
    var lead: ChainScene.Role
    /// Who may be there besides.
    var others: [ChainScene.Role]
    /// Whether clients die and entries are left half-written.
    var clientsDie = false
    /// Whether a replica dies, or an answer is lost.
    var replicasFail = false
  }

  func check(
    _ id: String,
    _ invariant: Invariant,
    _ setting: Setting,
    often: String,
    _ judge: @escaping @Sendable (ChainRecord) throws(CheckFailure) -> Void
  ) -> Check {
    Check(id, invariant, often: often) { seed throws(CheckFailure) in
      var random = SeededGenerator(seed: seed)
      var trace = CheckTrace(events: [], fingerprint: 0)
      for _ in 0..<scenesMax {
        let scene = draw(setting, &random)
        var choices = Choices(drawnBy: random.split())
        let record = try scene.play(Writer.self, Reader.self, &choices)
        try judge(record)
        trace = record.trace
      }
      return trace
    }
  }

  private func draw(_ setting: Setting, _ random: inout SeededGenerator) -> ChainScene {
    // Mostly short chains: a story of two replicas is easier to read.
    var scene = ChainScene(
      replicas: random.chance(0.7) ? 2 : 3,
      roles: [setting.lead, random.element(of: setting.others) ?? setting.lead]
    )
    if setting.clientsDie {
      scene.clientsDie = random.chance(0.5)
      if random.chance(0.5) { scene.orphaned = random.number(in: 1...scene.replicas - 1) }
      if scene.orphaned > 0, scene.roles.contains(.trimmer), random.chance(0.5) {
        scene.halfTrimmed = 1
      }
    }
    scene.replicasFail = setting.replicasFail
    return scene
  }
}

/// The reference's parts, but for the writer.
enum WriterParts<Writer: ChainWriting>: MirrorParts {
  typealias Tokens = Sequencer
  typealias Mapping = RoundRobin
  typealias Reader = ChainReader
}

/// The reference's parts, but for the reader.
enum ReaderParts<Reader: ChainReading>: MirrorParts {
  typealias Tokens = Sequencer
  typealias Mapping = RoundRobin
  typealias Writer = ChainWriter
}

/// Several clients of a log over many units in memory, with parts under test.
func withMirroredLogs<Parts: MirrorParts>(
  _ parts: Parts.Type,
  _ clients: Int,
  in world: World,
  _ body: @escaping @Sendable ([Stage3<MemoryDevice, Parts>.Log]) async throws -> Void
) async throws {
  var random = world.random.split()
  let stage = try await Stage3<MemoryDevice, Parts>.open(
    MirrorShape(stripes: random.number(in: 1...4), replicas: random.number(in: 1...3)),
    in: MemoryDevice(),
    limits: .small(segmentBytes: 8 << 10),
    using: &random,
    makeDevice: { _ in MemoryDevice() }
  )
  let logs = (0..<clients).map { _ in stage.client(using: &random) }
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await stage.run() }
    do {
      try await body(logs)
    } catch {
      try await stage.close()
      throw error
    }
    try await stage.close()
  }
}
