// Goal: a trim and a copy of one position may meet in any order, with a crash behind any step: the
// trim holds once it was acknowledged, and until then the value is there. Method: every order of
// the steps of both, on a store that is driven by hand; after each step, the folder as a power cut
// and as a kill would leave it is opened.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct InterleavingTests {
  /// One step of the two procedures, or the store's turn.
  enum Step: Hashable {
    /// Somebody asks for the trim.
    case trim
    /// Compaction reads what is live in the segment.
    case read
    /// Compaction hands it to the store.
    case copy
    /// What only the segment says is said again.
    case restate
    /// What is staged becomes durable.
    case commit
    /// Compaction asks whether the segment can go; then it goes.
    case retire
  }

  private static let limits = StoreLimits.small(segmentBytes: 8 << 10)
  private static let subject = Position(5)

  /// Every order in which compaction's steps, a trim and some commits can come.
  private static func orders() -> [[Step]] {
    var found: Set<[Step]> = []
    let compaction: [Step] = [.read, .copy, .restate, .commit, .retire]
    for trim in 0...compaction.count {
      var order = compaction
      order.insert(.trim, at: trim)
      for first in 0...order.count {
        for second in first...order.count {
          var commits = order
          commits.insert(.commit, at: second)
          commits.insert(.commit, at: first)
          found.insert(commits)
        }
      }
    }
    return Array(found)
  }

  @Test func everyOrder() throws {
    let orders = Self.orders()
    #expect(orders.count > 60)
    for order in orders {
      let world = World(seed: 3)
      try world.run { try await Self.play(order, in: world) }
    }
  }

  private static func play(_ order: [Step], in world: World) async throws {
    let device = SimulatedDevice(world: world)
    var random = SeededGenerator(seed: 1)
    let store = try await SegmentStore.open(device, limits: limits, using: &random)
    var number = 0
    while store.reader.segments.isEmpty {
      let draft = RecordDraft(
        entry(number),
        at: position(number),
        epoch: .zero,
        bodySum: RecordDraft.bodySum(of: entry(number))
      )
      switch try store.stageWrite(draft) {
      case .segmentFull:
        try await store.commit()
        try await store.roll()
      default: number += 1
      }
      guard number == 3 else { continue }
      try await store.commit()
      #expect(try store.stageTrim(position(1)) == .staged)
    }
    try await store.commit()
    var play = Play(store: store, device: device, world: world)
    for step in order {
      try await play.take(step)
      try await play.judge("\(order), after \(step)")
    }
    try await play.finish()
    try await play.judge("\(order), in the end")
  }

  /// The store, and what was asked of it so far.
  private struct Play {
    let store: SegmentStore<SimulatedDevice>
    let device: SimulatedDevice
    let world: World
    private var portion: LiveReading<SimulatedDevice>.Portion?
    /// A trim that found the position busy is asked for again.
    private var wantsTrim = false
    private var isTrimStaged = false
    private var isTrimmed = false

    init(store: SegmentStore<SimulatedDevice>, device: SimulatedDevice, world: World) {
      self.store = store
      self.device = device
      self.world = world
    }

    mutating func take(_ step: Step) async throws {
      switch step {
      case .trim: try askForTrim()
      case .read:
        guard let segment = store.reader.closedSegments.first(where: { $0.number == 0 }) else {
          return
        }
        var reading = LiveReading(segment, of: store.reader)
        portion = try reading.portion(from: .zero, bytesMax: .max)
      case .copy:
        for draft in portion?.drafts ?? [] {
          let staging = try store.stageCopy(draft)
          #expect(staging == .staged || staging == .refused(.trimmed))
        }
      case .restate:
        guard let pieces = try store.reader.remains(of: 0)?.pieces(countMax: 16) else { return }
        let run = RestatementRun(segment: 0, pieces: pieces, ahead: RestatementRun.Room(of: pieces))
        var done = 0
        #expect(try store.stageRestatement(run, &done) != .segmentFull)
      case .commit:
        try await store.commit()
        isTrimmed = isTrimStaged
        if wantsTrim { try askForTrim() }
      case .retire:
        let bytes = 0
        guard try store.proveCopied(0, from: 0) == .proven,
          let remains = try store.reader.remains(of: 0),
          try store.proveRestated(remains, from: 0) == .proven
        else { return }
        try await store.commit()
        isTrimmed = isTrimStaged
        try await store.removeRetired(0, bytes: bytes)
      }
    }

    private mutating func askForTrim() throws {
      let staging = try store.stageTrim(subject)
      #expect(staging == .staged || staging == .busy)
      wantsTrim = staging == .busy
      isTrimStaged = isTrimStaged || staging == .staged
    }

    mutating func finish() async throws {
      for _ in 0..<2 { try await take(.commit) }
      #expect(isTrimmed)
      if store.reader.segments.contains(where: { $0.segment == 0 }) {
        for step in [Step.read, .copy, .restate, .commit, .retire] { try await take(step) }
      }
      #expect(!store.reader.segments.contains { $0.segment == 0 }, "the segment can go in the end")
    }

    func judge(_ when: String) async throws {
      try judge(store.reader, "\(when), live")
      for view in [SimulatedDevice.SnapshotView.durable, .visible] {
        let copy = SimulatedDevice(world: world, image: device.snapshot(view))
        var random = SeededGenerator(seed: 2)
        let store = try await SegmentStore.open(copy, limits: limits, using: &random)
        try judge(store.reader, "\(when), \(view)", wasCrash: true)
      }
    }

    private func judge(
      _ reader: StoreReader<SimulatedDevice>,
      _ when: String,
      wasCrash: Bool = false
    ) throws {
      let slot = try reader.read(subject)
      // What is staged is not durable; after a crash it may be there all the same.
      let mayBe = isTrimmed ? [.trimmed] : wasCrash ? [data(5), .trimmed] : [data(5)]
      #expect(mayBe.contains(slot), "\(when)")
      #expect(try reader.read(position(1)) == .trimmed, "\(when)")
      #expect(try reader.read(position(7)) == data(7), "\(when)")
    }
  }
}
