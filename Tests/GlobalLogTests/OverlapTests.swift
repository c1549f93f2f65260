// Goal: what is staged while a commit is on its way keeps every rule.
// Method: a store on a device in memory, driven by hand; then the bytes of its segment.
@testable import CorfuGlobalLog
import CorfuSimulation
import Testing

struct OverlapTests {
  @Test("R2: what a large commit carries is readable after its sync, what it stages after the next")
  func stagingMeanwhile() async throws {
    let store = try await openStore(MemoryDevice())
    #expect(try store.stageWrite(RecordDraft(0, bytes: 600)) == .staged)
    var meanwhile: [Result<SegmentStore<MemoryDevice>.Staging, LogError>] = []
    var seen: [Position] = []
    try await store.commit {
      seen.append(store.reader.tail)
      for number in 0...1 {
        meanwhile.append(
          Result { () throws(LogError) in try store.stageWrite(RecordDraft(number)) }
        )
      }
    }
    #expect(meanwhile == [.success(.busy), .success(.staged)])
    #expect(seen == [.zero])
    #expect(try store.reader.read(.zero) == data(0, bytes: 600))
    #expect(try store.reader.read(Position(1)) == .empty)
    try await store.commit()
    #expect(try store.reader.read(Position(1)) == data(1))
  }

  @Test("D6: a record staged before the batch ahead of it was durable claims it when it is written")
  func claimsTheBatchAhead() async throws {
    let device = MemoryDevice()
    let store = try await openStore(device)
    #expect(try store.stageWrite(RecordDraft(0)) == .staged)
    let commit = try #require(try store.begin())
    #expect(try store.stageWrite(RecordDraft(1, bytes: 41)) == .staged)
    #expect(try store.stageTrim(Position(7)) == .staged)
    await commit.file.sync()
    try store.finish(commit)
    try await store.commit()

    let bytes = commit.file.read(at: 0, count: commit.file.size())
    let scan = SegmentScan(
      bytes.span.bytes,
      unit: store.reader.identity.unit,
      segment: store.active.builder.number,
      durable: SegmentHeader.recordsBegin
    )
    #expect(scan.found.map(\.header.position) == [.zero, Position(1), Position(7)])
    #expect(scan.found.dropFirst().allSatisfy { $0.header.durable == commit.end })
  }
}
