import Foundation
import Testing

@testable import CorfuBench

// Goal: plots are the same for the same figures, tell their units, and can be read on a light and
// on a dark page. Method: one plot of a small report, letter by letter; of others what is special.

private func makeReport() -> Report {
  var report = Report(
    name: "some",
    machine: Machine(system: "Linux", processor: "arm64", cores: 2, fileSystem: "ext4")
  )
  report.plots = [
    Report.Plot(
      "appends",
      LinePlot(
        title: "Appends < & >",
        xTitle: "clients",
        xLabels: ["1", "16", "256"],
        yTitle: "appends per second",
        unit: .perSecond,
        lines: [
          LinePlot.Line("128 B", [1000, 10_000, 60_000]),
          LinePlot.Line("4 KiB", [600, 5000, 60_000]),
        ]
      )
    )
  ]
  return report
}

@Suite struct PlotTests {
  @Test func aPlotOfASmallReport() {
    #expect(
      makeReport().plots.map(\.drawing.svg) == [
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 400" width="640" height="400" \
        font-family="sans-serif" font-size="13" role="img">
        <title>Appends &lt; &amp; &gt;</title>
        <style>@media (prefers-color-scheme:dark){.paper{fill:#16191d}text{fill:#e6e6e6}\
        .grid{stroke:#3b4046}.mark{stroke:#a0a0a0}.line0{stroke:#6db3e8}.name0{fill:#6db3e8}\
        .line1{stroke:#f0955a}.name1{fill:#f0955a}.line2{stroke:#c89ad8}.name2{fill:#c89ad8}\
        .line3{stroke:#7fc37f}.name3{fill:#7fc37f}}</style>
        <rect class="paper" width="640" height="400" fill="#ffffff"/>
        <text x="84" y="24" font-weight="bold" font-size="15">Appends &lt; &amp; &gt;</text>
        <line class="grid" x1="84" y1="344" x2="470" y2="344" stroke="#dddddd"/>
        <text x="76" y="348" text-anchor="end">0</text>
        <line class="grid" x1="84" y1="270" x2="470" y2="270" stroke="#dddddd"/>
        <text x="76" y="274" text-anchor="end">20.0K/s</text>
        <line class="grid" x1="84" y1="196" x2="470" y2="196" stroke="#dddddd"/>
        <text x="76" y="200" text-anchor="end">40.0K/s</text>
        <line class="grid" x1="84" y1="122" x2="470" y2="122" stroke="#dddddd"/>
        <text x="76" y="126" text-anchor="end">60.0K/s</text>
        <line class="grid" x1="84" y1="48" x2="470" y2="48" stroke="#dddddd"/>
        <text x="76" y="52" text-anchor="end">80.0K/s</text>
        <text x="84" y="364" text-anchor="middle">1</text>
        <text x="277" y="364" text-anchor="middle">16</text>
        <text x="470" y="364" text-anchor="middle">256</text>
        <text x="277" y="388" text-anchor="middle">clients</text>
        <text x="0" y="0" text-anchor="middle" transform="translate(18 196) \
        rotate(-90)">appends per second</text>
        <polyline class="line0" points="84,340.3 277,307 470,122" fill="none" stroke="#1b6ca8" \
        stroke-width="2.5"/>
        <text x="478" y="126" class="name0" fill="#1b6ca8">128 B</text>
        <polyline class="line1" points="84,341.8 277,325.5 470,122" fill="none" \
        stroke="#c1571a" stroke-width="2.5" stroke-dasharray="7 4"/>
        <text x="478" y="142" class="name1" fill="#c1571a">4 KiB</text>
        </svg>

        """
      ]
    )
  }

  @Test func stepsAreTenTimesEachOther() {
    let plot = LinePlot(
      title: "How long",
      xTitle: "under way",
      xLabels: ["1", "64", "1,024"],
      yTitle: "time",
      unit: .seconds,
      isLogarithmic: true,
      lines: [LinePlot.Line("p50", [1.2e-3, 2e-3, 80e-3])]
    )
    for label in [">1.00 ms</text>", ">10.0 ms</text>", ">100 ms</text>"] {
      #expect(plot.svg.contains(label), "\(label)")
    }
    #expect(!plot.svg.contains(">1.00 s</text>"))
  }

  @Test(
    "The axis ends at a number whose quarters are short",
    arguments: [(1, 1), (1.1, 2), (3, 4), (7.9, 8), (8.1, 10), (60_000, 80_000), (0.03, 0.04)]
      as [(Double, Double)]
  )
  func roundEnd(value: Double, expected: Double) {
    #expect(abs(LinePlot.roundEnd(above: value) - expected) < 1e-9 * expected)
  }

  @Test(arguments: [true, false])
  func nothingAndWhatIsNoNumberCanBeDrawn(isLogarithmic: Bool) {
    let cases: [[Double]] = [[], [0], [.infinity, .nan]]
    for values in cases {
      let plot = LinePlot(
        title: "Nothing",
        xTitle: "x",
        xLabels: values.map { "\($0)" },
        yTitle: "y",
        unit: .share,
        isLogarithmic: isLogarithmic,
        lines: [LinePlot.Line("it", values)]
      )
      #expect(plot.svg.hasSuffix("</svg>\n"), "\(values)")
    }
  }

  @Test func eachPlotGetsAFileInAFolderThatIsMade() throws {
    let parent = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
    defer { removeItem(parent) }
    try PlotFolder(parent + "/plots").write(makeReport().plots)
    let text = try String(contentsOfFile: parent + "/plots/appends.svg", encoding: .utf8)
    #expect(text == makeReport().plots.first?.drawing.svg)
  }

  @Test func aFolderThatCannotBeMadeIsToldOfBeforeAnythingIsMeasured() throws {
    let file = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
    try "x".write(toFile: file, atomically: true, encoding: .utf8)
    defer { removeItem(file) }
    #expect(throws: BenchError.self) { try PlotFolder(file + "/plots") }
  }
}

private func removeItem(_ path: String) {
  // The system empties its folder for temporary files in any case.
  try? FileManager.default.removeItem(atPath: path)
}
