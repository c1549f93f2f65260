import Foundation
import Testing

@testable import CorfuBench

// Goal: the room is measured and the workloads run beside compaction.
// Method: `corfu bench compaction` with tiny sizes; of the figures only the room is judged, which
// is the same at every speed.

@Test("The benchmark of compaction runs, gives room back, and leaves nothing behind")
func compactionSmoke() async throws {
  // A parent of its own: the other benchmarks' folders have the same name.
  let parent = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
  defer { _ = rmdir(parent) }
  var sizes = CompactionBench.Sizes()
  sizes.spaceBytes = 4 << 20
  sizes.busyBytes = 4 << 20
  sizes.segmentBytes = 128 << 10
  let report = try await BenchFolder.with(in: parent) { folder in
    let rounds = Rounds(count: 1, duration: .milliseconds(20))
    return try await CompactionBench(in: folder, rounds: rounds, sizes: sizes).run()
  }
  #expect(report.figures.count == 12)
  #expect(report.figures.allSatisfy { $0.value > 0 && $0.value.isFinite })
  let after = try #require(report.figures.first { $0.name == "4 KiB, after" })
  #expect(after.verdict == .met, "\(after)")
}
