// Goal: the figures of chapter 3 are what its text says, on every machine. Method: shorter runs of
// the same workloads in virtual time; the plot's bytes, twice.
import Testing

@testable import CorfuBench

@Suite struct StripeBenchTests {
  @Test func appendsGrowWithTheStripes() throws {
    let rates = try [1, 2, 4].map { stripes in
      try StripedWorkload(stripes: stripes, clients: 64).run(.append, for: .milliseconds(40))
        .operationsPerSecond
    }
    #expect(rates[1] >= 1.7 * rates[0])
    #expect(rates[2] >= 3.4 * rates[0])
  }

  @Test func readsGrowWithTheStripes() throws {
    let rates = try [1, 4].map { stripes in
      try StripedWorkload(stripes: stripes, clients: 16).run(.read, for: .milliseconds(40))
        .operationsPerSecond
    }
    #expect(rates[1] >= 3.6 * rates[0])
  }

  @Test func turnsKeepAllDisksBusyAndKeysDoNot() throws {
    let busy = try PlacementModel.Placement.allCases.map { placement in
      try PlacementModel(placement: placement, disks: 16, clients: 16)
        .busyDisks(for: .milliseconds(200))
    }
    #expect(busy[0] > 15.9)
    #expect(busy[1] > 7 && busy[1] < 13)
    #expect(busy[2] < busy[1])
  }

  @Test func aPlotIsTheSameTwice() {
    let plot = LinePlot(
      title: "Busy",
      xTitle: "disks",
      xLabels: ["1", "2"],
      yTitle: "percent",
      yMax: 100,
      lines: [.init("in turns", [100, 100]), .init("by key", [100, 74.26])]
    )
    #expect(plot.svg == plot.svg)
    #expect(plot.svg.contains("points=\"64,48 470,124.2\""))
    #expect(plot.svg.hasSuffix("</svg>\n"))
  }
}
