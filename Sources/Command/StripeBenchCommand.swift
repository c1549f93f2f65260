import ArgumentParser
import CorfuBench
import Foundation

/// `corfu bench stripes`: what more disks bring.
struct StripeBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stripes",
    abstract: "Measure appends and reads over 1 to 8 stripes, and entries placed by key.",
    discussion: """
      Simulated disks of fixed speed in virtual time: the figures are the same on every machine.
      """
  )

  @Option(help: ArgumentHelp("Write a plot for chapter 3 to this file.", valueName: "svg"))
  var plot: String?

  @Flag(help: "Print a JSON document.")
  var json = false

  func run() async throws {
    let progress = BenchProgress()
    let bench = StripeBench { progress.show($0) }
    do {
      if let plot {
        let svg = try bench.plot().svg
        try svg.write(toFile: plot, atomically: true, encoding: .utf8)
        progress.clear()
        return print("wrote \(plot)")
      }
      let report = try bench.run()
      progress.clear()
      print(json ? ReportJSON(report).text : ReportTable(report).text, terminator: "")
    } catch {
      progress.clear()
      progress.complain("corfu: \(error)")
      throw ExitCode(1)
    }
  }
}
