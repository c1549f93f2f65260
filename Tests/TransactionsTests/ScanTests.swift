import CorfuClient
import CorfuGlobalLog
import CorfuSequencer
import CorfuSimulation
import Testing

@testable import CorfuTransactions

/// Goal: who comes late and reads the log as it stands has the objects that pointers lead to, and
/// reads nothing twice (R31, R32).
///
/// Method: logs drawn from seeds, each opened both ways.
@Suite("Reading a dense log as it stands")
struct ScanTests {
  /// A log of two objects and of others' entries, with holes, junk and trims here and there.
  private func drawn(from seed: UInt64) async throws -> ModelStreams {
    var random = SeededGenerator(seed: seed)
    let log = ModelStreams()
    let writer = ModelRuntime(over: log)
    let stock = try await writer.object("stock", of: Stock.self)
    let other = try await writer.object("other", of: Stock.self)
    let foreigners = random.number(below: 4)
    var foreign: [Position] = []
    for number in 0..<(20 + random.number(below: 120)) {
      switch random.number(below: 10) {
      case 0..<foreigners: foreign.append(try await log.append([1]))
      case 4: _ = log.leaveHoles(1 + random.number(below: 2), in: [stock.stream])
      case 5, 6: try await other.update(.add("b", number))
      default: try await stock.update(.add("a", number))
      }
      if random.number(below: 40) == 0, let place = foreign.randomElement(using: &random) {
        try await log.trim(place)
      }
    }
    if random.number(below: 3) == 0 {
      for object in [stock, other] { try await writer.checkpoint(object) }
      try await writer.trim()
      for number in 0..<random.number(below: 60) { try await stock.update(.add("a", number)) }
    }
    return log
  }

  private func runtime(
    over log: ModelStreams,
    scanMin: Int,
    chunkMax: Int
  ) -> ModelRuntime {
    var limits = RuntimeLimits()
    (limits.scanMin, limits.chunkMax) = (scanMin, chunkMax)
    return ModelRuntime(over: log, limits: limits)
  }

  @Test("R31: it finds what pointers find", arguments: 0..<60)
  func sameAsPointers(seed: UInt64) async throws {
    let log = try await drawn(from: seed)
    let walked = runtime(over: log.client(2), scanMin: .max, chunkMax: 7)
    let stock = try await walked.object("stock", of: Stock.self)
    let other = try await walked.object("other", of: Stock.self)
    for chunkMax in [1, 2, 5, 64, 1000] {
      let scanned = runtime(over: log.client(3), scanMin: 1, chunkMax: chunkMax)
      let sameStock = try await scanned.object("stock", of: Stock.self)
      let sameOther = try await scanned.object("other", of: Stock.self)
      #expect(try sameStock.peek { $0.all } == stock.peek { $0.all })
      #expect(try sameOther.peek { $0.all } == other.peek { $0.all })
      #expect(scanned.seen == walked.seen)
    }
  }

  @Test("R31: what was given up is told alike, read as it stands or by pointers")
  func losses() async throws {
    let log = ModelStreams()
    let stock = try await ModelRuntime(over: log).object("stock", of: Stock.self)
    for number in 0..<50 { try await stock.update(.add("a", number)) }
    log.giveUp([Position(20)])
    for scanMin in [1, .max] {
      let late = runtime(over: log.client(2), scanMin: scanMin, chunkMax: 8)
      await #expect(throws: ObjectError.log(.lost(Position(20)))) {
        _ = try await late.object("stock", of: Stock.self).peek { $0.all }
      }
    }
  }

  /// How many positions a newcomer reads of a log of 2,000 updates of one object.
  private func reads(scanMin: Int, foreigners: Int) async throws -> (reads: Int, log: Int) {
    let log = ModelStreams()
    let stock = try await ModelRuntime(over: log).object("stock", of: Stock.self)
    for number in 0..<2000 {
      for _ in 0..<foreigners { _ = try await log.append([1]) }
      try await stock.update(.add("a", number))
    }
    // So that it seems to be dense at its end.
    for number in 0..<4 { try await stock.update(.add("a", number)) }
    let late = runtime(over: log.client(2), scanMin: scanMin, chunkMax: 256)
    let before = log.readCount
    _ = try await late.object("stock", of: Stock.self)
    return (log.readCount - before, Position.zero.distance(to: try await log.tail()))
  }

  @Test("R31: who opens a small object beside a busy one does not read the whole log")
  func sparseBesideBusy() async throws {
    let log = ModelStreams()
    let writer = ModelRuntime(over: log)
    let busy = try await writer.object("busy", of: Stock.self)
    let small = try await writer.object("small", of: Stock.self)
    try await small.update(.add("a", 1))
    for number in 0..<3000 { try await busy.update(.add("a", number)) }
    let late = ModelRuntime(over: log.client(2))
    _ = try await late.object("busy", of: Stock.self)
    for number in 0..<20 { try await busy.update(.add("a", number)) }
    let before = log.readCount
    let same = try await late.object("small", of: Stock.self)
    #expect(try same.peek { $0["a"] } == 1)
    #expect(log.readCount - before < 1000)
  }

  @Test("R31: a dense log is read once, and of a sparse one no more than a stretch too much")
  func readsOnce() async throws {
    let dense = try await reads(scanMin: 1024, foreigners: 0)
    let walked = try await reads(scanMin: .max, foreigners: 0)
    #expect(dense.reads < dense.log + 300)
    #expect(walked.reads > dense.log * 3 / 2)
    let sparse = try await reads(scanMin: 1024, foreigners: 20)
    let pointers = try await reads(scanMin: .max, foreigners: 20)
    #expect(sparse.reads <= pointers.reads + 2 * 256)
    #expect(sparse.reads < sparse.log)
  }
}

@Suite("How often transactions are off lately")
struct AbortShareTests {
  @Test("It is high while more than every eighth is off, and falls again")
  func share() {
    var share = AbortShare()
    #expect(!share.isHigh)
    for _ in 0..<4 { share.note(isOff: true) }
    #expect(share.isHigh)
    for _ in 0..<64 { share.note(isOff: false) }
    #expect(!share.isHigh)
    for number in 0..<400 { share.note(isOff: number.isMultiple(of: 3)) }
    #expect(share.isHigh)
    for number in 0..<400 { share.note(isOff: number.isMultiple(of: 20)) }
    #expect(!share.isHigh)
    for _ in 0..<10_000 { share.note(isOff: true) }
    #expect(share.share <= AbortShare.whole)
    for _ in 0..<10_000 { share.note(isOff: false) }
    #expect(share.share >= 0)
  }
}
