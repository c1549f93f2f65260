import Foundation
import Testing

@testable import CorfuBench

// Goal: every experiment runs, counts, and is drawn.
// Method: `corfu bench transactions` with tiny sizes; no figure is judged.

@Test("The transactions' benchmark runs, measures something everywhere, and leaves nothing behind")
func transactionSmoke() async throws {
  // A parent of its own: other benchmarks' folders have the same name.
  let parent = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
  defer { _ = rmdir(parent) }
  var sizes = TransactionBench.Sizes.quick
  // Keys so few that transactions are in each other's way.
  (sizes.keys, sizes.updates) = (20, 600)
  let (path, report) = try await BenchFolder.with(in: parent) { folder in
    let rounds = Rounds(count: 1, duration: .milliseconds(20))
    return (folder.path, try await TransactionBench(in: folder, rounds: rounds, sizes: sizes).run())
  }
  #expect(!FileManager.default.fileExists(atPath: path))
  #expect(report.sections.map(\.figures.count) == [1, 2, 4, 4, 4, 4, 1, 2])
  for figure in report.figures {
    // In so short a time there may have been no write besides.
    let isSure = figure.unit == .perSecond && !figure.name.hasSuffix("writes meanwhile")
    #expect(isSure ? figure.value > 0 : figure.value >= 0, "\(figure)")
    #expect(figure.unit == .perSecond ? figure.value.isFinite : figure.value <= 1, "\(figure)")
  }
  #expect(
    report.plots.map(\.name) == [
      "register-views", "transactions-goodput", "transactions-aborts", "transactions-partitions",
    ]
  )
  #expect(report.plots.allSatisfy { $0.drawing.svg.hasSuffix("</svg>\n") })
}

@Test("By default a map of a million updates is played, and there are 1 to 8 programs")
func transactionSizes() {
  let sizes = TransactionBench.Sizes()
  #expect(sizes.updates == 1_000_000)
  #expect(sizes.programs == [1, 2, 4, 8])
  #expect(sizes.percents.first == 0 && sizes.percents.last == 100)
}

@Test("Tries that were off are a part of all tries")
func abortShare() {
  var measurement = Measurement(operations: 30, bytes: 0, duration: .seconds(2))
  #expect(measurement.abortShare == 0)
  (measurement.aborts, measurement.besides) = (10, 50)
  #expect(measurement.abortShare == 0.25)
  #expect(measurement.besidesPerSecond == 25)
}
