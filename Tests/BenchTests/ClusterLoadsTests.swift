import Foundation
import Testing

@testable import CorfuBench

// Goal: loads of several kinds are made of what they say.
// Method: count them; a real cluster is loaded by `corfu bench cluster --quick` (ClusterTests).

@Suite struct ClusterLoadsTests {
  @Test(arguments: [0, 50, 90, 100])
  func aMixHasItsShareOfReads(percent: Int) {
    for caller in 0..<64 {
      let reads = (0..<100).count { ClusterLoads.isRead(caller, $0, percent: percent) }
      #expect(reads == percent)
    }
    // Nor do all callers read at once, and all append at once.
    let together = (0..<100).map { turn in
      (0..<64).count { ClusterLoads.isRead($0, turn, percent: percent) }
    }
    let (least, most) = (together.min() ?? 0, together.max() ?? 0)
    #expect(least >= 64 * percent / 100 - 16 && most <= 64 * percent / 100 + 16)
  }

  @Test(arguments: [1, 2, 1000, 20_000])
  func aScatteredOrderMeetsEachPlaceOnce(count: Int) {
    let order = ScatteredOrder(count: count)
    #expect(Set((0..<count).map(order.place)) == Set(0..<count))
    // It begins anew.
    #expect(order.place(count) == order.place(0))
  }

  @Test func neighboursAreFarApart() {
    let order = ScatteredOrder(count: 20_000)
    for turn in 1..<20_000 {
      #expect(abs(order.place(turn) - order.place(turn - 1)) > 1000)
    }
  }

  @Test func aStopSignStays() {
    let sign = StopSign()
    #expect(!sign.isSet)
    sign.set()
    #expect(sign.isSet)
  }

  @Test func theShortFormHasEveryLoadAndNoDeaths() {
    let (quick, whole) = (ClusterBench.Sizes.quick, ClusterBench.Sizes())
    #expect(quick.isQuick && !whole.isQuick)
    #expect(quick.deaths == 0)
    #expect(quick.readPercents == whole.readPercents && whole.readPercents == [50, 90])
    // Mixes are held against appends with as many under way.
    for sizes in [quick, whole] {
      #expect(sizes.outstanding.contains(sizes.callers))
      #expect(sizes.payloads.contains(ClusterLoads.entryBytes))
    }
  }
}

@Suite struct PageCacheTests {
  @Test(.enabled(if: PageCache.canForget, "this system does no such thing"))
  func whatIsForgottenIsStillThere() throws {
    let parent = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: parent + "/below",
      withIntermediateDirectories: true
    )
    // The system empties its folder for temporary files in any case.
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let disk = DiskBaselines(folder: BenchFolder(path: parent + "/below"))
    let file = try disk.makeReadFile(bytes: 4 << 20)
    try PageCache.forget(below: parent)
    var block = [UInt8](repeating: 0, count: 4096)
    try file.read(into: &block, at: 1 << 20)
    #expect(block.allSatisfy { $0 == 4 })
    let measurement = try disk.readColdly(file, bytes: 4 << 20, for: .seconds(60))
    // Each place once, and then it is over.
    #expect(measurement.operations == 1024)
    #expect(measurement.latencies.count == 1024)
  }

  @Test(.enabled(if: PageCache.canForget, "this system does no such thing"))
  func aFolderThatIsNotThereHasNothingToForget() throws {
    try PageCache.forget(below: FileManager.default.temporaryDirectory.path + "/nothing-is-here")
  }
}
