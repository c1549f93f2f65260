import ArgumentParser
import CorfuBench

/// Where a benchmark puts what it has to say: to standard output, and plots into a folder.
struct BenchOutput {
  private let isJSON: Bool
  private let plots: PlotFolder?

  /// Takes up the folder, so that nobody measures for nothing.
  init(json: Bool, plots: String?) throws {
    isJSON = json
    self.plots = try plots.map { path in try PlotFolder(path) }
  }

  /// Prints a report, and writes its plots.
  func write(_ report: Report) throws {
    print(isJSON ? ReportJSON(report).text : ReportTable(report).text, terminator: "")
    guard let plots else { return }
    try plots.write(report.plots)
    // A JSON document is all that a program expects.
    if !isJSON { print("wrote \(report.plots.count) plots to \(plots.path)") }
  }
}

/// The option that all benchmarks with plots have.
struct PlotOptions: ParsableArguments {
  @Option(
    name: .customLong("plots"),
    help: ArgumentHelp("Write plots of the figures to this folder, as SVG files.", valueName: "dir")
  )
  var folder: String?
}
